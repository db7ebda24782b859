import Analytics
import Chat
import MongoDB

/// The counters of one scope as stored, beside what the history gives.
///
/// Blocking.
///
/// MongoDB groups and merges, on its disk where need be: neither side holds more than a batch.
struct CounterAudit {
    let scan: HistoryScan
    private var weights: EngagementWeights { scan.settings.weights }

    init(_ scan: HistoryScan) { self.scan = scan }

    /// One id: what is stored under it and what should be.
    struct Row {
        let id: String
        let stored: BSONDocument
        let expected: TallyChange

        func differences(_ scope: TallyKey.Scope) -> [Difference] {
            let fields = TallyFields(scope)
            let counters = fields.counters(expected).compactMap { field, count -> Difference? in
                let value = stored[field]
                guard value?.int64 != count, value != nil || count != 0 else { return nil }
                return difference(fields, field, value, "\(count)")
            }
            let times = fields.times(expected).compactMap { field, time -> Difference? in
                let value = stored[field]
                guard value?.date != time?.milliseconds || value != nil && value?.date == nil else { return nil }
                return difference(fields, field, value, time.map { "\($0.milliseconds) ms" } ?? "nothing")
            }
            return counters + times
        }

        private func difference(
            _ fields: TallyFields,
            _ field: String,
            _ value: BSONValue?,
            _ expected: String
        ) -> Difference {
            let stored = value.map { $0.shown(as: field) } ?? "nothing"
            return Difference(fields.collection, id, field, stored: stored, expected: expected)
        }
    }

    /// Every id that history or counters know, in the order of their bytes.
    ///
    /// - Returns: how many there are.
    func forEachRow(of scope: TallyKey.Scope, _ body: (Row) throws(MongoError) -> Void) throws(MongoError) -> Int {
        let sources = CounterSource.all(of: scope)
        guard let first = sources.first else { return 0 }
        var pipeline = first.pipeline()
        for source in sources.dropFirst() { pipeline.append(Self.union(source.collection, source.pipeline())) }
        pipeline.append(Self.union(TallyFields(scope).collection, [Self.wrapping(TallyFields(scope).names)]))
        pipeline += [Self.total(sources), Self.sort]
        var count = 0
        try scan.connection.aggregate(
            first.collection.rawValue,
            pipeline,
            in: scan.database,
            allowDiskUse: true,
            session: scan.session
        ) { (row: BSONDocument) throws(MongoError) in
            guard let id = row.string("_id") else { return true }
            count += 1
            let expected = TallyChange(row: row, scope, weights)
            try body(Row(id: id, stored: row.document("stored") ?? BSONDocument(), expected: expected))
            return true
        }
        return count
    }

    /// What the history gives for these ids, by plain queries that a transaction may run.
    func expected(_ scope: TallyKey.Scope, _ ids: [String]) throws(MongoError) -> [String: TallyChange] {
        var result = Dictionary(uniqueKeysWithValues: ids.map { ($0, TallyChange()) })
        for source in CounterSource.all(of: scope) {
            try scan.connection.aggregate(
                source.collection.rawValue,
                source.pipeline(ids: ids),
                in: scan.database,
                session: scan.session
            ) { (row: BSONDocument) throws(MongoError) in
                if let id = row.string("_id") {
                    result[id, default: TallyChange()].add(TallyChange(row: row, scope, weights))
                }
                return true
            }
        }
        return result
    }

    // MARK: Stages

    private static func union(_ collection: Collection, _ pipeline: [BSONDocument]) -> BSONDocument {
        var stage = BSONDocument()
        stage.append("$unionWith") {
            $0.append("coll", collection.rawValue)
            $0.append("pipeline") { (array: inout BSONArray) in for part in pipeline { array.append(part) } }
        }
        return stage
    }

    /// The stored counters as one field of a row.
    private static func wrapping(_ fields: [String]) -> BSONDocument {
        var stage = BSONDocument()
        stage.append("$project") { $0.append("stored") { for field in fields { $0.append(field, "$\(field)") } } }
        return stage
    }

    private static func total(_ sources: [CounterSource]) -> BSONDocument {
        var stage = BSONDocument()
        stage.append("$group") {
            $0.append("_id", "$_id")
            for field in Set(sources.flatMap { $0.sums.map(\.field) }).sorted() {
                $0.append(field) { $0.append("$sum", "$\(field)") }
            }
            for field in Set(sources.flatMap { $0.latest.map(\.field) }).sorted() {
                $0.append(field) { $0.append("$max", "$\(field)") }
            }
            // One row of each id has it.
            $0.append("stored") { $0.append("$max", "$stored") }
        }
        return stage
    }

    private static var sort: BSONDocument {
        var stage = BSONDocument()
        stage.append("$sort") { $0.append("_id", Int32(1)) }
        return stage
    }
}

extension TallyFields {
    /// Every counter of the scope, also one at zero.
    func counters(_ change: TallyChange) -> [(field: String, count: Int64)] {
        [
            (messages, change.messages), (reactions, change.reactions), (reads, change.reads),
            (readMilliseconds, change.readMilliseconds), (engagement, change.engagement),
        ].compactMap { field, count in field.map { ($0, count) } }
    }

    /// Every latest time of the scope.
    func times(_ change: TallyChange) -> [(field: String, time: Timestamp?)] {
        [(lastMessageAt, change.lastMessageAt), (lastActivity, change.lastActivity)].compactMap { field, time in
            field.map { ($0, time) }
        }
    }

    var names: [String] {
        [messages, reactions, reads, readMilliseconds, engagement, lastMessageAt, lastActivity].compactMap(\.self)
    }
}
