package import Chat
package import History
package import MongoDB

/// The facts that the app has sent: one document a thing, its fields as JSON text, so that no name can mean anything to
/// MongoDB.
///
/// Every call blocks.
package struct PushedFacts: Sendable {
    private let store: HistoryStore

    package init(_ store: HistoryStore) { self.store = store }

    /// Stores the records, each in place of what was there.
    ///
    /// May be repeated after any error.
    package func put(_ records: [(key: FactKey, record: FactRecord)], at time: Timestamp) throws(MongoError) {
        let updates = records.map { key, record in
            var change = BSONDocument()
            change.append("$set") {
                $0.append("kind", key.kind)
                $0.append("fields", FactFields.text(of: record))
                $0.append("updatedAt", date: time.milliseconds)
            }
            return MongoUpdate(filter: .id(key.documentID), update: change, upsert: true)
        }
        try store.pool.withConnection { connection throws(MongoError) in
            _ = try connection.update(updates, in: Self.collection, of: store.database)
        }
    }

    /// - Returns: whether there was anything.
    package func remove(_ key: FactKey) throws(MongoError) -> Bool {
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.delete([(.id(key.documentID), 1)], in: Self.collection, of: store.database) > 0
        }
    }

    func load(_ keys: [FactKey], milliseconds: Int) throws(MongoError) -> [String: FactRecord] {
        let ids = Dictionary(keys.map { ($0.documentID, $0.id) }) { first, _ in first }
        let filter = BSONDocument.among("_id") { array in for id in ids.keys { array.append(id) } }
        var records: [String: FactRecord] = [:]
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                Self.collection,
                filter,
                in: store.database,
                options: .init(maxTimeMS: milliseconds)
            ) { (document: BSONDocument) throws(MongoError) in
                if let id = document.string("_id").flatMap({ ids[$0] }), let text = document.string("fields") {
                    records[id] = FactFields.lenient(text)
                }
                return true
            }
        }
        return records
    }

    static let collection = Collection.facts.rawValue
}
