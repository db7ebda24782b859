/// A message as conversations see it.
package struct SpokenMessage: Sendable, Equatable {
    package var id: String
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package var at: Int64
    package var by: String
    package var listing: String?
    package var seller: String?

    package init(id: String, at: Int64, by: String, listing: String? = nil, seller: String? = nil) {
        (self.id, self.at, self.by, self.listing, self.seller) = (id, at, by, listing, seller)
    }

    /// In the order of a conversation.
    package var place: ConversationPlace { ConversationPlace(at: at, id: id) }
}

/// Where in a conversation something is.
package struct ConversationPlace: Sendable, Hashable, Comparable {
    package var at: Int64
    package var id: String

    package init(at: Int64, id: String) { (self.at, self.id) = (at, id) }

    package static func < (left: Self, right: Self) -> Bool {
        guard left.at == right.at else { return left.at < right.at }
        return left.id.utf8.lexicographicallyPrecedes(right.id.utf8)
    }
}

/// Messages of one person that nobody else's stand between, by the first of them.
///
/// Each but the first of a channel answers the one before it, and is then kept as a row of its own.
package struct Turn: Sendable, Equatable {
    package var place: ConversationPlace
    package var by: String
    package var listing: String?
    /// How many of the channel's messages come before it.
    package var before: Int64
    /// How many turns come before it.
    package var index: Int64
    /// When the turn that it answers began.
    package var askedAt: Int64?

    package init(_ message: SpokenMessage, before: Int64, index: Int64, askedAt: Int64?) {
        self.init(
            message.place,
            by: message.by,
            listing: message.listing,
            before: before,
            index: index,
            askedAt: askedAt
        )
    }

    package init(
        _ place: ConversationPlace,
        by: String,
        listing: String?,
        before: Int64,
        index: Int64,
        askedAt: Int64?
    ) {
        (self.place, self.by, self.listing) = (place, by, listing)
        (self.before, self.index, self.askedAt) = (before, index, askedAt)
    }

    /// From the question's first message to the answer's.
    package var milliseconds: Int64? { askedAt.map { place.at - $0 } }
}

/// A channel's conversation up to its last message.
package struct Conversation: Sendable, Equatable {
    package var startedAt: Int64
    package var startedBy: String
    /// When somebody else first wrote.
    package var answeredAt: Int64?
    package var messages: Int64
    package var last: ConversationPlace
    package var turn: Turn
    /// Of the last message.
    package var listing: String?
    package var seller: String?
    package var writers: ConversationWriters

    package init(
        startedAt: Int64,
        startedBy: String,
        answeredAt: Int64?,
        messages: Int64,
        last: ConversationPlace,
        turn: Turn,
        listing: String?,
        seller: String?,
        writers: ConversationWriters
    ) {
        (self.startedAt, self.startedBy, self.answeredAt) = (startedAt, startedBy, answeredAt)
        (self.messages, self.last, self.turn) = (messages, last, turn)
        (self.listing, self.seller, self.writers) = (listing, seller, writers)
    }

    /// Since when somebody waits: where the seller is known, for the seller; otherwise for anybody to answer at all.
    package var waitingSince: Int64? {
        if let seller { return turn.by == seller ? nil : turn.place.at }
        return answeredAt == nil ? startedAt : nil
    }
}

/// Turns of a channel's messages, one message after the other.
///
/// Pure. Begins at the first message, or goes on after the last of a conversation.
package struct ConversationWalk: Sendable {
    package private(set) var conversation: Conversation?
    /// The turns that began on the way, but for the first of the channel.
    package private(set) var answers: [Turn] = []

    /// - Parameter conversation: as it was up to where the walk goes on.
    package init(after conversation: Conversation?) { self.conversation = conversation }

    /// - Parameter message: comes after every one before it.
    package mutating func add(_ message: SpokenMessage) {
        guard var known = conversation else {
            let turn = Turn(message, before: 0, index: 0, askedAt: nil)
            var writers = ConversationWriters()
            writers.note(message)
            conversation = Conversation(
                startedAt: message.at,
                startedBy: message.by,
                answeredAt: nil,
                messages: 1,
                last: message.place,
                turn: turn,
                listing: message.listing,
                seller: message.seller,
                writers: writers
            )
            return
        }
        if message.by != known.turn.by {
            let turn = Turn(
                message,
                before: known.messages,
                index: known.turn.index + 1,
                askedAt: known.turn.place.at
            )
            if known.answeredAt == nil { known.answeredAt = message.at }
            known.turn = turn
            answers.append(turn)
        }
        known.messages += 1
        known.last = message.place
        (known.listing, known.seller) = (message.listing, message.seller)
        known.writers.note(message)
        conversation = known
    }
}
