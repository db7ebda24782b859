/// Every figure that can be asked for; the raw value is its name in `/api/v1/analytics/{name}`.
package enum Figure: String, Sendable, CaseIterable {
    case messages, edits, deletions, reactions, attachments
    case threadReplies = "thread-replies"
    case offers
    case activeUsers = "active-users"
    case newUsers = "new-users"
    case returningUsers = "returning-users"
    case messagesPerUser = "messages-per-user"
    case adoption, participation, cohorts
    case newConnections = "new-connections"
    case conversationsStarted = "conversations-started"
    case conversationsTwoSided = "conversations-two-sided"
    case conversationLength = "conversation-length"
    case conversationLongevity = "conversation-longevity"
    case firstResponse = "first-response"
    case replyTime = "reply-time"
    case readLatency = "read-latency"
    case unanswered
    case flags, bans, mutes, decisions
    case timeToDecision = "time-to-decision"
    case reviewQueue = "review-queue"

    package enum Group: String, Sendable, CaseIterable {
        case volume, people, conversations, objects, moderation, system
    }

    package enum Kind: String, Sendable { case count, distinct, latency, share, age, matrix }

    /// What the numbers are of.
    package enum Unit: String, Sendable {
        case messages, reactions, attachments, users, pairs, share, seconds, conversations, bans, mutes, decisions,
            items
    }
}

/// What rows of a figure are told apart by.
package enum FigureGrouping: String, Sendable, CaseIterable {
    case type, channel, channelType, listing, event, artist, venue, team, user, weekdayHour, rule, item

    package var scope: RollupScope? { RollupScope(rawValue: rawValue) }
}

/// What a figure may be narrowed to.
package enum FigureFilter: String, Sendable, CaseIterable {
    case type, channel, channelType, listing, event, artist, venue, team

    package var scope: RollupScope? { RollupScope(rawValue: rawValue) }
}
