import Analytics
import Chat
import Limits
import MongoDB

/// Makes everything that figures are read from what the history gives, and notes that it is.
///
/// Step by step, each a transaction. Blocking.
struct FigureRebuild {
    let store: HistoryStore
    let patient: PatientWriter
    /// From when on they are kept, now.
    let kept: () -> [FigureLevel: Quarter]
    let each: (Difference) -> Void

    /// - Returns: how many documents were mended; none where figures are not kept.
    func run() throws(MongoError) -> Int {
        guard store.settings.keepsFigures else { return 0 }
        let since = kept()
        try note { (note) throws(MongoError) in try note.beginCounting() }
        var mended = 0
        for scope in RollupScope.ofMessages + [.reactions] {
            mended += try mend(scope, since: scope.level.flatMap { since[$0] })
        }
        mended += try mendPeople()
        mended += try mendCounts()
        mended += try mendConversations(since: since[.answers])
        mended += try mendTimes()
        try noteEvery()
        let zones = store.settings.zones.map(\.identifier)
        try note { (note) throws(MongoError) in
            try note.write(.init(isComplete: true, zones: zones))
            // Questions about what a longer retention brings back were refused up to now: it was not whole.
            try note.endCounting(keeping: kept())
        }
        return mended
    }

    /// Nodes may remember what messages, readings and members were before: where no figures are kept, nothing tells of changes.
    private func noteEvery() throws(MongoError) {
        _ = try step { (scan) throws(MongoError) in
            var plan = WritePlan()
            plan.days.noteEveryWriter()
            plan.days.note(.reads, in: nil)
            plan.members.noteEvery()
            try plan.execute(scan.connection, scan.session, scan.database, part: scan.settings.rollupPart)
            return []
        }
    }

    private func note(_ body: (FigureNote) throws(MongoError) -> Void) throws(MongoError) {
        try store.pool.withConnection { connection throws(MongoError) in
            try body(FigureNote(connection, store.database))
        }
    }

    private func mend(_ scope: RollupScope, since: Quarter?) throws(MongoError) -> Int {
        var (mended, period, ids) = (0, RollupPeriod?.none, Set<String>())
        func flush() throws(MongoError) {
            guard let period, !ids.isEmpty else { return }
            mended += try step { (scan) throws(MongoError) in
                try RollupMending(scan: scan, scope: scope).mend(Array(ids), in: period)
            }
            ids.removeAll(keepingCapacity: true)
        }
        try store.pool.withConnection { connection throws(MongoError) in
            try RollupAudit(scan: HistoryScan(store, connection, nil), scope: scope, since: since).forEachRow {
                (row) throws(MongoError) in
                if row.period != period || ids.count == Limits.Worker().rebuildCounters { try flush() }
                period = row.period
                ids.insert(row.id)
            }
        }
        try flush()
        return mended
    }

    private func mendPeople() throws(MongoError) -> Int {
        var (mended, position) = (0, String?.none)
        repeat {
            var wrong: [String] = []
            let (_, last) = try store.pool.withConnection { connection throws(MongoError) in
                try PeopleAudit(scan: HistoryScan(store, connection, nil)).page(after: position) { stored, expected in
                    if stored != expected { wrong.append(expected.id) }
                }
            }
            position = last
            for start in stride(from: 0, to: wrong.count, by: Limits.Worker().rebuildCounters) {
                let ids = Array(wrong[start..<min(start + Limits.Worker().rebuildCounters, wrong.count)])
                mended += try step { (scan) throws(MongoError) in try mendPeople(ids, scan) }
            }
        } while position != nil
        return mended
    }

    private func mendPeople(_ ids: [String], _ scan: HistoryScan) throws(MongoError) -> [Difference] {
        var (plan, differences) = (WritePlan(), [Difference]())
        for (_, pair) in try PeopleAudit(scan: scan).compared(ids) {
            guard let difference = pair.stored.difference(from: pair.expected) else { continue }
            differences.append(difference)
            plan.keep(pair.expected)
        }
        try plan.execute(scan.connection, scan.session, scan.database, part: scan.settings.rollupPart)
        return differences
    }

    /// The numbers of active users follow from everyone's activity, all at once.
    private func mendCounts() throws(MongoError) -> Int {
        try step { (scan) throws(MongoError) in
            let expected = try PeopleAudit(scan: scan).expectedCounts(store.settings.zones)
            return try RollupMending(scan: scan, scope: .people).replace(PeopleAudit.countsFilter, nil, by: expected)
        }
    }

    /// Forgotten where they are wrong, and made again as after any change.
    private func mendConversations(since: Quarter?) throws(MongoError) -> Int {
        var (mended, position) = (0, String?.none)
        repeat {
            var wrong: [(cid: String, difference: Difference)] = []
            let (_, last) = try store.pool.withConnection { connection throws(MongoError) in
                let audit = ConversationAudit(scan: HistoryScan(store, connection, nil), since: since)
                return try audit.page(after: position) {
                    wrong.append(($0, $1))
                }
            }
            position = last
            for start in stride(from: 0, to: wrong.count, by: Limits.Worker().rebuildCounters) {
                let some = wrong[start..<min(start + Limits.Worker().rebuildCounters, wrong.count)]
                mended += try step { (scan) throws(MongoError) in
                    var (plan, records) = (WritePlan(), Table<ConversationRecord>())
                    try records.load(Set(some.map(\.cid)), from: scan.reader)
                    for (cid, _) in some { plan.forget(records[cid] ?? ConversationRecord(cid: cid)) }
                    try plan.execute(scan.connection, scan.session, scan.database, part: scan.settings.rollupPart)
                    return some.map(\.difference)
                }
            }
        } while position != nil
        while try patient.run({ (writer) throws(MongoError) in try writer.keepConversations() }) {}
        return mended
    }

    /// Removes those that are of no conversation.
    private func mendTimes() throws(MongoError) -> Int {
        var (mended, position) = (0, BSONDocument?.none)
        repeat {
            let last = position
            mended += try step { (scan) throws(MongoError) in
                var (plan, differences) = (WritePlan(), [Difference]())
                position = try ConversationTimeAudit(scan: scan).page(after: last) { document, difference in
                    plan.delete(.only(id: document), from: ConversationTime.collection)
                    differences.append(difference)
                }
                try plan.execute(scan.connection, scan.session, scan.database)
                return differences
            }
        } while position != nil
        return mended
    }

    private func step(_ body: (HistoryScan) throws(MongoError) -> [Difference]) throws(MongoError) -> Int {
        let differences = try patient.run { (writer) throws(MongoError) in
            try writer.withTransaction { session throws(MongoError) in
                try body(HistoryScan(store, writer.connection, session))
            }
        }
        differences.forEach(each)
        return differences.count
    }
}
