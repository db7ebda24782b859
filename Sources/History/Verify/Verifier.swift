package import Analytics
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
    private let kept: [FigureLevel: Quarter]?

    /// - Parameters:
    ///   - secrets: with the API keys they belong to; without any, signatures are not checked.
    ///   - kept: from when on figures are to be kept; `nil`: as it is noted that they are.
    package init(
        _ store: HistoryStore,
        secrets: [(key: String?, secret: String)] = [],
        keeping kept: [FigureLevel: Quarter]? = nil
    ) {
        (self.store, self.kept) = (store, kept)
        self.secrets = secrets.map { ($0.key, HMACSHA256(key: $0.secret)) }
    }

    /// - Parameters:
    ///   - inSnapshot: reads each part as of one moment, so that what is written meanwhile makes no difference. A part is
    ///     the counters of one collection, or some messages or events with all that they depend on.
    ///   - each: told of every difference that no waiting sweep is going to mend.
    package func run(inSnapshot: Bool = true, each: (Difference) -> Void) throws(MongoError) -> VerificationReport {
        try store.pool.withConnection { connection throws(MongoError) in
            let moments = Moments(store: store, connection: connection, inSnapshot: inSnapshot)
            var report = VerificationReport(isSnapshot: inSnapshot)
            try run(moments, &report, each)
            try VerificationNote(store, connection).end(report)
            return report
        }
    }

    private func run(
        _ moments: Moments,
        _ report: inout VerificationReport,
        _ each: (Difference) -> Void
    ) throws(MongoError) {
        var (differences, pending) = (0, 0)
        func count(_ difference: Difference) {
            if difference.isPending { return pending += 1 }
            differences += 1
            each(difference)
        }
        for scope in TallyKey.Scope.allCases {
            let rows = try moments.scan { (scan) throws(MongoError) in
                try CounterAudit(scan).forEachRow(of: scope) { row in row.differences(scope).forEach(count) }
            }
            report.note("counters of \(TallyFields(scope).collection.rawValue)", rows)
        }
        if store.settings.keepsFigures {
            let figures = try FigureAudit(moments: moments, kept: kept).run(count)
            report.note("figures", figures.rollups)
            report.note("people", figures.people)
            report.note("conversations", figures.channels)
        }
        let erasedUsers = try moments.scan { (scan) throws(MongoError) in
            try ErasureAudit(scan: scan).erasedUsers(count)
        }
        report.note("erased users", erasedUsers.count)
        var (messages, edits, log) = (0, 0, EventAudit.Count())
        try moments.pages { (scan, position) throws(MongoError) in
            try MessageAudit(scan: scan, erasedUsers: erasedUsers).page(after: position, &messages, count)
        }
        try moments.pages { (scan, position) throws(MongoError) in
            try ErasureAudit(scan: scan).pageOfEdits(after: position, &edits) { difference, _ in count(difference) }
        }
        let erasedIDs = Set(erasedUsers.values)
        var reviews = 0
        try moments.pages { (scan, position) throws(MongoError) in
            try ErasureAudit(scan: scan).pageOfReviews(after: position, erasedIDs, &reviews) { difference, _ in
                count(difference)
            }
        }
        try moments.pages { (scan, position) throws(MongoError) in
            try EventAudit(scan: scan, secrets: secrets, erasedUsers: erasedIDs).page(after: position, &log, count)
        }
        report.note("messages", messages)
        report.note("message edits", edits)
        report.note("items of the review queue", reviews)
        report.note("events", log.events)
        report.note("signed bodies", log.bodies)
        if !secrets.isEmpty { report.note("signatures", log.signatures) }
        (report.differences, report.pending) = (differences, pending)
        report.waitingSweeps = try moments.scan { (scan) throws(MongoError) in try scan.waitingSweeps() }
    }
}
