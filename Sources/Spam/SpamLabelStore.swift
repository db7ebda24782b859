package import Chat
package import History
package import MongoDB

/// People's verdicts, and the texts that they are about.
///
/// Every call blocks.
package struct SpamLabelStore: Sendable {
    private let store: HistoryStore

    package init(_ store: HistoryStore) { self.store = store }

    /// Those from then on, oldest first.
    package func labels(from start: Timestamp, limit: Int) throws(MongoError) -> [SpamLabel] {
        var filter = BSONDocument()
        filter.append("at") { $0.append("$gte", date: start.milliseconds) }
        return try labels(filter, .keys(("at", 1), ("_id", 1)), limit)
    }

    /// The newest ones, oldest first.
    package func newest(_ limit: Int) throws(MongoError) -> [SpamLabel] {
        try labels(BSONDocument(), .keys(("at", -1), ("_id", -1)), limit).reversed()
    }

    package func label(of messageID: String) throws(MongoError) -> SpamLabel? {
        try labels(.id(messageID), nil, 1).first
    }

    package func count() throws(MongoError) -> Int {
        var count = BSONDocument()
        count.append("$count", "count")
        var found = 0
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.aggregate(Collection.spamLabels.rawValue, [count], in: store.database) {
                (document: BSONDocument) throws(MongoError) in
                found = Int(document.int64("count") ?? 0)
                return true
            }
        }
        return found
    }

    package func write(_ updates: [MongoUpdate]) throws(MongoError) {
        guard !updates.isEmpty else { return }
        try store.pool.withConnection { connection throws(MongoError) in
            _ = try connection.update(updates, in: Collection.spamLabels.rawValue, of: store.database)
        }
    }

    /// The texts that verdicts are about, by message: of those that are still kept, and not changed since somebody looked.
    package func texts(of labels: [SpamLabel]) throws(MongoError) -> [String: String] {
        let seen = Dictionary(labels.map { ($0.messageID, $0.at) }) { $1 }
        var texts: [String: String] = [:]
        var filter = BSONDocument()
        filter.append("_id") { (range: inout BSONDocument) in range.append("$in", Array(seen.keys)) }
        var fields = BSONDocument()
        for field in ["text", "text_updated_at"] { fields.append(field, Int32(1)) }
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                Collection.messages.rawValue,
                filter,
                in: store.database,
                options: .init(projection: fields, prefersSecondary: true)
            ) { (document: BSONDocument) throws(MongoError) in
                guard let id = document.string("_id"), let text = document.string("text"), !text.isEmpty else {
                    return true
                }
                if let changed = document.time("text_updated_at"), let at = seen[id], changed > at { return true }
                texts[id] = text
                return true
            }
        }
        return texts
    }

    private func labels(_ filter: BSONDocument, _ sort: BSONDocument?, _ limit: Int) throws(MongoError) -> [SpamLabel] {
        var found: [SpamLabel] = []
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                Collection.spamLabels.rawValue,
                filter,
                in: store.database,
                options: .init(sort: sort, limit: limit)
            ) { (document: BSONDocument) throws(MongoError) in
                if let label = SpamLabel(document) { found.append(label) }
                return true
            }
        }
        return found
    }
}
