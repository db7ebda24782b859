import Analytics
import Chat
import Limits
import MongoDB

/// Very many conversations at once: MongoDB goes through all channels, which is quicker than looking for each.
extension HistoryQueries {
    /// Whether a range has so many that it is.
    func hasMostConversations(_ range: FigureRange) throws(MongoError) -> Bool {
        let few = try count(.channels) / Self.channelsPerLook
        let stages = [
            Expression.stage("$match", .document(ConversationTime.filter(.started, in: range.milliseconds))),
            Expression.stage("$limit", .int64(few + 1)), Expression.stage("$count", .string("n")),
        ]
        let found = try aggregate(ConversationTime.collection, stages, milliseconds: limits.milliseconds)
        return found.first?.int64("n") ?? 0 > few
    }

    /// Channels that are gone through in the time in which one is looked for.
    private static var channelsPerLook: Int64 { 8 }

    /// How many were started in a range, and the sum of their messages.
    func startedConversations(_ range: FigureRange) throws(MongoError) -> (count: Int64, messages: Int64) {
        let stages = [
            Self.started(range),
            Expression.stage(
                "$group",
                [
                    "_id": .null, "n": Expression.document(["$sum": .int64(1)]),
                    "messages": Expression.document(["$sum": Self.field("messages")]),
                ]
            ),
        ]
        let found = try aggregate(.channels, stages, milliseconds: limits.milliseconds).first
        return (found?.int64("n") ?? 0, found?.int64("messages") ?? 0)
    }

    /// When each was started, and the messages that it has.
    func forEachStarted(messages range: FigureRange, _ body: (Int64, Int64) -> Void) throws(MongoError) {
        try forEachStarted(range, Self.field("messages"), body)
    }

    /// When each was started, and how long it has lasted, both in milliseconds.
    func forEachStarted(lasting range: FigureRange, _ body: (Int64, Int64) -> Void) throws(MongoError) {
        try forEachStarted(range, Expression.call("$subtract", Self.field("last"), Self.field("started")), body)
    }

    /// In arrays of many, because a document of its own for each would take longer than all the rest.
    private func forEachStarted(
        _ range: FigureRange,
        _ value: BSONValue,
        _ body: (Int64, Int64) -> Void
    ) throws(MongoError) {
        let isOnePart = range.parts.count == 1
        let place = Expression.call(
            "$mod",
            Expression.document(["$toLong": Self.field("started")]),
            .int64(Self.arrays)
        )
        var group = BSONDocument()
        group.append("_id", value: place)
        if !isOnePart { group.append("at", value: Expression.document(["$push": Self.field("started")])) }
        group.append("values", value: Expression.document(["$push": Expression.call("$ifNull", value, .null)]))
        let stages = [Self.started(range), Expression.stage("$group", .document(group))]
        for row in try aggregate(.channels, stages, milliseconds: limits.milliseconds) {
            let (times, values) = (row.array("at") ?? [], row.array("values") ?? [])
            for (index, value) in values.enumerated() {
                let at = isOnePart ? range.milliseconds.lowerBound : times[index].date
                if let at, let value = value.int64 { body(at, value) }
            }
        }
    }

    /// Into so many, by the millisecond: one that grows with the channels would become too large.
    private static var arrays: Int64 { 61 }

    private static func started(_ range: FigureRange) -> BSONDocument {
        Expression.stage("$match", .document(range.filter("\(ConversationRecord.field).started")))
    }

    private static func field(_ name: String) -> BSONValue { Expression.field("\(ConversationRecord.field).\(name)") }
}
