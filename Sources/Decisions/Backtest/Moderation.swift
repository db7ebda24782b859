import Chat
import History
import MongoDB

/// What people have done about messages of a time: what rules are measured by.
struct Moderation {
    /// By the hash of the message's id.
    private(set) var messages: Set<UInt64> = []
    /// By the hash of the user, and of the channel where it is a channel's.
    private(set) var bans: [UInt64: [Timestamp]] = [:]
    /// There were more than are told apart.
    private(set) var isCut = false
    private let reach: Int64

    /// - Parameters:
    ///   - reach: before a ban, from when on messages count with it, in seconds.
    ///   - most: messages told apart.
    init(
        _ scan: ModerationScan,
        from: Timestamp,
        until: Timestamp,
        reach: Int64,
        most: Int
    ) throws(MongoError) {
        self.reach = reach
        var (messages, isCut): (Set<UInt64>, Bool) = ([], false)
        try scan.forEachMessage(from: from, until: until) { id in
            if messages.count < most { messages.insert(StableHash.of(id)) } else { isCut = true }
        }
        (self.messages, self.isCut) = (messages, isCut)
        for ban in try scan.bans() { bans[Self.key(ban.user, ban.cid), default: []].append(ban.at) }
    }

    /// Somebody moderated the message, or banned its sender right after it.
    func concerns(_ item: BacktestItem) -> Bool {
        if messages.contains(item.message) { return true }
        guard !bans.isEmpty, let user = item.subject.userID else { return false }
        let times = (bans[Self.key(user, nil)] ?? []) + (bans[Self.key(user, item.subject.cid)] ?? [])
        return times.contains { ban in
            let ago = ban.milliseconds - item.subject.time.milliseconds
            return 0 <= ago && ago <= reach * 1_000
        }
    }

    private static func key(_ user: String, _ cid: String?) -> UInt64 { StableHash.of(user, cid ?? "") }
}
