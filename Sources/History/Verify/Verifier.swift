import Analytics
import Chat
import Crypto
package import MongoDB

/// Recomputes everything derived from the stored history, and reports what is stored otherwise.
///
/// Counters are expected to be what plain queries over messages, reactions and reads give; messages what their channels,
/// senders and reads give; the log what its bodies and signatures give. Memory does not grow with the history, but for
/// the ids of erased users. Blocking.
package struct Verifier {
    private let store: HistoryStore
    private let secrets: [(key: String?, code: HMACSHA256)]

    /// - Parameter secrets: with the API keys they belong to; without any, signatures are not checked.
    package init(_ store: HistoryStore, secrets: [(key: String?, secret: String)] = []) {
        self.store = store
        self.secrets = secrets.map { ($0.key, HMACSHA256(key: $0.secret)) }
    }

    /// - Parameters:
    ///   - inSnapshot: reads everything as of one moment, so that what is written meanwhile makes no difference. The
    ///     server keeps such a moment for five minutes unless told otherwise.
    ///   - each: told of every difference.
    package func run(inSnapshot: Bool = true, each: (Difference) -> Void) throws(MongoError) -> VerificationReport {
        try store.pool.withConnection { connection throws(MongoError) in
            guard inSnapshot else { return try run(connection, nil, each) }
            return try connection.withSnapshot { session throws(MongoError) in try run(connection, session, each) }
        }
    }

    private func run(
        _ connection: MongoConnection,
        _ session: MongoSession?,
        _ each: (Difference) -> Void
    ) throws(MongoError) -> VerificationReport {
        var report = VerificationReport(isSnapshot: session != nil)
        var differences = 0
        func count(_ difference: Difference) {
            differences += 1
            each(difference)
        }
        report.waitingSweeps = try Self.waitingSweeps(connection, session, store.database)
        for scope in TallyKey.Scope.allCases {
            let audit = CounterAudit(
                connection: connection,
                session: session,
                database: store.database,
                weights: store.settings.weights
            )
            let rows = try audit.forEachRow(of: scope) { row in row.differences(scope).forEach(count) }
            report.note("counters of \(TallyFields(scope).collection.rawValue)", rows)
        }
        let erasures = ErasureAudit(
            connection: connection,
            session: session,
            database: store.database,
            settings: store.settings
        )
        let erasedUsers = try erasures.erasedUsers(count)
        report.note("erased users", erasedUsers.count)
        let messages = MessageAudit(
            connection: connection,
            session: session,
            database: store.database,
            settings: store.settings,
            erasedUsers: erasedUsers
        )
        report.note("messages", try messages.forEachDifference(count))
        report.note("message edits", try erasures.forEachEdit { difference, _ in count(difference) })
        let events = EventAudit(
            connection: connection,
            session: session,
            database: store.database,
            secrets: secrets,
            erasedUsers: Set(erasedUsers.values)
        )
        let log = try events.forEachDifference(count)
        report.note("events", log.events)
        report.note("signed bodies", log.bodies)
        if !secrets.isEmpty { report.note("signatures", log.signatures) }
        report.differences = differences
        return report
    }

    static func waitingSweeps(
        _ connection: MongoConnection,
        _ session: MongoSession?,
        _ database: String
    ) throws(MongoError) -> [String] {
        var sweeps: [String] = []
        try connection.find(Collection.sweeps.rawValue, BSONDocument(), in: database, session: session) {
            (document: BSONDocument) throws(MongoError) in
            if let id = document.string("_id") { sweeps.append(id) }
            return true
        }
        return sweeps
    }
}
