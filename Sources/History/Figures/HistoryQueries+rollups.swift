package import Analytics
import Chat
import Limits
package import MongoDB

/// Which counts are asked for.
package struct RollupSelection: Sendable {
    package var scope: RollupScope
    /// Of one member alone.
    package var id: String?
    /// Of one type alone.
    package var type: String?
    package var measure: RollupMeasure
    package var quarters: Range<Quarter>

    package init(
        _ measure: RollupMeasure,
        of scope: RollupScope,
        id: String? = nil,
        type: String? = nil,
        in quarters: Range<Quarter>
    ) {
        (self.measure, self.scope, self.id, self.type, self.quarters) = (measure, scope, id, type, quarters)
    }

    var periods: [RollupPeriod] {
        var period = RollupPeriod(of: quarters.lowerBound, byDay: scope.isByDay)
        var periods: [RollupPeriod] = []
        while period.start < quarters.upperBound {
            periods.append(period)
            period = period.next
        }
        return periods
    }
}

/// Counts of one document.
package struct RollupCounts: Sendable {
    package var id: String
    package var type: String
    /// In no order.
    package var counts: [(quarter: Quarter, count: Int64)]
}

extension HistoryQueries {
    /// Every count that is selected, document by document; what is kept in parts is not added up.
    ///
    /// Memory does not grow with what is read.
    ///
    /// - Parameter ids: of these members alone, and then of one period.
    package func forEachCount(
        _ selection: RollupSelection,
        of ids: [String]? = nil,
        _ body: (RollupCounts) throws(MongoError) -> Void
    ) throws(MongoError) {
        let (scope, periods) = (selection.scope, selection.periods)
        let some = ids.flatMap { ids in periods.first.map { RollupDocument.filter(scope, $0, ids: ids) } }
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                Collection.rollups.rawValue,
                some ?? RollupDocument.filter(scope, periods, selection.id),
                in: store.database,
                options: .init(
                    projection: RollupDocument.projection([selection.measure], of: scope),
                    batchSize: Self.rollupBatch,
                    maxTimeMS: limits.milliseconds
                )
            ) { (document: BSONDocument) throws(MongoError) in
                if let counts = RollupCounts(document, selection) { try body(counts) }
                return true
            }
        }
    }

    /// Documents fetched at a time: they are small, and each round trip costs.
    static var rollupBatch: Int { 5_000 }

    /// What the figures cover.
    package func figureState() throws(MongoError) -> FigureNote.State {
        try store.pool.withConnection { connection throws(MongoError) in
            try FigureNote(connection, store.database).state()
        }
    }
}

extension RollupCounts {
    fileprivate init?(_ document: BSONDocument, _ selection: RollupSelection) {
        var (id, type, start, slots) = ("", "", Int64(0), BSONDocument?.none)
        let (field, object) = (selection.measure.field, selection.scope.kind?.field)
        var member: String?
        for element in document.elements {
            if element.hasKey("k") {
                id = element.value.string ?? ""
            } else if let object, element.hasKey(object) {
                member = element.value.string
            } else if element.hasKey("t") {
                type = element.value.string ?? ""
            } else if element.hasKey("p") {
                start = element.value.int64 ?? 0
            } else if element.hasKey(field) {
                slots = element.value.document
            }
        }
        guard let slots, selection.type == nil || selection.type == type else { return nil }
        self.init(id: member ?? id, type: type, counts: [])
        counts.reserveCapacity(16)
        for element in slots.elements {
            guard let slot = element.keyNumber, let count = element.value.int64, count != 0 else { continue }
            let quarter = Quarter(start + slot)
            if selection.quarters.contains(quarter) { counts.append((quarter, count)) }
        }
        if counts.isEmpty { return nil }
    }

    /// Added up by the parts of a range, in no order; a part may come more than once.
    func sums(_ range: FigureRange) -> [(part: Int, count: Int64)] {
        var sums: [(part: Int, count: Int64)] = []
        for (quarter, count) in counts {
            guard let part = range.part(of: quarter) else { continue }
            // Neighbours mostly lie in the same part: one look into a dictionary for all of them.
            if sums.last?.part == part { sums[sums.count - 1].count += count } else { sums.append((part, count)) }
        }
        return sums
    }
}
