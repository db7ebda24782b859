package import MongoDB

extension HistoryStore {
    /// One attempt of a transaction on a connection from the pool.
    ///
    /// Blocking.
    package func withTransaction<Value>(
        _ body: (MongoConnection, MongoSession) throws(MongoError) -> Value
    ) throws(MongoError) -> Value {
        try pool.withConnection { connection throws(MongoError) in
            try connection.withTransaction { session throws(MongoError) in try body(connection, session) }
        }
    }

    /// The records stored under these keys as they are now; missing ones are left out.
    ///
    /// Blocking.
    package func records<Record: StoredRecord>(
        _ type: Record.Type,
        _ keys: Set<Record.Key>
    ) throws(MongoError) -> [Record] {
        guard !keys.isEmpty else { return [] }
        var records: [Record] = []
        try pool.withConnection { connection throws(MongoError) in
            records = try MongoEntityReader(connection: connection, session: nil, database: database).load(type, keys)
        }
        return records
    }
}
