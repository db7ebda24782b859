import Analytics
import Chat
import Limits
import MongoDB

/// The conversations, turns and connections of channels as stored, beside what going through all their messages gives.
///
/// Blocking.
struct ConversationAudit {
    let scan: HistoryScan
    /// Older answers are past their retention, and may be there or not.
    var since: Quarter?

    /// Some channels, in the order of their ids.
    ///
    /// - Returns: how many there were, and the last of them where more may follow.
    func page(
        after cid: String?,
        _ body: (_ cid: String, Difference) throws(MongoError) -> Void
    ) throws(MongoError) -> (count: Int, last: String?) {
        let most = Limits.Worker().scanDocuments
        let cids = try scan.ids(
            [(.messages, "cid"), (.channels, "_id"), (.turns, "cid"), (.connections, "cid")],
            after: cid,
            most
        )
        for cid in cids { if let difference = try difference(cid) { try body(cid, difference) } }
        return (cids.count, cids.count < most ? nil : cids.last)
    }

    private func difference(_ cid: String) throws(MongoError) -> Difference? {
        let walk = try walk(cid)
        var stored = BSONDocument.id(cid)
        try scan.find(.channels, .id(cid), .init(projection: ConversationRecord.projection)) {
            (document: BSONDocument) throws(MongoError) in
            stored = document
        }
        if let missing = try missingTimes(of: ConversationRecord(stored), cid) { return missing }
        var found = try difference(walk, cid)
        if found == nil { found = try differenceOfConnections(walk, cid) }
        guard var difference = found ?? difference(walk, cid, stored) else { return nil }
        difference.isPending = ConversationRecord(stored)?.due != nil
        return difference
    }

    /// Without which nobody finds it, also where it waits to be gone through again.
    private func missingTimes(of record: ConversationRecord?, _ cid: String) throws(MongoError) -> Difference? {
        guard let times = record?.times, !times.isEmpty else { return nil }
        var count = 0
        try scan.find(ConversationTime.collection, ConversationTime.filter(times)) {
            (_: BSONDocument) throws(MongoError) in count += 1
        }
        if count == times.count { return nil }
        return Difference(
            ConversationTime.collection,
            cid,
            "cid",
            stored: "\(count) times",
            expected: "\(times.count) times"
        )
    }

    /// Of the answers.
    private func difference(_ walk: ConversationWalk, _ cid: String) throws(MongoError) -> Difference? {
        let start = since?.start.milliseconds ?? .min
        let (answers, count) = try answers(cid, from: start)
        let expected = walk.answers.filter { $0.place.at >= start }
        if answers == expected, count == answers.count { return nil }
        return Difference(.turns, cid, "cid", stored: "\(count) answers", expected: "\(expected.count) answers")
    }

    private func differenceOfConnections(_ walk: ConversationWalk, _ cid: String) throws(MongoError) -> Difference? {
        let rows = (walk.conversation?.writers.connections() ?? []).map { $0.document(cid) }
        let expected = Dictionary(uniqueKeysWithValues: rows.map { ($0.string("_id") ?? "", $0) })
        var (right, count) = (0, 0)
        try scan.find(.connections, .matching("cid", cid)) { (document: BSONDocument) throws(MongoError) in
            count += 1
            if let id = document.string("_id"), expected[id] == document { right += 1 }
        }
        if right == expected.count, count == right { return nil }
        return Difference(
            .connections,
            cid,
            "cid",
            stored: "\(count) connections, \(right) of them right",
            expected: "\(expected.count) connections"
        )
    }

    /// Of where the conversation stands.
    private func difference(_ walk: ConversationWalk, _ cid: String, _ stored: BSONDocument) -> Difference? {
        let expected = walk.conversation.map { ConversationRecord(cid: cid, $0).document } ?? .id(cid)
        let comparison = DocumentComparison(collection: .channels, id: cid)
        return comparison.differences(stored: stored, expected: expected).first
    }

    private func walk(_ cid: String) throws(MongoError) -> ConversationWalk {
        var walk = ConversationWalk(after: nil)
        try scan.find(
            .messages,
            .matching("cid", cid),
            .init(sort: .keys(("createdAt", 1), ("_id", 1)), projection: SpokenMessage.fields)
        ) { (document: BSONDocument) throws(MongoError) in
            if let message = SpokenMessage(document) { walk.add(message) }
        }
        return walk
    }

    /// - Returns: how many rows there are besides, also those that are not as they should be.
    private func answers(_ cid: String, from start: Int64) throws(MongoError) -> ([Turn], count: Int) {
        var (answers, count) = ([Turn](), 0)
        var filter = BSONDocument.matching("cid", cid)
        // Also those that have no time.
        filter.append("at") { $0.append("$not") { $0.append("$lt", date: start) } }
        try scan.find(.turns, filter, .init(sort: .keys(("at", 1), ("m", 1)))) {
            (document: BSONDocument) throws(MongoError) in
            count += 1
            if let turn = Turn(document), turn.document(cid) == document { answers.append(turn) }
        }
        return (answers, count)
    }
}

extension HistoryScan {
    /// The values of some fields together, each once, in the order of their bytes.
    func ids(_ sources: [(Collection, field: String)], after id: String?, _ most: Int) throws(MongoError) -> [String] {
        var found: Set<String> = []
        for (collection, field) in sources {
            var match = BSONDocument()
            // With bounds an index gives each value once; whether a field is there is looked up in every document.
            match.append(field) { if let id { $0.append("$gt", id) } else { $0.append("$gte", "") } }
            try connection.aggregate(
                collection.rawValue,
                [
                    Expression.stage("$match", .document(match)), Expression.stage("$sort", [field: .int32(1)]),
                    Expression.stage("$group", ["_id": Expression.field(field)]),
                    Expression.stage("$sort", ["_id": .int32(1)]), Expression.stage("$limit", .int32(Int32(most))),
                ],
                in: database,
                allowDiskUse: true,
                session: session
            ) { (row: BSONDocument) throws(MongoError) in
                if let id = row.string("_id") { found.insert(id) }
                return true
            }
        }
        return Array(found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.prefix(most))
    }
}
