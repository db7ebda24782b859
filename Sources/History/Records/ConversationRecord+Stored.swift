import Analytics
import Chat
package import MongoDB

/// One field of the channel's document: a document of its own would cost a message as much as its channel does.
extension ConversationRecord: StoredRecord {
    static let field = "conversation"

    package static let collection = Collection.channels
    package static func documentID(of key: String) -> String { key }
    package static var projection: BSONDocument? { .only("_id", field) }
    package var key: String { cid }

    package var document: BSONDocument {
        var document = BSONDocument.id(cid)
        document.append(contentsOf: addition)
        return document
    }

    /// What it is in the channel's document.
    var addition: BSONDocument {
        var addition = BSONDocument(capacity: 384)
        addition.append(Self.field, stored)
        return addition
    }

    private var stored: BSONDocument {
        var document = BSONDocument(capacity: 320)
        if let due { document.append("due", date: due) }
        guard let conversation else { return document }
        document.append("started", date: conversation.startedAt)
        document.append("by", conversation.startedBy)
        if let answeredAt = conversation.answeredAt { document.append("answered", date: answeredAt) }
        document.append("messages", conversation.messages)
        document.append("last", date: conversation.last.at)
        document.append("last_id", conversation.last.id)
        document.append("listing_id", ifPresent: conversation.listing)
        document.append("seller_id", ifPresent: conversation.seller)
        if let waitingSince = conversation.waitingSince { document.append("waiting", date: waitingSince) }
        document.append("turn") { $0.append(conversation.turn) }
        document.append(conversation.writers)
        return document
    }

    package init?(_ document: BSONDocument) {
        guard let cid = document.string("_id") else { return nil }
        let stored = document.document(Self.field)
        self.init(cid: cid, stored.flatMap(Conversation.init), due: stored?.date("due"))
    }
}

extension Conversation {
    fileprivate init?(_ document: BSONDocument) {
        guard let started = document.date("started"), let by = document.string("by"), let last = document.date("last"),
            let lastID = document.string("last_id"), let turn = document.document("turn").flatMap(Turn.init)
        else { return nil }
        self.init(
            startedAt: started,
            startedBy: by,
            answeredAt: document.date("answered"),
            messages: document.int64("messages") ?? 0,
            last: ConversationPlace(at: last, id: lastID),
            turn: turn,
            listing: document.string("listing_id"),
            seller: document.string("seller_id"),
            writers: ConversationWriters(document)
        )
    }
}

extension ConversationWriters {
    init(_ document: BSONDocument) {
        let known = (document.array("writers") ?? []).compactMap { element -> ConversationWriter? in
            guard let writer = element.document, let id = writer.string("by"), let first = writer.date("first"),
                let last = writer.date("last")
            else { return nil }
            return ConversationWriter(id: id, first: first, last: last)
        }
        self.init(known, othersSince: document.date("others"))
    }
}

extension Turn {
    /// As a row of its own.
    func document(_ cid: String) -> BSONDocument {
        var document = BSONDocument(capacity: 192)
        document.append("_id", joinedID(cid, "\(place.at)", place.id))
        document.append("cid", cid)
        document.append(self)
        return document
    }

    init?(_ document: BSONDocument) {
        guard let at = document.date("at"), let id = document.string("m"), let by = document.string("by") else {
            return nil
        }
        self.init(
            ConversationPlace(at: at, id: id),
            by: by,
            listing: document.string("listing_id"),
            before: document.int64("before") ?? 0,
            index: document.int64("index") ?? 0,
            askedAt: document.date("asked")
        )
    }
}

extension BSONDocument {
    fileprivate mutating func append(_ turn: Turn) {
        append("at", date: turn.place.at)
        append("m", turn.place.id)
        append("by", turn.by)
        append("listing_id", ifPresent: turn.listing)
        append("before", turn.before)
        append("index", turn.index)
        if let askedAt = turn.askedAt { append("asked", date: askedAt) }
    }

    fileprivate mutating func append(_ writers: ConversationWriters) {
        append("writers") { (array: inout BSONArray) in
            for writer in writers.known {
                array.append {
                    $0.append("by", writer.id)
                    $0.append("first", date: writer.first)
                    $0.append("last", date: writer.last)
                }
            }
        }
        if let othersSince = writers.othersSince { append("others", date: othersSince) }
    }
}

extension BSONDocument {
    /// Finds a document by its id.
    static func only(id document: BSONDocument) -> BSONDocument {
        var filter = BSONDocument(capacity: 128)
        filter.append("_id", value: document["_id"] ?? .null)
        return filter
    }
}

extension SpokenMessage {
    /// `nil` for a message that takes no turn.
    init?(_ document: BSONDocument) {
        guard let id = document.string("_id"), let at = document.date("createdAt"),
            let by = document.string("sender_id"), document.string("type") != Rollups.systemType
        else { return nil }
        self.init(
            id: id,
            at: at,
            by: by,
            listing: document.string("listing_id"),
            seller: document.string("seller_id")
        )
    }

    static let fields = BSONDocument.only("_id", "cid", "createdAt", "sender_id", "type", "listing_id", "seller_id")
}

extension Rollups {
    /// Applies what was said to the conversations it was said in.
    ///
    /// - Returns: by channel, the answers that began.
    func converse(in conversations: inout Table<ConversationRecord>) -> [String: [Turn]] {
        var answers: [String: [Turn]] = [:]
        for (cid, change) in spoken {
            conversations.update(cid, ConversationRecord(cid: cid)) { record in
                let began = record.take(change)
                if !began.isEmpty { answers[cid] = began }
            }
        }
        return answers
    }
}

extension WritePlan {
    /// What is kept of conversations besides their channels' documents.
    mutating func keepRows(of conversations: Table<ConversationRecord>, _ answers: [String: [Turn]]) {
        for (cid, turns) in answers.sorted(by: { $0.key < $1.key }) { keep(turns, of: cid) }
        conversations.forEachChangeInOrder { before, after in
            keepTimes(of: after, inPlaceOf: before)
            keepConnections(of: after, inPlaceOf: before)
        }
    }

    mutating func keep(_ answers: [Turn], of cid: String) {
        for turn in answers {
            keep(row: turn.document(cid), in: .turns)
            days.note(.answers, at: turn.place.at)
        }
    }

    /// Those that have been made.
    private mutating func keepConnections(of after: ConversationRecord, inPlaceOf before: ConversationRecord?) {
        let known = before?.conversation?.writers.known.count ?? 0
        guard let writers = after.conversation?.writers, writers.known.count > known else { return }
        keep(writers.connections(beyond: known), of: after.cid)
    }

    mutating func keep(_ connections: [Connection], of cid: String) {
        for connection in connections { keep(row: connection.document(cid), in: .connections) }
    }

    mutating func keep(row: BSONDocument, in collection: Collection) {
        guard !rowsAreNew else { return insert(row, into: collection) }
        update(MongoUpdate(filter: .only(id: row), update: row, upsert: true), in: collection)
    }

    /// Has a channel's conversation made anew from its first message on.
    mutating func forget(_ record: ConversationRecord) {
        delete(.matching("cid", record.cid), from: .turns)
        days.note(.answers, in: nil)
        delete(.matching("cid", record.cid), from: .connections)
        keep(ConversationRecord(cid: record.cid, due: 0), inPlaceOf: record)
    }

    mutating func keep(_ record: ConversationRecord, inPlaceOf before: ConversationRecord) {
        keepTimes(of: record, inPlaceOf: before)
        var change = BSONDocument()
        if record.conversation == nil, record.due == nil {
            change.append("$unset") { $0.append(ConversationRecord.field, Int32(1)) }
        } else {
            change.append("$set", record.addition)
        }
        update(MongoUpdate(filter: .id(record.cid), update: change, upsert: true), in: .channels)
    }
}
