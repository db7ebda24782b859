package import Analytics
import Limits
package import MongoDB

/// Replaces everything derived by what the history gives: messages first, then what erasures left, then counters.
///
/// Every step is a transaction of a bounded size and mends what it finds wrong in it, so that a rebuild may run beside
/// the service, be interrupted, and be run again: what is right is left alone. Blocking.
package struct Rebuilder {
    private let store: HistoryStore
    private let patient: PatientWriter
    private let kept: () -> [FigureLevel: Quarter]
    private let each: (Difference) -> Void

    /// - Parameters:
    ///   - kept: from when on figures are kept, now; what is older is not counted again.
    ///   - each: told of every difference that was mended.
    package init(
        _ store: HistoryStore,
        keeping kept: @escaping () -> [FigureLevel: Quarter] = { [:] },
        each: @escaping (Difference) -> Void
    ) {
        (self.store, self.kept, self.each) = (store, kept, each)
        patient = PatientWriter(store)
    }

    /// - Returns: how many fields were mended.
    package func run() throws(MongoError) -> Int {
        let erasedUsers = try store.pool.withConnection { connection throws(MongoError) in
            try ErasureAudit(scan: HistoryScan(store, connection, nil)).erasedUsers { _ in }
        }
        let erasures = ErasureMending(store: store, patient: patient, erasedUsers: Set(erasedUsers.values), each: each)
        var mended = try erasures.mendTombstones()
        mended += try MessageMending(store: store, patient: patient, erasedUsers: erasedUsers, each: each).mend()
        mended += try erasures.mendLeftovers()
        for scope in TallyKey.Scope.allCases { mended += try mendCounters(of: scope) }
        mended += try FigureRebuild(store: store, patient: patient, kept: kept, each: each).run()
        return mended
    }

    // MARK: Counters

    private func mendCounters(of scope: TallyKey.Scope) throws(MongoError) -> Int {
        var mended = 0
        var wrong: [String] = []
        try store.pool.withConnection { connection throws(MongoError) in
            _ = try CounterAudit(HistoryScan(store, connection, nil)).forEachRow(of: scope) {
                (row) throws(MongoError) in
                guard !row.differences(scope).isEmpty else { return }
                wrong.append(row.id)
                guard wrong.count == Limits.Worker().rebuildCounters else { return }
                mended += try mendCounters(of: scope, wrong)
                wrong.removeAll(keepingCapacity: true)
            }
        }
        return try mended + mendCounters(of: scope, wrong)
    }

    /// Counted again in a transaction: a batch that changes one of these counters meanwhile makes it start over.
    private func mendCounters(of scope: TallyKey.Scope, _ ids: [String]) throws(MongoError) -> Int {
        guard !ids.isEmpty else { return 0 }
        let differences = try patient.run { (writer) throws(MongoError) in
            try writer.withTransaction { session throws(MongoError) in
                try CounterMending(scope: scope, scan: HistoryScan(store, writer.connection, session)).mend(ids)
            }
        }
        differences.forEach(each)
        return differences.count
    }
}
