package import Limits
package import MongoDB

/// What ``AuditVerifier`` found.
package struct AuditReport: Sendable, Equatable {
    /// Looked at.
    package var entries = 0
    /// Values that erasures have removed.
    package var erasedValues = 0
    /// Entries that wait to be chained.
    package var waiting = 0
    package var faults = 0
    /// The end of the chain, to be noted elsewhere; `nil` where the last entry cannot be read.
    package var head: AuditHead?
}

/// Walks the chain from an entry to its end.
///
/// Entries may be added meanwhile. Memory does not grow with the chain. Blocking.
package struct AuditVerifier {
    private let store: HistoryStore
    private let limits: Limits.Audit

    package init(_ store: HistoryStore, limits: Limits.Audit = Limits.Audit()) {
        (self.store, self.limits) = (store, limits)
    }

    /// - Parameters:
    ///   - first: the first entry looked at; what it says of the one before is believed unless that is there.
    ///   - noted: a head that was noted earlier, not before `first`.
    ///   - progress: told how many of how many entries have been looked at.
    ///   - each: told of every fault.
    package func run(
        from first: Int64 = 1,
        noted: AuditHead? = nil,
        progress: (Int, Int) -> Void = { _, _ in },
        each: (AuditFault) -> Void
    ) throws(MongoError) -> AuditReport {
        try store.pool.withConnection { connection throws(MongoError) in
            let scan = HistoryScan(store, connection, nil)
            // In this order, since entries and erasures may be added while we look.
            let ownNote = try note(scan)
            let end = try lastPlace(scan)
            var walk = AuditWalk(
                after: (first - 1, try hash(before: first, scan)),
                noted: [noted, ownNote].compactMap(\.self).filter { $0.sequence >= first }
            )
            var report = AuditReport()
            func tell(_ faults: [AuditFault]) {
                for fault in faults {
                    report.faults += 1
                    each(fault)
                }
            }
            let total = Int(max(0, end - first + 1))
            try forEach(from: first, through: end, scan) { document in
                tell(walk.take(document))
                progress(walk.entries, total)
            }
            tell(walk.end())
            if first <= 1 { tell(try strays(scan) + removedValues(walk.erasedValues, scan)) }
            (report.entries, report.erasedValues, report.head) = (walk.entries, walk.erasedValues, walk.head)
            report.waiting = try count(.auditPending, scan)
            return report
        }
    }

    // MARK: Reading

    /// - Parameter first: 1 begins before it, for what should not be there.
    private func forEach(
        from first: Int64,
        through end: Int64,
        _ scan: HistoryScan,
        _ body: (BSONDocument) -> Void
    ) throws(MongoError) {
        var position: BSONValue?
        while true {
            var filter = BSONDocument()
            filter.append("_id") {
                if let position { $0.append("$gt", value: position) } else if first > 1 { $0.append("$gte", first) }
                $0.append("$lte", end)
            }
            var count = 0
            try scan.find(.audit, filter, .init(sort: .keys(("_id", 1)), limit: limits.pageRows)) {
                (document: BSONDocument) throws(MongoError) in
                count += 1
                position = document["_id"]
                body(document)
            }
            if count < limits.pageRows { return }
        }
    }

    private func lastPlace(_ scan: HistoryScan) throws(MongoError) -> Int64 {
        var filter = BSONDocument()
        filter.append("_id") { $0.append("$type", "number") }
        var place: Int64 = 0
        try scan.find(.audit, filter, .init(sort: .keys(("_id", -1)), projection: .only("_id"), limit: 1)) {
            (document: BSONDocument) throws(MongoError) in
            place = document.double("_id").map { Int64($0.rounded(.up)) } ?? 0
        }
        return place
    }

    private func hash(before first: Int64, _ scan: HistoryScan) throws(MongoError) -> [UInt8]? {
        guard first > 1 else { return AuditHead.empty.hash }
        var filter = BSONDocument()
        filter.append("_id", first - 1)
        var hash: [UInt8]?
        try scan.find(.audit, filter) { (document: BSONDocument) throws(MongoError) in hash = document.binary("hash") }
        return hash
    }

    /// What the service itself notes of its chain.
    private func note(_ scan: HistoryScan) throws(MongoError) -> AuditHead? {
        var head: AuditHead?
        try scan.find(.mark, .id(AuditHead.noteID)) { (document: BSONDocument) throws(MongoError) in
            head = document.document("head").flatMap { AuditHead($0) }
        }
        return head
    }

    // MARK: What no walk meets

    private func strays(_ scan: HistoryScan) throws(MongoError) -> [AuditFault] {
        var filter = BSONDocument()
        filter.append("_id") { $0.append("$not") { $0.append("$type", "number") } }
        var isThere = false
        try scan.find(.audit, filter, .init(projection: .only("_id"), limit: 1)) {
            (_: BSONDocument) throws(MongoError) in isThere = true
        }
        return isThere ? [AuditFault(.stray, at: 0, "a document whose _id is no number stands beside the chain")] : []
    }

    private func removedValues(_ found: Int, _ scan: HistoryScan) throws(MongoError) -> [AuditFault] {
        var ours = BSONDocument()
        ours.append("$match") { $0.append("_id") { $0.append("$gte", ErasureLedger.idPrefix) } }
        var sum = BSONDocument()
        sum.append("$group") {
            $0.appendNull("_id")
            $0.append("sum") { $0.append("$sum", "$\(ErasureReport.Kind.auditValues.rawValue)") }
        }
        var noted: Int64 = 0
        try scan.connection.aggregate(Collection.mark.rawValue, [ours, sum], in: scan.database) {
            (document: BSONDocument) throws(MongoError) in
            noted = document.int64("sum") ?? 0
            return false
        }
        guard found > Int(noted) else { return [] }
        return [AuditFault(.removedValues, at: 0, "\(found) values are gone, and erasures have removed \(noted)")]
    }

    private func count(_ collection: Collection, _ scan: HistoryScan) throws(MongoError) -> Int {
        var stage = BSONDocument()
        stage.append("$count", "n")
        var count = 0
        try scan.connection.aggregate(collection.rawValue, [stage], in: scan.database) {
            (document: BSONDocument) throws(MongoError) in
            count = document.int64("n").map(Int.init) ?? 0
            return false
        }
        return count
    }
}
