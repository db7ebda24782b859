import Chat
import Facts
import History
import Limits
import Rules

extension HookMemory {
    /// What is to be read, each once.
    struct Wanted: Sendable {
        var users: Set<String> = []
        var members: Set<MemberRecord.Key> = []
        var channels: Set<String> = []
        var facts: Set<FactKey> = []
        var windows: Set<WindowCache.Key> = []
        /// All that the app has sent of the kinds that rules ask about.
        var preload = false

        var count: Int { users.count + members.count + channels.count + facts.count + windows.count }
        var isEmpty: Bool { count == 0 && !preload }
    }

    /// A record as it was when last heard of; `nil` where there is none.
    struct Known<Record: Sendable>: Sendable {
        var record: Record?
        var readAt: Timestamp
    }

    /// A message that was let through and of which no event has told yet.
    struct Sent: Sendable {
        let user: String
        let cid: String
        let text: UInt64
        let entry: WindowEntry
    }

    struct BanPlace: Hashable {
        let user: String
        let cid: String?
    }

    struct State {
        var users: RecentlyUsed<String, Known<UserRecord>>
        var members: RecentlyUsed<MemberRecord.Key, Known<MemberRecord>>
        var channels: RecentlyUsed<String, Known<ChannelRecord>>
        var windows: RecentlyUsed<WindowCache.Key, Window>
        var facts: RecentlyUsed<FactKey, Bool>
        var sent: RecentlyUsed<MessageAuthor, [Sent]>
        /// Decided here, of which no event has told yet: until when.
        var bans: RecentlyUsed<BanPlace, Timestamp>
        /// Windows hold what one rule set needs of texts.
        var ruleSet = ""
        var wanted = Wanted()
        /// Wanted things that are being read.
        var loading = 0

        init(_ limits: Limits.Hooks) {
            users = RecentlyUsed(most: limits.usersKept)
            members = RecentlyUsed(most: limits.usersKept)
            channels = RecentlyUsed(most: limits.usersKept)
            windows = RecentlyUsed(most: limits.windowsKept)
            facts = RecentlyUsed(most: limits.factsKept)
            sent = RecentlyUsed(most: limits.windowsKept)
            bans = RecentlyUsed(most: limits.usersKept)
        }

        /// Nothing is kept that a batch could tell something new of: nobody has asked yet.
        var isUntouched: Bool {
            users.isEmpty && members.isEmpty && channels.isEmpty && windows.isEmpty && sent.isEmpty && bans.isEmpty
        }
    }
}
