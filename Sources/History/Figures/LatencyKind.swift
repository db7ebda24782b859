import Analytics
import Chat
import MongoDB

/// What takes time, and is told of by when it happened.
enum LatencyKind: Hashable, Sendable {
    case answers
    /// Only the first one in each channel.
    case firstAnswers
    /// Of messages by their channel's seller, for the first time.
    case reads

    var collection: Collection { self == .reads ? .messages : .turns }

    var figures: FigureDays.Kind { self == .reads ? .reads : .answers }

    func filter(_ quarters: Range<Quarter>) -> BSONDocument {
        var filter = quarters.filter(self == .reads ? "seller_read.at" : "at")
        if self == .firstAnswers { filter.append("index", Int64(1)) }
        return filter
    }

    /// - Parameter isDivided: by whose they are, or where; else an index may tell enough.
    func fields(isDivided: Bool) -> BSONDocument {
        guard self != .reads else {
            return .withoutID("cid", "createdAt", "sender_id", "seller_id", "seller_read", "listing_id")
        }
        return isDivided ? .withoutID("cid", "at", "asked", "by", "listing_id") : .withoutID("at", "asked")
    }

    /// The field of whoever took the time.
    var userField: String { self == .reads ? "seller_id" : "by" }

    /// When it happened and since when it was waited for; `nil` of what does not count.
    func times(_ document: BSONDocument) -> (at: Timestamp, asked: Timestamp)? {
        guard self == .reads else {
            guard let at = document.time("at"), let asked = document.time("asked") else { return nil }
            return (at, asked)
        }
        guard let read = document.document("seller_read"), let at = read.time("at"),
            let sent = document.time("createdAt"), let seller = document.string("seller_id"),
            read.string("by") == seller, let sender = document.string("sender_id"), sender != seller
        else { return nil }
        return (at, min(sent, at))
    }
}
