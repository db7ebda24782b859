import Analytics
import Chat
import MongoDB

/// Which fields of which collection hold the counters of a scope.
struct TallyFields {
    let collection: Collection
    let messages: String?
    let reactions: String?
    let reads: String?
    let readMilliseconds: String?
    let engagement: String?
    let lastMessageAt: String?
    let lastActivity: String?

    init(_ scope: TallyKey.Scope) {
        switch scope {
        case .user:
            (collection, messages, reactions) = (.users, "total_messages_sent", "total_reactions")
            (reads, readMilliseconds, engagement) = ("total_reads", nil, "engagement_score")
            (lastMessageAt, lastActivity) = ("last_message_at", "last_activity")
        case .listing:
            (collection, messages, reactions) = (.listings, "message_count", nil)
            (reads, readMilliseconds, engagement) = (nil, nil, "engagement_score")
            (lastMessageAt, lastActivity) = ("last_message_at", nil)
        case .channel:
            (collection, messages, reactions) = (.channels, "message_count", nil)
            (reads, readMilliseconds, engagement) = ("read_count", nil, nil)
            (lastMessageAt, lastActivity) = ("last_message_at", nil)
        case .seller:
            (collection, messages, reactions) = (.sellerMetrics, nil, nil)
            (reads, readMilliseconds, engagement) = ("read_count", "read_latency_ms_total", nil)
            (lastMessageAt, lastActivity) = (nil, nil)
        }
    }

    /// Field and amount of each counter that changes.
    func increments(_ change: TallyChange) -> [(field: String, amount: Int64)] {
        [
            (messages, change.messages), (reactions, change.reactions), (reads, change.reads),
            (readMilliseconds, change.readMilliseconds), (engagement, change.engagement),
        ].compactMap { field, amount in
            guard let field, amount != 0 else { return nil }
            return (field, amount)
        }
    }

    /// Field and instant of each latest time that may rise.
    func latest(_ change: TallyChange) -> [(field: String, time: Timestamp)] {
        [(lastMessageAt, change.lastMessageAt), (lastActivity, change.lastActivity)].compactMap { field, time in
            guard let field, let time else { return nil }
            return (field, time)
        }
    }
}
