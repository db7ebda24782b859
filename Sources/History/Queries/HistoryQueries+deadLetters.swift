package import Chat
import Limits
package import MongoDB

/// A dead letter's place: latest first.
package struct DeadLetterPosition: Sendable, Equatable {
    /// In whole milliseconds.
    package var at: Timestamp
    package var id: EventID
    package init(at: Timestamp, id: EventID) { (self.at, self.id) = (at, id) }
}

package struct DeadLetterPage: Sendable {
    /// As they are stored, with `bytes` in place of the raw body and signature.
    package let letters: [BSONDocument]
    package let total: Int64
    package let next: DeadLetterPosition?
}

extension HistoryQueries {
    /// Latest first, without bodies.
    package func deadLetters(
        after position: DeadLetterPosition?,
        limit: Int
    ) throws(MongoError) -> DeadLetterPage {
        var filter = BSONDocument()
        if let position {
            filter.append("at") { $0.append("$lte", date: position.at.milliseconds) }
            filter.append("$or") { (array: inout BSONArray) in
                array.append { $0.append("at") { $0.append("$ne", date: position.at.milliseconds) } }
                array.append { $0.append("_id") { $0.append("$lt", position.id.bytes) } }
            }
        }
        var found = try documents(
            .deadLetters,
            filter,
            sort: .keys(("at", -1), ("_id", -1)),
            projection: Self.withoutBody,
            limit: limit + 1
        )
        let hasMore = found.count > limit
        if hasMore { found.removeLast() }
        return DeadLetterPage(
            letters: found,
            total: try deadLetterCount(),
            next: hasMore ? found.last.flatMap(Self.position) : nil
        )
    }

    package func deadLetter(_ id: EventID) throws(MongoError) -> DeadLetter? {
        try documents(.deadLetters, Self.filter(id), limit: 1).first.flatMap(DeadLetter.init)
    }

    /// Removes a letter that is in the queue again, unless it has become one anew since `letter` was read.
    package func remove(_ letter: DeadLetter) throws(MongoError) {
        var filter = Self.filter(letter.id)
        filter.append("at", date: letter.at.milliseconds)
        try store.pool.withConnection { connection throws(MongoError) in
            _ = try connection.delete(
                [(filter: filter, limit: 1)],
                in: Collection.deadLetters.rawValue,
                of: store.database
            )
        }
    }

    /// Whether an event is part of the history.
    package func isStored(_ id: EventID) throws(MongoError) -> Bool {
        try !documents(.events, Self.filter(id), projection: .keys(("_id", 1)), limit: 1).isEmpty
    }

    private func deadLetterCount() throws(MongoError) -> Int64 {
        try aggregate(.deadLetters, [.equal("$count", "n")], milliseconds: limits.milliseconds).first?.int64("n") ?? 0
    }

    private static func filter(_ id: EventID) -> BSONDocument {
        var filter = BSONDocument()
        filter.append("_id", id.bytes)
        return filter
    }

    private static let withoutBody: BSONDocument = {
        var projection = BSONDocument.keys(("type", 1), ("reason", 1), ("at", 1), ("received", 1), ("api_key", 1))
        projection.append(contentsOf: .keys(("webhook_id", 1), ("attempt", 1)))
        projection.append("bytes") { $0.append("$binarySize", "$raw") }
        return projection
    }()

    private static func position(_ letter: BSONDocument) -> DeadLetterPosition? {
        guard let at = letter.time("at"), let id = letter.binary("_id") else { return nil }
        return DeadLetterPosition(at: at, id: EventID(bytes: id))
    }
}
