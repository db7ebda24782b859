import Analytics
import Chat
package import MongoDB

/// The one writer of a node: commits batches of events, and sweeps what they leave to recompute.
///
/// For one thread.
package final class HistoryWriter {
    private let store: HistoryStore
    private let writer: MongoWriter

    package init(_ store: HistoryStore) throws(MongoError) {
        self.store = store
        writer = try store.pool.openWriter()
    }

    var connection: MongoConnection { writer.connection }
    var database: String { store.database }

    /// The session's id, to be killed after a crash: see ``MongoWriter``.
    package var sessionID: [UInt8] { writer.session.id }

    func withTransaction<R>(_ body: (MongoSession) throws(MongoError) -> R) throws(MongoError) -> R {
        try writer.withTransaction(body)
    }

    /// Ends transactions that a crashed process left open.
    package func endSessions(_ ids: [[UInt8]]) throws(MongoError) {
        if !ids.isEmpty { try writer.connection.killSessions(ids) }
    }

    /// Stores a batch in one transaction: log, history, counters and requests for sweeps.
    ///
    /// Durable on return (majority, journal). Safe to call again with the same events after any error.
    package func commit(_ received: [ReceivedEvent]) throws(MongoError) -> CommitReport {
        var report = CommitReport()
        let clock = ContinuousClock()
        let start = clock.now
        var lap = start
        func lapTime() -> Duration {
            let now = clock.now
            defer { lap = now }
            return lap.duration(to: now)
        }
        try writer.withTransaction { session throws(MongoError) in
            var fold = BatchFold(received, settings: store.settings)
            let reader = TimedReader(
                MongoEntityReader(connection: writer.connection, session: session, database: store.database)
            )
            try fold.run(reading: reader)
            report.reading = reader.elapsed
            report.folding = lapTime() - reader.elapsed
            let plan = fold.plan()
            report.encoding = lapTime()
            try plan.execute(writer.connection, session, store.database)
            try Latest(connection: writer.connection, session: session, database: store.database)
                .lookUp(fold.tallies.takenBack)
            report.writing = lapTime()
            report.stored = fold.events.count
            report.requestsSweeps = !fold.sweeps.isEmpty
        }
        report.committing = lapTime()
        return report
    }

    /// Recomputes some messages of one waiting sweep, in a transaction of its own.
    ///
    /// - Returns: whether more may wait.
    package func sweep(messages limit: Int) throws(MongoError) -> Bool {
        try writer.withTransaction { session throws(MongoError) in
            let sweeper = Sweeper(
                connection: writer.connection,
                session: session,
                database: store.database,
                settings: store.settings
            )
            return try sweeper.step(limit: limit)
        }
    }
}

/// What a commit did and where its time went.
package struct CommitReport: Sendable {
    /// Events that were new.
    package var stored = 0
    package var requestsSweeps = false
    package var reading = Duration.zero
    package var folding = Duration.zero
    package var encoding = Duration.zero
    package var writing = Duration.zero
    package var committing = Duration.zero
}

/// Adds up the time that reads take.
private final class TimedReader: EntityReader {
    private let reader: MongoEntityReader
    private(set) var elapsed = Duration.zero

    init(_ reader: MongoEntityReader) { self.reader = reader }

    func knownEvents(among ids: [EventID]) throws(MongoError) -> Set<EventID> {
        try timed { () throws(MongoError) in try reader.knownEvents(among: ids) }
    }

    func erasedUsers(among ids: Set<String>) throws(MongoError) -> Set<String> {
        try timed { () throws(MongoError) in try reader.erasedUsers(among: ids) }
    }

    func load<Record: StoredRecord>(_ type: Record.Type, _ keys: Set<Record.Key>) throws(MongoError) -> [Record] {
        try timed { () throws(MongoError) in try reader.load(type, keys) }
    }

    private func timed<R>(_ body: () throws(MongoError) -> R) throws(MongoError) -> R {
        let start = ContinuousClock.now
        defer { elapsed += start.duration(to: .now) }
        return try body()
    }
}
