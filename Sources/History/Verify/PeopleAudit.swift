import Analytics
import Chat
import Limits
import MongoDB

/// Everyone's activity as stored, beside what the messages give; and the numbers of active users beside what everyone's
/// activity gives.
///
/// Blocking.
struct PeopleAudit {
    let scan: HistoryScan

    /// Users who wrote or are known as such, a page of them, in the order of their ids' bytes.
    ///
    /// - Parameter id: the page begins after it.
    /// - Returns: how many there were, and the last of them where more may follow.
    func page(
        after id: String?,
        _ body: (_ stored: PersonRecord, _ expected: PersonRecord) throws(MongoError) -> Void
    ) throws(MongoError) -> (count: Int, last: String?) {
        let most = Limits.Worker().scanDocuments
        let ids = try scan.ids([(.messages, "sender_id"), (.people, "_id")], after: id, most)
        let pairs = try compared(ids)
        for id in ids { if let pair = pairs[id] { try body(pair.stored, pair.expected) } }
        return (ids.count, ids.count < most ? nil : ids.last)
    }

    /// Of these users.
    func compared(_ ids: [String]) throws(MongoError) -> [String: (stored: PersonRecord, expected: PersonRecord)] {
        var result: [String: (stored: PersonRecord, expected: PersonRecord)] = [:]
        for id in ids { result[id] = (PersonRecord(id: id), PersonRecord(id: id)) }
        var filter = BSONDocument()
        filter.append("_id", in: ids)
        try scan.find(.people, filter) { (document: BSONDocument) throws(MongoError) in
            if let person = PersonRecord(document) { result[person.id]?.stored = person }
        }
        try scan.connection.aggregate(
            Collection.messages.rawValue,
            Self.counting(ids),
            in: scan.database,
            allowDiskUse: true,
            session: scan.session
        ) { (row: BSONDocument) throws(MongoError) in
            guard let key = row.document("_id"), let id = key.string("u"), let quarter = key.int64("q") else {
                return true
            }
            result[id]?.expected.add(row.int64("n") ?? 0, at: Quarter(quarter))
            return true
        }
        return result
    }

    private static func counting(_ ids: [String]) -> [BSONDocument] {
        var match = BSONDocument()
        match.append("sender_id", in: ids)
        match.append("createdAt") { $0.append("$exists", true) }
        let milliseconds = Expression.document(["$toLong": .string("$createdAt")])
        let quarters = Expression.call("$divide", milliseconds, .int32(Int32(Quarter.milliseconds)))
        let quarter = Expression.document(["$toLong": Expression.document(["$floor": quarters])])
        return [
            Expression.stage("$match", .document(match)),
            Expression.stage(
                "$group",
                [
                    "_id": Expression.document(["u": .string("$sender_id"), "q": quarter]),
                    "n": Expression.document(["$sum": .int32(1)]),
                ]
            ),
        ]
    }

    /// The numbers of active and new users of these zones, from everyone's activity.
    func expectedCounts(_ zones: [Zone]) throws(MongoError) -> [RollupKey: [RollupCell: Int64]] {
        var rollups = Rollups()
        var periods = zones.map(ZonePeriods.init)
        try scan.find(.people) { (document: BSONDocument) throws(MongoError) in
            guard let person = PersonRecord(document) else { return }
            rollups.count(nil, person, touched: person.quarters, &periods)
        }
        return rollups.changes
    }

    /// Documents with the numbers of active users.
    static var countsFilter: BSONDocument {
        var filter = BSONDocument()
        filter.append("_id") {
            $0.append("$gte", RollupScope.people.rawValue + "/")
            $0.append("$lt", RollupScope.people.rawValue + "0")
        }
        return filter
    }

    func storedCounts() throws(MongoError) -> [RollupKey: [RollupCell: Int64]] {
        var stored: [RollupKey: [RollupCell: Int64]] = [:]
        try scan.find(.rollups, Self.countsFilter) { (document: BSONDocument) throws(MongoError) in
            guard let (key, cells) = RollupKey.read(document, .people) else { return }
            for (cell, count) in cells where count != 0 { stored[key, default: [:]][cell, default: 0] += count }
        }
        return stored
    }
}

extension PersonRecord {
    func difference(from expected: PersonRecord) -> Difference? {
        guard self != expected else { return nil }
        let wrong = Set(quarters).union(expected.quarters).filter {
            let only = $0..<Quarter($0.number + 1)
            return messages(in: only) != expected.messages(in: only)
        }
        return Difference(
            .people,
            id,
            "q",
            stored: "\(messages) messages",
            expected: "\(expected.messages) messages, \(wrong.count) quarter-hours differ"
        )
    }
}
