package import Analytics
package import Chat
import Limits
import MongoDB

/// One thing that a figure counts or measures, as a document tells of it.
struct DatedRow {
    let at: Timestamp
    /// In milliseconds, of what takes time.
    var milliseconds: Int64 = 0
    /// Of which it is, by what it may be grouped by.
    let group: String?
}

/// A question about things that are counted or measured one by one.
package struct DatedQuestion: Sendable {
    package var range: FigureRange
    package var grouping: FigureGrouping?
    /// Only those of which this is so.
    package var place: (filter: FigureFilter, id: String)?
    /// Latencies up to this count as within, in milliseconds.
    package var target: Int64
    /// Latencies count these hours alone.
    package var hours: BusinessHours?
    /// Ages are those of now.
    package var now: Timestamp
    /// Which rows of the answer are wanted: of others a figure with many groups need not tell.
    package var wanted = 0..<Int.max

    package init(_ range: FigureRange, grouping: FigureGrouping?, target: Int64, now: Timestamp) {
        (self.range, self.grouping, self.target, self.now) = (range, grouping, target, now)
    }

    /// A document's group, and whether it is asked for at all.
    func group(_ document: BSONDocument, user: String) -> (isWanted: Bool, group: String?) {
        group { Self.value($0, document, user) }
    }

    /// The same of something that has a value by each name of a filter or grouping.
    func group(_ value: (String) -> String?) -> (isWanted: Bool, group: String?) {
        if let place, value(place.filter.rawValue) != place.id { return (false, nil) }
        guard let grouping else { return (true, nil) }
        let group = value(grouping.rawValue)
        return (group != nil, group)
    }

    private static func value(_ name: String, _ document: BSONDocument, _ user: String) -> String? {
        switch name {
        case "channel": document.string("cid") ?? document.string("_id")
        case "channelType": (document.string("cid") ?? document.string("_id")).map { Channel.parts(ofCID: $0).type }
        case "listing": document.string("listing_id")
        case "user": document.string(user)
        case "type": document.string("type")
        default: nil
        }
    }
}

/// Sums and latencies by group and part.
struct DatedRows {
    private struct Cell {
        var sketch = LatencySketch()
        var within: Int64 = 0
    }

    private let question: DatedQuestion
    private var cells: [String: [Int: Cell]] = [:]

    init(_ question: DatedQuestion) { self.question = question }

    mutating func add(_ row: DatedRow) {
        guard let part = question.range.part(of: Quarter(row.at)) else { return }
        cells[row.group ?? "", default: [:]][part, default: Cell()].sketch.add(row.milliseconds)
        if row.milliseconds <= question.target { cells[row.group ?? ""]?[part]?.within += 1 }
    }

    /// How many there are.
    var counts: Figures {
        let rows = rows { cell in .count(cell?.sketch.count ?? 0) }
        return Figures(rows, total: cells.values.reduce(0) { $1.values.reduce($0) { $0 + $1.sketch.count } })
    }

    /// How long they took.
    var latencies: Figures {
        Figures(rows { .latency(LatencySummary($0?.sketch ?? .init(), within: $0?.within ?? 0)) }, total: nil)
    }

    private func rows(_ value: (Cell?) -> FigureValue) -> [FigureRow] {
        let parts = question.range.parts
        guard question.grouping != nil else {
            return parts.indices.map { FigureRow(parts[$0], value(cells[""]?[$0])) }
        }
        let groups = cells.map { (group: $0.key, count: $0.value.values.reduce(0) { $0 + $1.sketch.count }, $0.value) }
        return groups.sorted { ($1.count, $0.group) < ($0.count, $1.group) }.flatMap { group, _, cells in
            cells.sorted { $0.key < $1.key }.map { FigureRow(parts[$0.key], group: group, value($0.value)) }
        }
    }
}

extension HistoryQueries {
    /// Every document that matches, in no order; memory does not grow with them.
    ///
    /// - Parameter hint: which index to use, where MongoDB does not see that it could.
    func forEach(
        _ collection: Collection,
        _ filter: BSONDocument,
        _ fields: BSONDocument,
        hint: Index? = nil,
        _ body: (BSONDocument) throws(MongoError) -> Void
    ) throws(MongoError) {
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                collection.rawValue,
                filter,
                in: store.database,
                options: .init(
                    projection: fields,
                    hint: hint?.name,
                    batchSize: Self.rollupBatch,
                    maxTimeMS: limits.milliseconds
                )
            ) { (document: BSONDocument) throws(MongoError) in
                try body(document)
                return true
            }
        }
    }
}

extension FigureRange {
    /// Documents whose time lies in it.
    func filter(_ field: String) -> BSONDocument { quarters.filter(field) }

    var milliseconds: Range<Int64> { quarters.lowerBound.start.milliseconds..<quarters.upperBound.start.milliseconds }
}

extension Range<Quarter> {
    /// Documents whose time lies in it.
    func filter(_ field: String) -> BSONDocument {
        var filter = BSONDocument()
        filter.append(field) {
            $0.append("$gte", date: lowerBound.start.milliseconds)
            $0.append("$lt", date: upperBound.start.milliseconds)
        }
        return filter
    }
}
