import Analytics
import MongoDB

/// A time that conversations are looked for by: a row that is all `_id`.
///
/// Not an indexed field of the channel: as soon as an update names one, MongoDB 6.0 goes through all indexes of the collection,
/// and most messages change their channel.
struct ConversationTime: Hashable, Sendable {
    enum Kind: String, Sendable, CaseIterable {
        /// When it became two-sided.
        case answered
        /// Its messages from then on have yet to be gone through again.
        case due
        case started
        /// Since when somebody waits.
        case waiting
    }

    static let collection = Collection.conversationTimes

    let kind: Kind
    /// In milliseconds since 1970-01-01T00:00:00Z.
    let at: Int64
    let cid: String

    var document: BSONDocument {
        var document = BSONDocument(capacity: 96)
        document.append("_id", id)
        return document
    }

    var id: BSONDocument {
        var id = Self.bound(kind, at)
        id.append("cid", cid)
        return id
    }

    /// Comes right before those of this time.
    private static func bound(_ kind: Kind, _ at: Int64) -> BSONDocument {
        var bound = BSONDocument(capacity: 80)
        bound.append("kind", kind.rawValue)
        bound.append("at", date: at)
        return bound
    }
}

extension ConversationTime {
    init?(_ document: BSONDocument) {
        guard let id = document.document("_id"), let kind = id.string("kind").flatMap(Kind.init(rawValue:)),
            let at = id.date("at"), let cid = id.string("cid")
        else { return nil }
        self.init(kind: kind, at: at, cid: cid)
    }

    /// Those of a kind.
    static func filter(_ kind: Kind, in times: Range<Int64>) -> BSONDocument {
        var filter = BSONDocument()
        filter.append("_id") {
            $0.append("$gte", bound(kind, times.lowerBound))
            $0.append("$lt", bound(kind, times.upperBound))
        }
        return filter
    }

    /// Those of a kind that come after another.
    static func filter(_ kind: Kind, after time: ConversationTime, before end: Int64) -> BSONDocument {
        var filter = BSONDocument()
        filter.append("_id") {
            $0.append("$gt", time.id)
            $0.append("$lt", bound(kind, end))
        }
        return filter
    }

    /// All of a kind.
    static func filter(_ kind: Kind) -> BSONDocument {
        var filter = BSONDocument()
        filter.append("_id") {
            $0.append("$gte", .matching("kind", kind.rawValue))
            $0.append("$lt", .matching("kind", kind.rawValue + " "))
        }
        return filter
    }

    static func filter(_ times: some Sequence<ConversationTime>) -> BSONDocument {
        var filter = BSONDocument()
        filter.append("_id") {
            $0.append("$in") { (ids: inout BSONArray) in for time in times { ids.append(time.id) } }
        }
        return filter
    }
}

extension ConversationRecord {
    /// By which it is looked for.
    var times: Set<ConversationTime> {
        let known: [(ConversationTime.Kind, Int64?)] = [
            (.answered, conversation?.answeredAt), (.due, due), (.started, conversation?.startedAt),
            (.waiting, conversation?.waitingSince),
        ]
        return Set(known.compactMap { kind, at in at.map { ConversationTime(kind: kind, at: $0, cid: cid) } })
    }
}

extension WritePlan {
    mutating func keepTimes(of after: ConversationRecord, inPlaceOf before: ConversationRecord?) {
        let (old, new) = (before?.times ?? [], after.times)
        keep(new.subtracting(old))
        remove(old.subtracting(new))
        // Of a channel in which nobody had written nobody remembers anything.
        guard let before, before.conversation != nil || before.due != nil else { return }
        if before.conversation?.listing != after.conversation?.listing { members.note(after.cid) }
    }

    mutating func keep(_ times: Set<ConversationTime>) {
        for time in times { keep(row: time.document, in: ConversationTime.collection) }
    }

    mutating func remove(_ times: Set<ConversationTime>) { pastTimes.formUnion(times) }
}
