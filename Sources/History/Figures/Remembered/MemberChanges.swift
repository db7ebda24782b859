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

    static let (idPrefix, numberField, latestField) = ("members/", "n", "l")
    static let (channelField, stepField) = ("c", "s")
    static let most = Limits.Figures().memberChangesTold

    var isEmpty: Bool { channels.isEmpty && !isEvery }

    mutating func note(_ cid: String) { channels.insert(cid) }

    mutating func noteEvery() { isEvery = true }

    /// - Parameter step: as that of ``FigureDays``.
    func updates(part: Int, step: Int64) -> [MongoUpdate] {
        guard !isEmpty else { return [] }
        var change = BSONDocument()
        change.append("$inc") { $0.append(Self.numberField, step) }
        if isEvery || channels.count > Self.most {
            // Nobody finds what they knew at the end of this list.
            change.append("$set") { $0.append(Self.latestField) { (_: inout BSONArray) in } }
        } else {
            change.append("$push") { $0.append(Self.latestField) { append(step, to: &$0) } }
        }
        return [MongoUpdate(filter: .id(Self.idPrefix + "\(part)"), update: change, upsert: true)]
    }

    /// The first one has the step: without it what came before is out of reach.
    private func append(_ step: Int64, to push: inout BSONDocument) {
        push.append("$each") { (latest: inout BSONArray) in
            for (index, cid) in channels.enumerated() {
                latest.append {
                    $0.append(Self.channelField, cid)
                    if index == 0 { $0.append(Self.stepField, step) }
                }
            }
        }
        push.append("$slice", Int32(-Self.most))
    }
}
