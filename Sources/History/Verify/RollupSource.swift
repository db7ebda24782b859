import Analytics
import Chat
import MongoDB

/// Counts of one scope made of the messages or reactions themselves, in MongoDB's own language: a second way to what
/// ``MessageCounts`` says.
///
/// Gives rows of `k` (whose), `t` (type), `f` (the measure's field), `q` (quarter-hour) and `n` (count).
struct RollupSource {
    let scope: RollupScope

    var collection: Collection { scope == .reactions ? .reactions : .messages }

    /// - Parameters:
    ///   - ids: only these members.
    ///   - period: only what was counted then.
    func pipeline(ids: [String]? = nil, in period: RollupPeriod? = nil) -> [BSONDocument] {
        var stages = [
            Expression.stage("$match", .document(filter(ids, period))),
            Expression.stage(
                "$project",
                ["_id": .int32(0), "k": id, "t": type, "c": .document(Self.compact(cells))]
            ),
            Expression.stage("$unwind", .string("$c")),
        ]
        if let period {
            var match = BSONDocument()
            match.append("c.q") {
                $0.append("$gte", period.start.number)
                $0.append("$lt", period.next.start.number)
            }
            stages.append(Expression.stage("$match", .document(match)))
        }
        stages.append(
            Expression.stage(
                "$group",
                [
                    "_id": Expression.document([
                        "k": .string("$k"), "t": .string("$t"), "f": .string("$c.f"), "q": .string("$c.q"),
                    ]),
                    "n": Expression.document(["$sum": .string("$c.n")]),
                ]
            )
        )
        stages.append(
            Expression.stage(
                "$project",
                [
                    "_id": .int32(0), "k": .string("$_id.k"), "t": .string("$_id.t"), "f": .string("$_id.f"),
                    "q": .string("$_id.q"), "n": .int32(1),
                ]
            )
        )
        return stages
    }

    private static func compact(_ cells: [BSONValue]) -> BSONDocument {
        var filter = BSONDocument()
        filter.append("$filter") {
            $0.append("input") { (array: inout BSONArray) in for cell in cells { array.append(value: cell) } }
            $0.append("as", "cell")
            $0.append(
                "cond",
                value: Expression.call("$and", Expression.call("$ne", .string("$$cell.q"), .null), .string("$$cell.n"))
            )
        }
        return filter
    }

    // MARK: What is looked at

    private func filter(_ ids: [String]?, _ period: RollupPeriod?) -> BSONDocument {
        var filter = BSONDocument()
        if period == nil { filter.append("createdAt") { $0.append("$exists", true) } }
        switch scope {
        case .channel, .channelType: append(ids, "cid", to: &filter)
        case .listing, .event, .artist, .venue: append(ids, scope.kind?.field ?? "", to: &filter)
        case .team: append(ids, "team", to: &filter)
        case .all, .reactions, .people: break
        }
        guard let period else { return filter }
        let (from, to) = (period.start.start.milliseconds, period.next.start.start.milliseconds)
        let times = scope == .reactions ? ["createdAt"] : ["createdAt", "deletedAt", "v.edited"]
        filter.append("$or") { (either: inout BSONArray) in
            for time in times {
                either.append {
                    $0.append(time) {
                        $0.append("$gte", date: from)
                        $0.append("$lt", date: to)
                    }
                }
            }
        }
        return filter
    }

    private func append(_ ids: [String]?, _ field: String, to filter: inout BSONDocument) {
        // Of a type of channels there is no list of channels: all are looked at.
        if let ids, scope != .channelType { return filter.append(field, in: ids) }
        filter.append(field) { $0.append("$exists", true) }
    }

    // MARK: What is counted

    private var id: BSONValue {
        switch scope {
        case .all, .reactions, .people: return Expression.literal("")
        case .channel: return .string("$cid")
        case .channelType:
            let colon = Expression.call("$indexOfBytes", .string("$cid"), .string(":"))
            return Expression.call(
                "$substrBytes",
                .string("$cid"),
                .int32(0),
                Expression.call("$max", .int32(0), colon)
            )
        case .listing, .event, .artist, .venue: return Expression.field(scope.kind?.field ?? "")
        case .team: return Expression.field("team")
        }
    }

    private var type: BSONValue { scope == .reactions ? .string("$type") : Self.messageType }

    /// As ``MessageCounts/type`` has it: the business type, else the provider's, unless it is too long.
    static var messageType: BSONValue {
        let unknown = BSONValue.string(MessageCounts.unknownType)
        let type = Expression.call("$ifNull", .string("$message_type"), .string("$type"), unknown)
        let most = BSONValue.int32(Int32(MessageCounts.typeBytes))
        let isShort = Expression.call("$lte", Expression.call("$strLenBytes", type), most)
        return Expression.call("$cond", isShort, type, unknown)
    }

    private var cells: [BSONValue] {
        if scope == .reactions { return [Self.cell(.reactions, "createdAt", .int32(1))] }
        return RollupMeasure.ofMessages.map { measure in
            switch measure {
            case .replies: Self.cell(measure, "createdAt", Self.one(if: Expression.exists("parent_id")))
            case .offers:
                Self.cell(
                    measure,
                    "createdAt",
                    Self.one(
                        if: Expression.call(
                            "$or",
                            Expression.exists("v.offer_id"),
                            Expression.call("$eq", .string("$message_type"), .string(MessageCounts.offer))
                        )
                    )
                )
            case .attachments:
                Self.cell(measure, "createdAt", Expression.call("$ifNull", .string("$attachment_count"), .int32(0)))
            case .edits: Self.cell(measure, "v.edited", .int32(1))
            case .deletions: Self.cell(measure, "deletedAt", .int32(1))
            default: Self.cell(measure, "createdAt", .int32(1))
            }
        }
    }

    private static func one(if condition: BSONValue) -> BSONValue {
        Expression.call("$cond", condition, .int32(1), .int32(0))
    }

    private static func cell(_ measure: RollupMeasure, _ time: String, _ count: BSONValue) -> BSONValue {
        let milliseconds = Expression.document(["$toLong": Expression.field(time)])
        let quarters = Expression.call("$divide", milliseconds, .int32(Int32(Quarter.milliseconds)))
        let quarter = Expression.document(["$toLong": Expression.document(["$floor": quarters])])
        return Expression.document([
            "f": .string(measure.field), "n": count,
            "q": Expression.call("$cond", Expression.exists(time), quarter, .null),
        ])
    }
}
