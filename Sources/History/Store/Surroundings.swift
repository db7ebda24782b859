import Chat
import MongoDB

/// What messages are resolved from: their channels, senders, sellers and buyers, and the sellers' reads.
///
/// Blocking.
struct Surroundings {
    private var channels = Table<ChannelRecord>()
    private var users = Table<UserRecord>()
    private var marks: [ReadMark.Key: ReadMark] = [:]
    private let settings: FoldSettings

    /// - Parameter users: further ones, such as whoever hides behind a pseudonym.
    init(
        of states: [MessageState],
        users others: Set<String>,
        _ settings: FoldSettings,
        _ reader: borrowing some EntityReader
    ) throws(MongoError) {
        self.settings = settings
        try channels.load(Set(states.compactMap(\.record.cid)), from: reader)
        let parties = channels.after.values.flatMap { $0.effectiveContext(settings.patterns).partyIDs }
        try users.load(others.union(states.compactMap(\.record.sender)).union(parties), from: reader)
        let wanted = MessageSweep.wantedMarks(
            of: states,
            in: channels.after,
            settings.patterns,
            MessageSweep.pseudonyms(among: users.after, settings)
        )
        let found = try reader.load(ReadMark.self, wanted)
        marks = Dictionary(found.map { ($0.key, $0) }) { first, _ in first }
    }

    func isErased(_ user: String) -> Bool { users[user]?.isErased == true }

    func sweep(_ states: [MessageState], rename: (inout MessageRecord) -> Void = { _ in }) -> MessageSweep {
        MessageSweep(
            states,
            channels: channels.after,
            users: users.after,
            marks: marks,
            settings: settings,
            rename: rename
        )
    }
}
