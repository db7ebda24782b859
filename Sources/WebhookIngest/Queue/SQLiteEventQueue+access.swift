import Blocking
import SQLite
import Synchronization

extension SQLiteEventQueue {
    /// Changes the file, then the state in memory, as one step for everyone who looks.
    ///
    /// - Parameter settle: what the change means for the state, once it is committed.
    @discardableResult
    func writing<Value: Sendable>(
        _ body: (QueueWriter) throws(QueueError) -> Value,
        settle: (inout QueueState, Value) -> Void
    ) throws(QueueError) -> Value {
        let value = try repairing { () throws(QueueError) in
            try self.file.writer.withLock { writer throws(QueueError) in
                guard let writer else { throw self.absence }
                let removed = writer.counters.removedRows
                let value = try body(writer)
                self.file.committed(writer)
                let isFirstNew = writer.counters.removedRows != removed || self.status.oldest == nil
                let oldest = isFirstNew ? try Self.sqlite { () throws(SQLiteError) in try writer.oldest() } : nil
                self.state.withLock { state in
                    settle(&state, value)
                    state.count(writer.counters)
                    if isFirstNew { state.oldest = oldest }
                }
                return value
            }
        }
        checkpointer.noticeCommit()
        return value
    }

    func reading<Value: Sendable>(_ body: (QueueReader) throws(SQLiteError) -> Value) throws(QueueError) -> Value {
        try repairing { () throws(QueueError) in
            try self.file.reader.withLock { reader throws(QueueError) in
                guard let reader else { throw self.absence }
                return try Self.sqlite { () throws(SQLiteError) in try body(reader) }
            }
        }
    }

    static func sqlite<Value>(_ body: () throws(SQLiteError) -> Value) throws(QueueError) -> Value {
        do throws(SQLiteError) { return try body() } catch { throw QueueError(error) }
    }

    /// Takes over what the file says after it was opened or replaced.
    func load() throws(QueueError) {
        try file.writer.withLock { writer throws(QueueError) in
            guard let writer else { throw self.absence }
            try Self.sqlite { () throws(SQLiteError) in
                if try !writer.isPlausible() { try writer.recount(lastSequence: 0) }
                try writer.shrinkIfEmpty()
                let oldest = try writer.oldest()
                self.state.withLock { state in
                    state.ledger.appended(upTo: writer.counters.lastSequence)
                    state.count(writer.counters)
                    state.oldest = oldest
                }
            }
        }
    }

    // MARK: Damage at use

    /// Why there is no connection: the queue was closed, or its file could not be replaced.
    private var absence: QueueError {
        isClosed.load(ordering: .acquiring) ? .closed : .damaged("it could not be replaced; the log says why")
    }

    /// Runs `body`; if it meets damage, replaces the file as at start and runs it again.
    private func repairing<Value>(_ body: () throws(QueueError) -> Value) throws(QueueError) -> Value {
        let repairs = repairs.withLock { $0.count }
        do throws(QueueError) {
            return try body()
        } catch {
            if case .diskFull = error { checkpointer.makeRoom() }
            guard case .damaged(let reason) = error else { throw error }
            try repair(because: reason, unlessAfter: repairs)
            return try body()
        }
    }

    /// - Parameter known: the number of repairs before the damage was met; if there was one since, it is over.
    private func repair(because reason: String, unlessAfter known: Int) throws(QueueError) {
        try repairs.withLock { repairs throws(QueueError) in
            guard repairs.count == known else { return }
            // One that failed is not tried again at every call: it reads the whole file.
            let now = clock.uptime()
            if let last = repairs.failedAt, now - last < .seconds(Repairs.pauseSeconds) { throw .damaged(reason) }
            do throws(QueueError) {
                // Whoever finds no connection meanwhile waits here for the end of the repair.
                file.close()
                try folder.replace(because: reason)
                try Self.sqlite { () throws(SQLiteError) in try self.file.reopen() }
                try load()
            } catch {
                repairs.failedAt = now
                throw error
            }
            repairs = Repairs(count: repairs.count + 1)
        }
    }

    struct Repairs {
        static let pauseSeconds = 10
        var count = 0
        var failedAt: Duration?
    }
}
