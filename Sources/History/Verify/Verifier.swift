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
            guard inSnapshot else { return try run(HistoryScan(store, connection, nil), each) }
            return try connection.withSnapshot { session throws(MongoError) in
                try run(HistoryScan(store, connection, session), each)
            }
        }
    }

    private func run(_ scan: HistoryScan, _ each: (Difference) -> Void) throws(MongoError) -> VerificationReport {
        var report = VerificationReport(isSnapshot: scan.session != nil)
        var differences = 0
        func count(_ difference: Difference) {
            differences += 1
            each(difference)
        }
        report.waitingSweeps = try Self.waitingSweeps(scan)
        for scope in TallyKey.Scope.allCases {
            let rows = try CounterAudit(scan).forEachRow(of: scope) { row in row.differences(scope).forEach(count) }
            report.note("counters of \(TallyFields(scope).collection.rawValue)", rows)
        }
        let erasures = ErasureAudit(scan: scan)
        let erasedUsers = try erasures.erasedUsers(count)
        report.note("erased users", erasedUsers.count)
        let messages = MessageAudit(scan: scan, erasedUsers: erasedUsers)
        report.note("messages", try messages.forEachDifference(count))
        report.note("message edits", try erasures.forEachEdit { difference, _ in count(difference) })
        let log = try EventAudit(scan: scan, secrets: secrets, erasedUsers: Set(erasedUsers.values))
            .forEachDifference(count)
        report.note("events", log.events)
        report.note("signed bodies", log.bodies)
        if !secrets.isEmpty { report.note("signatures", log.signatures) }
        report.differences = differences
        return report
    }

    /// Channels and users whose messages are yet to be recomputed.
    static func waitingSweeps(_ scan: HistoryScan) throws(MongoError) -> [String] {
        var sweeps: [String] = []
        try scan.find(.sweeps) { (document: BSONDocument) throws(MongoError) in
            if let id = document.string("_id") { sweeps.append(id) }
        }
        return sweeps
    }
}
