import Analytics
import Chat
import Limits
import MongoDB

/// Goes through conversations again that are due: some channels at a time, each time a transaction.
///
/// Batches take in what comes last by themselves. After a message that comes late, or is another than it was, the answers
/// from the one before it on are made again. Steps may be repeated, and done by any node. Blocking.
struct ConversationKeeper {
    let scan: HistoryScan
    private let limits = Limits.Worker()

    init(_ scan: HistoryScan) { self.scan = scan }

    /// - Returns: whether there was anything to do.
    func step() throws(MongoError) -> Bool {
        var due: Set<ConversationTime> = []
        try scan.find(
            ConversationTime.collection,
            ConversationTime.filter(.due),
            .init(sort: .keys(("_id", 1)), limit: limits.walkedChannels)
        ) {
            (document: BSONDocument) throws(MongoError) in
            if let time = ConversationTime(document) { due.insert(time) }
        }
        let records = try scan.reader.load(ConversationRecord.self, Set(due.map(\.cid)))
        var (plan, count) = (WritePlan(), 0)
        // Of those that no channel knows nothing would come.
        plan.remove(due.subtracting(records.flatMap(\.times)))
        for record in records where record.due != nil && count < limits.walkedMessages {
            count += try walkAgain(record, &plan)
        }
        try plan.execute(scan.connection, scan.session, scan.database, part: scan.settings.rollupPart)
        return !due.isEmpty
    }

    /// - Returns: how many messages it went through.
    private func walkAgain(_ record: ConversationRecord, _ plan: inout WritePlan) throws(MongoError) -> Int {
        let basis = try basis(record)
        var walk = ConversationWalk(after: basis)
        let count = try forEachMessage(of: record.cid, after: basis?.last) { walk.add($0) }
        plan.delete(Self.rows(of: record.cid, after: basis?.last, time: "at", id: "m"), from: .turns)
        // Answers that go lie between what still holds and the last message that was known.
        let bounds = (basis?.last.at, record.conversation?.last.at)
        if case (let first?, let last?) = bounds, first <= last {
            plan.days.note(.answers, in: first...last)
        } else {
            plan.days.note(.answers, in: nil)
        }
        plan.keep(walk.answers, of: record.cid)
        keepConnections(of: walk, isWhole: basis == nil, record, &plan)
        // What is left of the messages comes after all that is known now.
        let due = count < limits.walkedMessages ? nil : Int64.max
        plan.keep(
            ConversationRecord(cid: record.cid, walk.conversation, due: walk.conversation == nil ? nil : due),
            inPlaceOf: record
        )
        return count
    }

    /// - Parameter isWhole: what is stored of them says nothing.
    private func keepConnections(
        of walk: ConversationWalk,
        isWhole: Bool,
        _ record: ConversationRecord,
        _ plan: inout WritePlan
    ) {
        let (before, after) = (record.conversation?.writers, walk.conversation?.writers)
        guard isWhole || before?.connections() != after?.connections() else { return }
        plan.delete(.matching("cid", record.cid), from: .connections)
        plan.keep(after?.connections() ?? [], of: record.cid)
    }

    /// What of a conversation still holds.
    private func basis(_ record: ConversationRecord) throws(MongoError) -> Conversation? {
        guard let known = record.conversation, let due = record.due, due <= known.last.at else {
            return record.conversation
        }
        guard let answer = try lastAnswer(in: record.cid, before: due) else { return nil }
        return Conversation(
            startedAt: known.startedAt,
            startedBy: known.startedBy,
            answeredAt: known.answeredAt,
            messages: answer.before + 1,
            last: answer.place,
            turn: answer,
            listing: answer.listing,
            // Of the last message of all, which is still to come unless this is it.
            seller: try seller(of: answer.place.id),
            writers: try known.writers.until(answer.place.at) { (id) throws(MongoError) in
                try lastTime(of: id, in: record.cid, through: answer.place.at)
            }
        )
    }

    /// When somebody last wrote.
    private func lastTime(of user: String, in cid: String, through time: Int64) throws(MongoError) -> Int64? {
        var filter = BSONDocument.matching("cid", cid)
        filter.append("sender_id", user)
        filter.append("createdAt") { $0.append("$lte", date: time) }
        filter.append("type") { $0.append("$ne", Rollups.systemType) }
        var found: Int64?
        try scan.find(
            .messages,
            filter,
            .init(sort: .keys(("createdAt", -1)), projection: SpokenMessage.fields, limit: 1)
        ) {
            (document: BSONDocument) throws(MongoError) in
            found = document.date("createdAt")
        }
        return found
    }

    private func lastAnswer(in cid: String, before time: Int64) throws(MongoError) -> Turn? {
        var filter = BSONDocument.matching("cid", cid)
        filter.append("at") { $0.append("$lt", date: time) }
        var found: Turn?
        try scan.find(.turns, filter, .init(sort: .keys(("at", -1), ("m", -1)), limit: 1)) {
            (document: BSONDocument) throws(MongoError) in
            found = Turn(document)
        }
        return found
    }

    private func seller(of message: String) throws(MongoError) -> String? {
        var seller: String?
        try scan.find(.messages, .id(message), .init(projection: .only("seller_id"), limit: 1)) {
            (document: BSONDocument) throws(MongoError) in
            seller = document.string("seller_id")
        }
        return seller
    }

    /// In the order of the conversation, up to a limit.
    ///
    /// - Returns: how many there were.
    private func forEachMessage(
        of cid: String,
        after place: ConversationPlace?,
        _ body: (SpokenMessage) -> Void
    ) throws(MongoError) -> Int {
        var count = 0
        try scan.find(
            .messages,
            Self.rows(of: cid, after: place, time: "createdAt", id: "_id"),
            .init(
                sort: .keys(("createdAt", 1), ("_id", 1)),
                projection: SpokenMessage.fields,
                limit: limits.walkedMessages
            )
        ) { (document: BSONDocument) throws(MongoError) in
            count += 1
            if let message = SpokenMessage(document) { body(message) }
        }
        return count
    }

    private static func rows(
        of cid: String,
        after place: ConversationPlace?,
        time: String,
        id: String
    ) -> BSONDocument {
        var filter = BSONDocument.matching("cid", cid)
        guard let place else { return filter }
        filter.append("$or") { (either: inout BSONArray) in
            either.append {
                $0.append(time, date: place.at)
                $0.append(id) { $0.append("$gt", place.id) }
            }
            either.append { $0.append(time) { $0.append("$gt", date: place.at) } }
        }
        return filter
    }
}
