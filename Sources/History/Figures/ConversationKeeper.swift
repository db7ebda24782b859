import Analytics
import Chat
import Limits
import MongoDB

/// Brings the turns of channels in line with their messages after these changed: some channels at a time, each time a
/// transaction.
///
/// A message that comes last, as most do, is added to what is known; one that comes late has the turns from the one before
/// it on made again. Steps may be repeated, and done by any node. Blocking.
struct ConversationKeeper {
    let scan: HistoryScan
    private let limits = Limits.Worker()

    init(_ scan: HistoryScan) { self.scan = scan }

    /// What a channel waits for.
    private struct Work {
        let cid: String
        /// Nothing earlier has changed; `nil` after a part of what came later was done.
        let from: Int64?
    }

    /// - Returns: whether there was anything to do.
    func step() throws(MongoError) -> Bool {
        let works = try works()
        guard !works.isEmpty else { return false }
        let known = try conversations(works.map(\.cid))
        var (plan, added) = (WritePlan(), [Work]())
        for work in works {
            if let last = known[work.cid]?.last.at, let from = work.from, from <= last {
                try walkAgain(work.cid, from: from, &plan)
            } else {
                added.append(work)
            }
        }
        try goOn(added.map(\.cid), known, &plan)
        try plan.execute(scan.connection, scan.session, scan.database)
        return true
    }

    private func works() throws(MongoError) -> [Work] {
        var works: [Work] = []
        try scan.find(.conversationWork, BSONDocument(), .init(limit: limits.walkedChannels)) {
            (document: BSONDocument) throws(MongoError) in
            guard let cid = document.string("_id") else { return }
            let from = document.date("from") ?? .max
            works.append(Work(cid: cid, from: from == .max ? nil : from))
        }
        return works
    }

    private func conversations(_ cids: [String]) throws(MongoError) -> [String: Conversation] {
        var filter = BSONDocument()
        filter.append("_id", in: cids)
        var found: [String: Conversation] = [:]
        try scan.find(.conversations, filter) { (document: BSONDocument) throws(MongoError) in
            if let cid = document.string("_id") { found[cid] = Conversation(document) }
        }
        return found
    }

    // MARK: Messages that come last

    private func goOn(_ cids: [String], _ known: [String: Conversation], _ plan: inout WritePlan) throws(MongoError) {
        guard !cids.isEmpty else { return }
        var filter = BSONDocument()
        filter.append("$or") { (either: inout BSONArray) in
            for cid in cids { Self.append(cid, after: known[cid]?.last, to: &either) }
        }
        let (messages, isAll) = try messages(filter)
        for cid in cids {
            var walk = ConversationWalk(after: known[cid])
            for message in messages[cid] ?? [] { walk.add(message) }
            keep(walk, of: cid, from: known[cid], isAll, &plan)
        }
    }

    private static func append(_ cid: String, after last: ConversationPlace?, to either: inout BSONArray) {
        guard let last else { return either.append { $0.append("cid", cid) } }
        either.append {
            $0.append("cid", cid)
            $0.append("createdAt", date: last.at)
            $0.append("_id") { $0.append("$gt", last.id) }
        }
        either.append {
            $0.append("cid", cid)
            $0.append("createdAt") { $0.append("$gt", date: last.at) }
        }
    }

    /// In the order of conversations.
    ///
    /// - Returns: whether these are all.
    private func messages(_ filter: BSONDocument) throws(MongoError) -> ([String: [SpokenMessage]], isAll: Bool) {
        var (found, count): ([String: [SpokenMessage]], Int) = ([:], 0)
        try scan.find(
            .messages,
            filter,
            .init(
                sort: .keys(("createdAt", 1), ("_id", 1)),
                projection: SpokenMessage.fields,
                limit: limits.walkedMessages
            )
        ) { (document: BSONDocument) throws(MongoError) in
            count += 1
            guard let cid = document.string("cid"), let message = SpokenMessage(document) else { return }
            found[cid, default: []].append(message)
        }
        return (found, count < limits.walkedMessages)
    }

    // MARK: Messages that come late

    private func walkAgain(_ cid: String, from: Int64, _ plan: inout WritePlan) throws(MongoError) {
        let turn = try lastTurn(of: cid, before: from)
        let basis = try turn.map { (turn) throws(MongoError) in try conversation(of: cid, at: turn) }
        var filter = BSONDocument()
        filter.append("$or") { (either: inout BSONArray) in Self.append(cid, after: turn?.place, to: &either) }
        let (messages, isAll) = try messages(filter)
        var walk = ConversationWalk(after: basis)
        for message in messages[cid] ?? [] { walk.add(message) }
        for later in Self.turns(of: cid, after: turn?.place) { plan.delete(later, from: .turns) }
        keep(walk, of: cid, from: nil, isAll, &plan)
    }

    private static func turns(of cid: String, after place: ConversationPlace?) -> [BSONDocument] {
        guard let place else { return [.matching("cid", cid)] }
        var (same, later) = (BSONDocument.matching("cid", cid), BSONDocument.matching("cid", cid))
        same.append("at", date: place.at)
        same.append("m") { $0.append("$gt", place.id) }
        later.append("at") { $0.append("$gt", date: place.at) }
        return [same, later]
    }

    private func lastTurn(of cid: String, before from: Int64) throws(MongoError) -> Turn? {
        var filter = BSONDocument.matching("cid", cid)
        filter.append("at") { $0.append("$lt", date: from) }
        return try turn(filter, last: true)
    }

    private func turn(_ filter: BSONDocument, last: Bool) throws(MongoError) -> Turn? {
        var found: Turn?
        let sort = last ? BSONDocument.keys(("at", -1), ("m", -1)) : .keys(("at", 1), ("m", 1))
        try scan.find(.turns, filter, .init(sort: sort, limit: 1)) { (document: BSONDocument) throws(MongoError) in
            found = Turn(document)
        }
        return found
    }

    /// As it was when a turn had just begun: with the first message of it alone.
    private func conversation(of cid: String, at turn: Turn) throws(MongoError) -> Conversation {
        func place(_ index: Int64) throws(MongoError) -> Turn? {
            if index == turn.index { return turn }
            guard index < turn.index else { return nil }
            var filter = BSONDocument.matching("cid", cid)
            filter.append("index", index)
            return try self.turn(filter, last: false)
        }
        let (first, second) = (try place(0) ?? turn, try place(1))
        return Conversation(
            startedAt: first.place.at,
            startedBy: first.by,
            answeredAt: second?.place.at,
            messages: turn.before + 1,
            last: turn.place,
            turn: turn,
            listing: turn.listing,
            // Of the last message of all, which is still to come unless this is it.
            seller: try seller(turn.place.id)
        )
    }

    private func seller(_ id: String) throws(MongoError) -> String? {
        var seller: String?
        try scan.find(.messages, .id(id), .init(projection: .only("seller_id"), limit: 1)) {
            (document: BSONDocument) throws(MongoError) in
            seller = document.string("seller_id")
        }
        return seller
    }

    // MARK: Keeping

    private func keep(
        _ walk: ConversationWalk,
        of cid: String,
        from known: Conversation?,
        _ isAll: Bool,
        _ plan: inout WritePlan
    ) {
        for turn in walk.turns {
            let document = turn.document(cid)
            let id = document.string("_id") ?? ""
            plan.update(MongoUpdate(filter: .id(id), update: document, upsert: true), in: .turns)
        }
        if let conversation = walk.conversation {
            if conversation != known {
                let document = conversation.document(cid)
                plan.update(MongoUpdate(filter: .id(cid), update: document, upsert: true), in: .conversations)
            }
        } else {
            plan.delete(.id(cid), from: .conversations)
        }
        guard isAll else { return plan.walkOn(cid) }
        plan.delete(.id(cid), from: .conversationWork)
    }
}

extension WritePlan {
    /// What is left of a channel's messages comes after what is known of it.
    fileprivate mutating func walkOn(_ cid: String) {
        var change = BSONDocument()
        change.append("$unset") { $0.append("from", Int32(1)) }
        update(MongoUpdate(filter: .id(cid), update: change), in: .conversationWork)
    }
}
