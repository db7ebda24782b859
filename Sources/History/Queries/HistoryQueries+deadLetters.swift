package import Chat
import Limits
package import MongoDB

extension HistoryQueries {
    /// Latest first: as they are stored, with `bytes` in place of the raw body and signature.
    package func deadLetters(after position: ListPosition?, limit: Int) throws(MongoError) -> ListPage<BSONDocument> {
        var filter = BSONDocument()
        filter.append(latestBy: "at", after: position)
        return try page(.deadLetters, filter, projection: Self.withoutBody, limit: limit)
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

    package func deadLetterCount() throws(MongoError) -> Int64 {
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
}
