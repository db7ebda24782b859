import Analytics
package import Chat
package import MongoDB

extension HistoryQueries {
    /// Flags a message or takes the flag back, as if an event had said so at `now`.
    ///
    /// Safe to repeat.
    ///
    /// What moderators of this side say holds against all that is known by then, also if the provider's clock is ahead.
    ///
    /// - Parameter entries: what the audit trail is told, of the message's author where that is known.
    /// - Returns: `nil` when no event has told of this message itself.
    package func flag(
        _ isFlagged: Bool,
        message id: String,
        reason: String?,
        by moderator: String,
        now: Timestamp,
        entering entries: (_ author: String?) -> [AuditEntry] = { _ in [] }
    ) throws(MongoError) -> StoredMessage? {
        let isKnown = try store.pool.withConnection { connection throws(MongoError) in
            try connection.withTransaction { session throws(MongoError) in
                let reader = MongoEntityReader(connection: connection, session: session, database: store.database)
                guard let before = try reader.load(MessageState.self, [id]).first, before.record.created != nil else {
                    return false
                }
                var after = before
                after.record.flag = before.record.flag.changed(
                    MessageFlag(
                        isFlagged: isFlagged,
                        reason: reason,
                        by: moderator,
                        total: before.record.flag?.value.total
                    ),
                    at: now
                )
                var plan = WritePlan()
                plan.write(before, after)
                try plan.execute(connection, session, store.database)
                try Fence().raise(connection, session, store.database)
                let author = after.record.sender
                try AuditTrail().append(entries(author), connection, session, store.database)
                return true
            }
        }
        guard isKnown, let document = try document(.messages, id) else { return nil }
        return try withSenders([document]).first
    }
}

extension Optional {
    /// A register with this value that is later than what it was.
    fileprivate func changed<Value>(_ value: Value, at now: Timestamp) -> Self where Wrapped == Register<Value> {
        var stamp = Stamp(time: now, tieBreak: .max)
        if let known = self?.stamp.time, known >= now, known < .distantFuture {
            stamp.time = Timestamp(nanoseconds: known.nanoseconds + 1)
        }
        return Register(value, at: stamp)
    }
}
