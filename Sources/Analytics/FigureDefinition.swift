/// What a figure is: told wherever it is shown.
package struct FigureDefinition: Sendable {
    package let title: String
    package let unit: Figure.Unit
    package let group: Figure.Group
    package let kind: Figure.Kind
    /// One or a few sentences, exact enough to count it by hand.
    package let definition: String
    /// Types of events that it is made of.
    package let events: [String]
    package let intervals: [FigureInterval]
    package let groups: [FigureGrouping]
    package let filters: [FigureFilter]

    fileprivate init(
        _ title: String,
        _ unit: Figure.Unit,
        _ group: Figure.Group,
        _ kind: Figure.Kind,
        _ definition: String,
        events: [String],
        intervals: [FigureInterval] = FigureInterval.allCases,
        groups: [FigureGrouping] = [],
        filters: [FigureFilter] = []
    ) {
        (self.title, self.unit, self.group, self.kind, self.definition) = (title, unit, group, kind, definition)
        (self.events, self.intervals, self.groups, self.filters) = (events, intervals, groups, filters)
    }
}

extension Figure {
    package var definition: FigureDefinition {
        switch self {
        case .messages:
            Self.volume(
                "Messages",
                .messages,
                "Messages by the time at which they were sent, deleted and erased ones included.",
                events: ["message.new", "message.updated", "message.deleted"],
                groups: Self.places + [.user, .weekdayHour]
            )
        case .edits:
            Self.volume(
                "Edited messages",
                .messages,
                "Messages whose text was changed after they were sent, each once, by the time of the last change.",
                events: ["message.updated"]
            )
        case .deletions:
            Self.volume(
                "Deleted messages",
                .messages,
                """
                Messages that are deleted, each once, by the time at which that happened: one by one, with their channel, \
                or with all of their sender's. An erased message of which no deletion was told counts when it was sent.
                """,
                events: [
                    "message.deleted", "channel.truncated", "channel.deleted", "user.messages.deleted", "user.deleted",
                ]
            )
        case .attachments:
            Self.volume(
                "Attachments",
                .attachments,
                "Attachments of the last known version of each message, by the time at which the message was sent.",
                events: ["message.new", "message.updated"]
            )
        case .threadReplies:
            Self.volume(
                "Replies in threads",
                .messages,
                "Messages that answer another one in its thread, by the time at which they were sent.",
                events: ["message.new"]
            )
        case .offers:
            Self.volume(
                "Offers",
                .messages,
                "Messages of the business type `offer` or with an `offer_id`, by the time at which they were sent.",
                events: ["message.new"]
            )
        case .reactions:
            FigureDefinition(
                "Reactions",
                .reactions,
                .volume,
                .count,
                "Reactions by the first time at which they were made, each type of a user on a message once, also if taken back.",
                events: ["reaction.new", "reaction.updated"],
                groups: [.type, .weekdayHour],
                filters: [.type]
            )
        case .activeUsers:
            Self.people("Active users", .users, .distinct, "Users who sent at least one message.")
        case .newUsers:
            Self.people("New users", .users, .distinct, "Users whose first message ever lies there.")
        case .returningUsers:
            Self.people(
                "Returning users",
                .users,
                .distinct,
                "Users who sent a message there and had sent another before it began."
            )
        case .messagesPerUser:
            Self.people("Messages per active user", .messages, .share, "Messages divided by the users who sent them.")
        case .adoption:
            Self.people(
                "Adoption",
                .share,
                .share,
                """
                Of the users whom the provider says were made there, the share that sent a message within seven days of it, \
                both ends to the quarter of an hour. Of the last seven days it still grows.
                """,
                events: ["message.new", "user.updated"],
                intervals: [.none, .day, .week, .month]
            )
        case .participation:
            FigureDefinition(
                "Participation",
                .share,
                .people,
                .share,
                """
                Members that channels have now and that wrote in their channel there, divided by all members of the channels in \
                which anybody wrote there. Who writes without being a member does not count, nor do messages of the provider's \
                type `system`.
                """,
                events: ["message.new", "member.added", "member.removed"],
                intervals: [.none],
                groups: [.channel, .channelType, .listing],
                filters: [.channel, .channelType, .listing]
            )
        case .newConnections:
            Self.people(
                "New connections",
                .pairs,
                .count,
                """
                Pairs of users by the first time at which both had written in the same channel, each pair once, ever. Of a \
                channel the first \(ConversationWriters.most) people to write in it count: of those who meet in a crowd not \
                everybody knows everybody. Messages of the provider's type `system` do not count.
                """
            )
        case .cohorts:
            Self.people(
                "Cohorts",
                .users,
                .matrix,
                """
                Users by the day, week or month of their first message ever, and how many of them sent one in it and in each \
                that follows, up to the end of the range.
                """,
                intervals: [.day, .week, .month]
            )
        case .conversationsStarted:
            Self.conversation(
                "Conversations started",
                .conversations,
                .count,
                "Channels by the time of their first message. Messages of the provider's type `system` do not count."
            )
        case .conversationsTwoSided:
            Self.conversation(
                "Conversations that became two-sided",
                .conversations,
                .count,
                "Channels by the time at which a second person first wrote in them."
            )
        case .conversationLength:
            Self.conversation(
                "Messages per conversation",
                .messages,
                .share,
                "Of the conversations that were started there, the messages they have by now, divided by their number.",
                groups: []
            )
        case .conversationLongevity:
            Self.conversation(
                "Longevity of conversations",
                .seconds,
                .latency,
                """
                From the first message of a conversation to the last one that it has by now, by when the first was sent. Of one \
                message alone it is 0.
                """
            )
        case .firstResponse:
            Self.latency(
                "First response",
                """
                From the first message of a channel to the first one of somebody else, by when that was sent. With \
                `businessHours`, only the time that lies in them.
                """
            )
        case .replyTime:
            Self.latency(
                "Reply time",
                """
                Messages of one person that nobody else's stand between are a turn. From the first message of a turn to the \
                first of the turn that follows it in the channel, by when that was sent. With `businessHours`, only the \
                time that lies in them.
                """
            )
        case .readLatency:
            Self.latency(
                "Read latency",
                "From a message to the first time that its channel's seller had read up to it, by when that was.",
                events: ["message.read"]
            )
        case .unanswered:
            Self.conversation(
                "Unanswered",
                .conversations,
                .age,
                """
                Conversations in which somebody waits now, by how long: where a seller is known, since the turn of another \
                that the seller has not answered; elsewhere since the first message that nobody else has answered. Of \
                those that have waited since a time in the range.
                """,
                intervals: [.none],
                groups: [.channel],
                filters: [.channelType, .listing]
            )
        case .flags:
            Self.moderation(
                "Flagged messages",
                .messages,
                .count,
                "Messages that are flagged, by when they were last flagged.",
                events: ["message.flagged", "moderation.flagged"],
                groups: [.channel, .channelType, .listing, .user],
                filters: [.channel, .channelType, .listing]
            )
        case .bans:
            Self.moderation(
                "Bans",
                .bans,
                .count,
                "Bans that are in force, in a channel or everywhere, by when they were imposed.",
                events: ["user.banned", "user.unbanned"]
            )
        case .mutes:
            Self.moderation(
                "Mutes",
                .mutes,
                .count,
                "Mutes of users and channels that are in force, by when they were made.",
                events: ["user.muted", "user.unmuted", "channel.muted", "channel.unmuted"]
            )
        case .decisions:
            Self.moderation(
                "Decisions of rules",
                .decisions,
                .count,
                "Events for which a rule fired, by their time. Grouped by rule, each counts for every rule that fired.",
                events: ["message.new", "message.updated"],
                groups: [.rule, .type, .channel, .user],
                filters: [.type, .channel]
            )
        case .timeToDecision:
            Self.moderation(
                "Time to decision",
                .seconds,
                .latency,
                """
                From the first time that something was said for looking at a message or user to a moderator's first decision \
                about it, by when that was.
                """,
                events: ["message.flagged", "review_queue_item.new"]
            )
        case .reviewQueue:
            Self.moderation(
                "Review queue",
                .items,
                .age,
                "Items that wait for moderators now, by how long. Of those that have waited since a time in the range.",
                events: ["message.flagged", "review_queue_item.new"],
                intervals: [.none],
                groups: [.item]
            )
        }
    }

    private static let answerEvents = ["message.new"]

    private static func conversation(
        _ title: String,
        _ unit: Unit,
        _ kind: Kind,
        _ definition: String,
        events: [String] = answerEvents,
        intervals: [FigureInterval] = FigureInterval.allCases,
        groups: [FigureGrouping] = [.channelType, .listing],
        filters: [FigureFilter] = [.channelType, .listing]
    ) -> FigureDefinition {
        FigureDefinition(
            title,
            unit,
            .conversations,
            kind,
            definition,
            events: events,
            intervals: intervals,
            groups: groups,
            filters: filters
        )
    }

    private static func latency(_ title: String, _ definition: String, events: [String] = answerEvents)
        -> FigureDefinition
    {
        conversation(
            title,
            .seconds,
            .latency,
            definition,
            events: events,
            groups: [.user, .channel, .channelType, .listing],
            filters: [.channel, .channelType, .listing]
        )
    }

    private static func moderation(
        _ title: String,
        _ unit: Unit,
        _ kind: Kind,
        _ definition: String,
        events: [String],
        intervals: [FigureInterval] = FigureInterval.allCases,
        groups: [FigureGrouping] = [],
        filters: [FigureFilter] = []
    ) -> FigureDefinition {
        FigureDefinition(
            title,
            unit,
            .moderation,
            kind,
            definition,
            events: events,
            intervals: intervals,
            groups: groups,
            filters: filters
        )
    }

    private static let places: [FigureGrouping] = [
        .type, .channel, .channelType, .listing, .event, .artist, .venue, .team,
    ]

    private static func volume(
        _ title: String,
        _ unit: Unit,
        _ definition: String,
        events: [String],
        groups: [FigureGrouping] = places + [.weekdayHour]
    ) -> FigureDefinition {
        FigureDefinition(
            title,
            unit,
            .volume,
            .count,
            definition,
            events: events,
            groups: groups,
            filters: FigureFilter.allCases
        )
    }

    private static func people(
        _ title: String,
        _ unit: Unit,
        _ kind: Kind,
        _ definition: String,
        events: [String] = ["message.new"],
        intervals: [FigureInterval] = FigureInterval.allCases
    ) -> FigureDefinition {
        FigureDefinition(title, unit, .people, kind, definition, events: events, intervals: intervals)
    }

    /// What a message figure counts in the rollups.
    package var measure: RollupMeasure? {
        switch self {
        case .messages: .messages
        case .edits: .edits
        case .deletions: .deletions
        case .attachments: .attachments
        case .threadReplies: .replies
        case .offers: .offers
        case .reactions: .reactions
        default: nil
        }
    }
}
