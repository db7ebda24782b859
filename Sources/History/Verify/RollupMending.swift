import Analytics
import Chat
import Limits
import MongoDB

/// Makes rollups of one scope and period what the history gives, in one transaction.
///
/// What tells of objects, too, stays as it is; what is missing then, or too much, is in documents of the scope's own. Nodes' parts
/// of a document become one. Blocking.
struct RollupMending {
    let scan: HistoryScan
    let scope: RollupScope

    func mend(_ ids: [String], in period: RollupPeriod) throws(MongoError) -> [Difference] {
        let audit = RollupAudit(scan: scan, scope: scope)
        let wanted = Set(ids)
        let expected = try audit.expected(ids, in: period).filter { wanted.contains($0.key.id) }
        return try replace(RollupDocument.filter(scope, period, ids: ids), wanted, by: expected)
    }

    /// - Parameters:
    ///   - filter: finds every document that may have to go, and others.
    ///   - ids: of the members concerned; `nil` is all.
    func replace(
        _ filter: BSONDocument,
        _ ids: Set<String>?,
        by expected: [RollupKey: [RollupCell: Int64]]
    ) throws(MongoError) -> [Difference] {
        var (stored, fixed) = ([RollupKey: [RollupCell: Int64]](), [RollupKey: [RollupCell: Int64]]())
        var documents: [RollupKey: [String]] = [:]
        try scan.find(.rollups, filter) { (document: BSONDocument) throws(MongoError) in
            guard let id = document.string("_id"), let (key, cells) = RollupKey.read(document, scope),
                ids?.contains(key.id) ?? true
            else { return }
            for (cell, count) in cells { stored[key, default: [:]][cell, default: 0] += count }
            if document.isAboutObjects {
                for (cell, count) in cells { fixed[key, default: [:]][cell, default: 0] += count }
            } else {
                documents[key, default: []].append(id)
            }
        }
        var (plan, differences) = (WritePlan(), [Difference]())
        for key in Set(documents.keys).union(fixed.keys).union(expected.keys) {
            let (old, new) = (counted(stored[key]), counted(expected[key]))
            guard old != new, let cell = Set(old.keys).union(new.keys).first(where: { old[$0] != new[$0] }) else {
                continue
            }
            let row = RollupAudit.Row(key, cell, stored: old[cell] ?? 0, expected: new[cell] ?? 0)
            differences.append(row.difference(scope))
            plan.days.note(key, Set(old.keys).union(new.keys))
            for id in documents[key] ?? [] { plan.delete(.id(id), from: .rollups) }
            let own = counted(new.merging(fixed[key, default: [:]].mapValues(-), uniquingKeysWith: +))
            if own.isEmpty { continue }
            plan.insert(RollupDocument.new(key, own, part: scan.settings.rollupPart), into: .rollups)
        }
        try plan.execute(scan.connection, scan.session, scan.database, part: scan.settings.rollupPart)
        return differences
    }

    private func counted(_ cells: [RollupCell: Int64]?) -> [RollupCell: Int64] {
        (cells ?? [:]).filter { $0.value != 0 }
    }
}

extension BSONDocument {
    fileprivate var isAboutObjects: Bool { RollupScope.objectKinds.contains { self[$0.field] != nil } }
}

extension RollupKey {
    /// A stored document of rollups, as a scope has it.
    static func read(_ document: BSONDocument, _ scope: RollupScope) -> (RollupKey, [RollupCell: Int64])? {
        guard let id = scope.kind.flatMap({ document.string($0.field) }) ?? document.string("k"),
            let type = document.string("t"), let start = document.int64("p")
        else { return nil }
        let period = RollupPeriod(of: Quarter(start), byDay: scope.isByDay)
        var cells: [RollupCell: Int64] = [:]
        for measure in RollupMeasure.allCases {
            guard let counts = document.document(measure.field) else { continue }
            for (slot, count) in counts {
                if let slot = Int(slot) { cells[RollupCell(measure, slot: slot)] = count.int64 ?? 0 }
            }
        }
        return (RollupKey(scope, id, type: type, period: period), cells)
    }
}
