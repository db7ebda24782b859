import Limits
import MongoDB

/// Channels of which a transaction changes who is a member, or which listing they are about.
///
/// Noted in the collection `figure_days`, in one document a part, with a number and the latest of these channels: whoever
/// remembers members knows by it whose to read again.
struct MemberChanges: Sendable, Equatable {
    private var channels: Set<String> = []
    /// Of any channel others may be members.
    private var isEvery = false

    static let (idPrefix, numberField, channelField) = ("members/", "n", "c")
    static let most = Limits.Figures().memberChangesTold

    var isEmpty: Bool { channels.isEmpty && !isEvery }

    mutating func note(_ cid: String) { channels.insert(cid) }

    mutating func noteEvery() { isEvery = true }

    /// - Parameter step: as that of ``FigureDays``.
    func updates(part: Int, step: Int64) -> [MongoUpdate] {
        guard !isEmpty else { return [] }
        var change = BSONDocument()
        change.append("$inc") { $0.append(Self.numberField, step) }
        LatestChanges.note(isEvery ? [] : channels, step: step, most: Self.most, in: &change) {
            $1.append(Self.channelField, $0)
        }
        return [MongoUpdate(filter: .id(Self.idPrefix + "\(part)"), update: change, upsert: true)]
    }
}
