import Analytics
import Chat
import Limits
import MongoDB

/// The conversations and turns of channels as stored, beside what going through all their messages gives.
///
/// Blocking.
struct ConversationAudit {
    let scan: HistoryScan

    /// Some channels, in the order of their ids.
    ///
    /// - Returns: how many there were, and the last of them where more may follow.
    func page(
        after cid: String?,
        _ body: (_ cid: String, Difference) throws(MongoError) -> Void
    ) throws(MongoError) -> (count: Int, last: String?) {
        let most = Limits.Worker().scanDocuments
        let cids = try scan.ids([(.messages, "cid"), (.conversations, "_id"), (.turns, "cid")], after: cid, most)
        let waiting = try waiting(among: cids)
        for cid in cids {
            guard var difference = try difference(cid) else { continue }
            difference.isPending = waiting.contains(cid)
            try body(cid, difference)
        }
        return (cids.count, cids.count < most ? nil : cids.last)
    }

    private func difference(_ cid: String) throws(MongoError) -> Difference? {
        var (walk, turns, count) = (ConversationWalk(after: nil), [Turn](), 0)
        try scan.find(
            .messages,
            .matching("cid", cid),
            .init(sort: .keys(("createdAt", 1), ("_id", 1)), projection: SpokenMessage.fields)
        ) { (document: BSONDocument) throws(MongoError) in
            if let message = SpokenMessage(document) { walk.add(message) }
        }
        try scan.find(.turns, .matching("cid", cid), .init(sort: .keys(("at", 1), ("m", 1)))) {
            (document: BSONDocument) throws(MongoError) in
            count += 1
            if let turn = Turn(document), turn.document(cid) == document { turns.append(turn) }
        }
        if turns != walk.turns || count != turns.count {
            return Difference(.turns, cid, "cid", stored: "\(count) turns", expected: "\(walk.turns.count) turns")
        }
        var conversation: BSONDocument?
        try scan.find(.conversations, .id(cid)) { (document: BSONDocument) throws(MongoError) in
            conversation = document
        }
        let expected = walk.conversation?.document(cid)
        guard conversation != expected else { return nil }
        let name = conversation.map { Conversation($0) == walk.conversation ? "waiting" : "last" } ?? "_id"
        return Difference(.conversations, cid, name, stored: "another", expected: "what its messages give")
    }

    private func waiting(among cids: [String]) throws(MongoError) -> Set<String> {
        var filter = BSONDocument()
        filter.append("_id", in: cids)
        var found: Set<String> = []
        try scan.find(.conversationWork, filter) { (document: BSONDocument) throws(MongoError) in
            if let cid = document.string("_id") { found.insert(cid) }
        }
        return found
    }
}

extension HistoryScan {
    /// The values of some fields together, each once, in the order of their bytes.
    func ids(_ sources: [(Collection, field: String)], after id: String?, _ most: Int) throws(MongoError) -> [String] {
        var found: Set<String> = []
        for (collection, field) in sources {
            var match = BSONDocument()
            match.append(field) { if let id { $0.append("$gt", id) } else { $0.append("$exists", true) } }
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
