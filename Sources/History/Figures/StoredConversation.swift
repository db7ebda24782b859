import Analytics
import Chat
import MongoDB

/// Conversations and turns as documents.
extension Conversation {
    func document(_ cid: String) -> BSONDocument {
        var document = BSONDocument(capacity: 256)
        document.append("_id", cid)
        document.append("started", date: startedAt)
        document.append("by", startedBy)
        if let answeredAt { document.append("answered", date: answeredAt) }
        document.append("messages", messages)
        document.append("last", date: last.at)
        document.append("last_id", last.id)
        document.append("listing_id", ifPresent: listing)
        document.append("seller_id", ifPresent: seller)
        if let waitingSince { document.append("waiting", date: waitingSince) }
        document.append("turn", turn.document(cid))
        return document
    }

    init?(_ document: BSONDocument) {
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
            seller: document.string("seller_id")
        )
    }
}

extension Turn {
    func document(_ cid: String) -> BSONDocument {
        var document = BSONDocument(capacity: 192)
        document.append("_id", joinedID(cid, "\(place.at)", place.id))
        document.append("cid", cid)
        document.append("at", date: place.at)
        document.append("m", place.id)
        document.append("by", by)
        document.append("listing_id", ifPresent: listing)
        document.append("before", before)
        document.append("index", index)
        if let askedAt { document.append("asked", date: askedAt) }
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

extension WritePlan {
    mutating func forgetTurns(of cid: String) {
        delete(.matching("cid", cid), from: .turns)
        delete(.id(cid), from: .conversations)
        walkAgain(cid, since: Timestamp(milliseconds: 0))
    }

    /// Asks for a channel's turns to be looked at again, from its messages of this time on.
    mutating func walkAgain(_ cid: String, since: Timestamp) {
        var change = BSONDocument()
        change.append("$min") { $0.append("from", date: since) }
        update(MongoUpdate(filter: .id(cid), update: change, upsert: true), in: .conversationWork)
    }
}
