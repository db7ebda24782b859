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

    /// Sets one field; the others stay as they are.
    ///
    /// May be repeated after any error. Two that set fields of one thing at the same moment may have to try again.
    package func set(
        _ field: String,
        of key: FactKey,
        to value: FactValue,
        at time: Timestamp
    ) throws(MongoError) {
        let writer = try store.pool.openWriter()
        try writer.withTransaction { session throws(MongoError) in
            var record = FactRecord()
            try writer.connection.find(
                Self.collection,
                .id(key.documentID),
                in: store.database,
                options: .init(limit: 1),
                session: session
            ) { (document: BSONDocument) throws(MongoError) in
                if let text = document.string("fields") { record = FactFields.lenient(text) }
                return false
            }
            record.fields[field] = value
            var change = BSONDocument()
            change.append("$set") {
                $0.append("kind", key.kind)
                $0.append("fields", FactFields.text(of: record))
                $0.append("updatedAt", date: time.milliseconds)
            }
            _ = try writer.connection.update(
                [MongoUpdate(filter: .id(key.documentID), update: change, upsert: true)],
                in: Self.collection,
                of: store.database,
                session: session
            )
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

    func loadAll(_ kind: String, most: Int, milliseconds: Int) throws(MongoError) -> [String: FactRecord] {
        var records: [String: FactRecord] = [:]
        try find(kind, limit: most, milliseconds: milliseconds) { document in
            if let id = document.string("_id"), let key = FactKey(documentID: id), let text = document.string("fields")
            {
                records[key.id] = FactFields.lenient(text)
            }
        }
        return records
    }

    func hasAny(_ kind: String, milliseconds: Int) throws(MongoError) -> Bool {
        var hasAny = false
        try find(kind, limit: 1, milliseconds: milliseconds) { _ in hasAny = true }
        return hasAny
    }

    private func find(
        _ kind: String,
        limit: Int,
        milliseconds: Int,
        _ each: (BSONDocument) -> Void
    ) throws(MongoError) {
        var filter = BSONDocument()
        filter.append("_id") {
            $0.append("$gte", FactKey(kind: kind, id: "").documentID)
            // The sign after "/".
            $0.append("$lt", kind + "0")
        }
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                Self.collection,
                filter,
                in: store.database,
                options: .init(limit: limit, maxTimeMS: milliseconds)
            ) { (document: BSONDocument) throws(MongoError) in
                each(document)
                return true
            }
        }
    }

    static let collection = Collection.facts.rawValue
}
