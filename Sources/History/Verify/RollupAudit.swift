import Analytics
import Chat
import Limits
import MongoDB

/// The rollups of one scope as stored, beside what the history gives.
///
/// MongoDB counts, groups and compares, on its disk where need be. Blocking.
struct RollupAudit {
    let scan: HistoryScan
    let scope: RollupScope
    /// What is older is past its retention, and may be there or not.
    var since: Quarter?

    /// A document, or what nodes keep of it together, that is not what it should be.
    struct Row {
        let id: String
        let type: String
        let period: RollupPeriod
        /// One of the counts that differ.
        let cell: RollupCell
        let stored: Int64
        let expected: Int64

        init(_ key: RollupKey, _ cell: RollupCell, stored: Int64, expected: Int64) {
            (id, type, period, self.cell) = (key.id, key.type, key.period, cell)
            (self.stored, self.expected) = (stored, expected)
        }

        func difference(_ scope: RollupScope) -> Difference {
            let id = joinedID(scope.rawValue, period.text, id, type)
            return Difference(.rollups, id, cell.path, stored: "\(stored)", expected: "\(expected)")
        }
    }

    /// Every document that differs, those of one period together.
    func forEachRow(_ body: (Row) throws(MongoError) -> Void) throws(MongoError) {
        let source = RollupSource(scope: scope)
        var stages = source.pipeline()
        stages.append(
            Expression.stage(
                "$unionWith",
                [
                    "coll": .string(Collection.rollups.rawValue),
                    "pipeline": .array(Self.array(Self.stored(scope))),
                ]
            )
        )
        if let since {
            var match = BSONDocument()
            match.append("q") { $0.append("$gte", since.number) }
            stages.append(Expression.stage("$match", .document(match)))
        }
        stages += [Self.sum, Self.unequal, byDocument, Expression.stage("$sort", ["_id": .int32(1)])]
        try scan.connection.aggregate(
            source.collection.rawValue,
            stages,
            in: scan.database,
            allowDiskUse: true,
            session: scan.session
        ) { (document: BSONDocument) throws(MongoError) in
            if let row = row(document) { try body(row) }
            return true
        }
    }

    /// What the history gives for some members in one period, in a transaction.
    func expected(_ ids: [String], in period: RollupPeriod) throws(MongoError) -> [RollupKey: [RollupCell: Int64]] {
        let source = RollupSource(scope: scope)
        var result: [RollupKey: [RollupCell: Int64]] = [:]
        try scan.connection.aggregate(
            source.collection.rawValue,
            source.pipeline(ids: ids, in: period),
            in: scan.database,
            allowDiskUse: true,
            session: scan.session
        ) { (document: BSONDocument) throws(MongoError) in
            guard let (key, cell) = key(document) else { return true }
            result[key, default: [:]][cell, default: 0] += document.int64("n") ?? 0
            return true
        }
        return result
    }

    // MARK: Rows

    private func row(_ document: BSONDocument) -> Row? {
        guard let first = document.document("first"), let (key, cell) = key(first) else { return nil }
        return Row(key, cell, stored: first.int64("s") ?? 0, expected: first.int64("n") ?? 0)
    }

    private func key(_ document: BSONDocument) -> (RollupKey, RollupCell)? {
        guard let id = document.string("k"), let type = document.string("t"), let number = document.int64("q"),
            let measure = document.string("f").flatMap(RollupMeasure.init(field:))
        else { return nil }
        let quarter = Quarter(number)
        let period = RollupPeriod(of: quarter, byDay: scope.isByDay)
        return (
            RollupKey(scope, id, type: type, period: period), RollupCell(measure, slot: period.slot(of: quarter))
        )
    }

    // MARK: Stages

    /// Stored counts as rows of the same form, with `s` in place of `n`.
    private static func stored(_ scope: RollupScope) -> [BSONDocument] {
        let fields = RollupMeasure.allCases.map { measure in
            Expression.document([
                "$map": Expression.document([
                    "input": Expression.document([
                        "$objectToArray": Expression.call(
                            "$ifNull",
                            Expression.field(measure.field),
                            .document(.init())
                        )
                    ]),
                    "as": .string("e"),
                    "in": Expression.document([
                        "f": .string(measure.field), "s": .string("$$e.v"),
                        "q": Expression.call(
                            "$add",
                            .string("$p"),
                            Expression.document(["$toLong": .string("$$e.k")])
                        ),
                    ]),
                ])
            ])
        }
        var concatenation = BSONDocument()
        concatenation.append("$concatArrays") { (array: inout BSONArray) in
            for field in fields { array.append(value: field) }
        }
        // Of an object whatever is about it.
        let member = scope.kind.map { Expression.call("$ifNull", Expression.field($0.field), .string("$k")) }
        return [
            Expression.stage("$match", .document(RollupDocument.filter(scope))),
            Expression.stage(
                "$project",
                [
                    "_id": .int32(0), "k": member ?? .string("$k"), "t": .int32(1),
                    "c": .document(concatenation),
                ]
            ),
            Expression.stage("$unwind", .string("$c")),
            Expression.stage(
                "$project",
                [
                    "k": .int32(1), "t": .int32(1), "f": .string("$c.f"), "q": .string("$c.q"), "s": .string("$c.s"),
                ]
            ),
        ]
    }

    private static func array(_ documents: [BSONDocument]) -> BSONDocument {
        var holder = BSONDocument()
        holder.append("a") { (array: inout BSONArray) in for document in documents { array.append(document) } }
        if case .array(let array)? = holder["a"] { return array }
        return BSONDocument()
    }

    private static let sum = Expression.stage(
        "$group",
        [
            "_id": Expression.document([
                "k": .string("$k"), "t": .string("$t"), "f": .string("$f"), "q": .string("$q"),
            ]),
            "n": Expression.document(["$sum": .string("$n")]), "s": Expression.document(["$sum": .string("$s")]),
        ]
    )

    private static let unequal = Expression.stage(
        "$match",
        ["$expr": Expression.call("$ne", .string("$n"), .string("$s"))]
    )

    private var byDocument: BSONDocument {
        let day = Expression.document([
            "$toDate": Expression.call("$multiply", .string("$_id.q"), .int64(Quarter.milliseconds))
        ])
        let period = Expression.document([
            "$dateToString": Expression.document([
                "date": day, "format": .string(scope.isByDay ? "%Y-%m-%d" : "%Y-%m"),
            ])
        ])
        return Expression.stage(
            "$group",
            [
                "_id": Expression.document(["p": period, "k": .string("$_id.k"), "t": .string("$_id.t")]),
                "first": Expression.document([
                    "$first": Expression.document([
                        "k": .string("$_id.k"), "t": .string("$_id.t"), "f": .string("$_id.f"), "q": .string("$_id.q"),
                        "n": .string("$n"), "s": .string("$s"),
                    ])
                ]),
            ]
        )
    }
}

extension RollupMeasure {
    init?(field: String) {
        guard let measure = Self.allCases.first(where: { $0.field == field }) else { return nil }
        self = measure
    }
}
