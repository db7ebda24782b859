package import Chat
package import MongoDB

/// A change of the history by a call of the interface: records read and written in one transaction, noticed by whoever
/// has read ahead.
///
/// For the closure that it is given to. Blocking.
package struct HistoryChange {
    let connection: MongoConnection
    let session: MongoSession
    let database: String

    package func load<Record: StoredRecord>(_ type: Record.Type, _ key: Record.Key) throws(MongoError) -> Record? {
        try reader.load(type, [key]).first
    }

    /// A document as it is stored; `nil` where there is none.
    package func document(_ collection: Collection, _ id: String) throws(MongoError) -> BSONDocument? {
        var found: BSONDocument?
        try connection.find(collection.rawValue, .id(id), in: database, options: .init(limit: 1), session: session) {
            (document: BSONDocument) throws(MongoError) in
            found = document
            return false
        }
        return found
    }

    /// Writes the fields of a record that differ.
    package func write<Record: StoredRecord>(_ before: Record?, _ after: Record) throws(MongoError) {
        var plan = WritePlan()
        plan.write(before, after)
        try plan.execute(connection, session, database)
    }

    /// Sets the fields that differ between two documents of this `_id`, and removes those that are gone.
    package func write(
        _ collection: Collection,
        _ id: String,
        from before: BSONDocument,
        to after: BSONDocument
    ) throws(MongoError) {
        var change = BSONDocument()
        change.appendDifference(from: before, to: after)
        guard !change.isEmpty else { return }
        try update([MongoUpdate(filter: .id(id), update: change)], in: collection)
    }

    package func update(_ updates: [MongoUpdate], in collection: Collection) throws(MongoError) {
        guard !updates.isEmpty else { return }
        _ = try connection.update(updates, in: collection.rawValue, of: database, session: session)
    }

    /// Tells the audit trail.
    package func enter(_ entries: [AuditEntry]) throws(MongoError) {
        guard !entries.isEmpty else { return }
        try AuditTrail().append(entries, connection, session, database)
    }

    /// Has batches that were folded ahead look again: part of every change of what a batch reads.
    package func raiseFence() throws(MongoError) { try Fence().raise(connection, session, database) }

    private var reader: MongoEntityReader {
        MongoEntityReader(connection: connection, session: session, database: database)
    }
}

extension HistoryStore {
    /// One attempt at a change; see ``MongoError/asksForRepetition`` for when to make another.
    package func change<R>(_ body: (HistoryChange) throws(MongoError) -> R) throws(MongoError) -> R {
        try pool.withConnection { connection throws(MongoError) in
            try connection.withTransaction { session throws(MongoError) in
                try body(HistoryChange(connection: connection, session: session, database: database))
            }
        }
    }
}

extension Optional {
    /// A register with this value that is later than what it was.
    package func changed<Value>(_ value: Value, at now: Timestamp) -> Self where Wrapped == Register<Value> {
        var stamp = Stamp(time: now, tieBreak: .max)
        if let known = self?.stamp.time, known >= now, known < .distantFuture {
            stamp.time = Timestamp(nanoseconds: known.nanoseconds + 1)
        }
        return Register(value, at: stamp)
    }
}
