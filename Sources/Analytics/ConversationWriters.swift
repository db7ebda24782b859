import Limits

/// Somebody who has written in a conversation.
package struct ConversationWriter: Sendable, Equatable {
    package let id: String
    /// When they first did, in milliseconds since 1970-01-01T00:00:00Z.
    package let first: Int64
    /// When they last did.
    package var last: Int64

    package init(id: String, first: Int64, last: Int64) { (self.id, self.first, self.last) = (id, first, last) }
}

/// Who has written in a conversation, as far as is kept: the first so many people to write in it.
package struct ConversationWriters: Sendable, Equatable {
    package static let most = Limits.Figures().conversationWriters

    /// In the order of their first messages.
    package private(set) var known: [ConversationWriter]
    /// When somebody beyond these first wrote.
    package private(set) var othersSince: Int64?

    package init(_ known: [ConversationWriter] = [], othersSince: Int64? = nil) {
        (self.known, self.othersSince) = (known, othersSince)
    }

    /// - Parameter message: comes after every one before it.
    package mutating func note(_ message: SpokenMessage) {
        if let index = known.firstIndex(where: { $0.id == message.by }) {
            known[index].last = message.at
        } else if known.count < Self.most {
            known.append(ConversationWriter(id: message.by, first: message.at, last: message.at))
        } else if othersSince == nil {
            othersSince = message.at
        }
    }

    /// As they stood at an earlier time.
    ///
    /// - Parameter last: when somebody last wrote up to then, who has written since as well.
    package func until<Failure: Error>(
        _ time: Int64,
        last: (_ id: String) throws(Failure) -> Int64?
    ) throws(Failure) -> ConversationWriters {
        var writers: [ConversationWriter] = []
        for writer in known where writer.first <= time {
            var writer = writer
            if writer.last > time { writer.last = try last(writer.id) ?? writer.first }
            writers.append(writer)
        }
        return ConversationWriters(writers, othersSince: othersSince.flatMap { $0 <= time ? $0 : nil })
    }

    /// Everyone with everyone who wrote before, in the order of time.
    ///
    /// - Parameter count: without those among the first so many.
    package func connections(beyond count: Int = 0) -> [Connection] {
        known.indices.dropFirst(count).flatMap { later in
            known[..<later].map { Connection($0.id, known[later].id, at: known[later].first) }
        }
    }
}

/// Two people who have both written in a conversation.
package struct Connection: Sendable, Hashable {
    /// The one whose id's bytes come first.
    package let one: String
    package let other: String
    /// Since when both have, in milliseconds since 1970-01-01T00:00:00Z.
    package let at: Int64

    package init(_ one: String, _ other: String, at: Int64) {
        let isInOrder = one.utf8.lexicographicallyPrecedes(other.utf8)
        (self.one, self.other) = isInOrder ? (one, other) : (other, one)
        self.at = at
    }
}

/// How far it is known whether members wrote in some time.
package enum Participants: Sendable, Equatable {
    /// These did, and nobody else.
    case known(Set<String>)
    /// The messages of that time have to be asked.
    case unknown
}

extension ConversationWriters {
    /// Who wrote in a range of time.
    ///
    /// Between the first and the last message of somebody nothing is known.
    package func participants(in range: Range<Int64>) -> Participants {
        if let othersSince, othersSince < range.upperBound { return .unknown }
        var found: Set<String> = []
        for writer in known where writer.first < range.upperBound && writer.last >= range.lowerBound {
            guard range.contains(writer.first) || range.contains(writer.last) else { return .unknown }
            found.insert(writer.id)
        }
        return .known(found)
    }
}
