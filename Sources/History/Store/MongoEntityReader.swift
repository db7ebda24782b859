import Chat
import MongoDB

/// Reads records in a transaction's snapshot.
struct MongoEntityReader: EntityReader {
    let connection: MongoConnection
    let session: MongoSession?
    let database: String

    func knownEvents(among ids: [EventID]) throws(MongoError) -> Set<EventID> {
        var known: Set<EventID> = []
        try find(.events, idFilter { array in for id in ids { array.append(id.bytes) } }, projection: .only("_id")) {
            if let bytes = $0.binary("_id") { known.insert(EventID(bytes: bytes)) }
        }
        return known
    }

    func erasedUsers(among ids: Set<String>) throws(MongoError) -> Set<String> {
        guard !ids.isEmpty else { return [] }
        var filter = BSONDocument()
        filter.append("erased", true)
        filter.append(contentsOf: idFilter { array in for id in ids { array.append(id) } })
        var erased: Set<String> = []
        try find(.users, filter, projection: .only("_id"), hint: Index.erasedUsers.name) {
            if let id = $0.string("_id") { erased.insert(id) }
        }
        return erased
    }

    /// Those of these messages whose content is erased for ever.
    func erasedMessages(among ids: Set<String>) throws(MongoError) -> Set<String> {
        guard !ids.isEmpty else { return [] }
        var filter = idFilter { array in for id in ids { array.append(id) } }
        filter.append("erased", true)
        var erased: Set<String> = []
        try find(.messages, filter, projection: .only("_id")) { if let id = $0.string("_id") { erased.insert(id) } }
        return erased
    }

    func load<Record: StoredRecord>(_ type: Record.Type, _ keys: Set<Record.Key>) throws(MongoError) -> [Record] {
        try load(type, keys) { _ in }
    }

    /// - Parameter each: is given every document as it is read.
    func load<Record: StoredRecord>(
        _: Record.Type,
        _ keys: Set<Record.Key>,
        each: (BSONDocument) -> Void
    ) throws(MongoError) -> [Record] {
        guard !keys.isEmpty else { return [] }
        var records: [Record] = []
        records.reserveCapacity(keys.count)
        let filter = idFilter { array in for key in keys { array.append(Record.documentID(of: key)) } }
        try find(Record.collection, filter, projection: Record.projection) { document in
            each(document)
            if let record = Record(document) { records.append(record) }
        }
        return records
    }

    func lastMessages(
        of author: MessageAuthor,
        through: Timestamp,
        limit: Int
    ) throws(MongoError) -> [MessageState] {
        var filter = author.filter(user: "sender_id")
        filter.append("createdAt") { $0.append("$lte", date: through.milliseconds) }
        var messages: [MessageState] = []
        let sort = BSONDocument.keys(("createdAt", -1), ("_id", -1))
        try find(.messages, filter, sort: sort, limit: limit) { document in
            if let message = MessageState(document) { messages.append(message) }
        }
        return messages
    }

    func memberships(of owner: MessageAuthor, limit: Int) throws(MongoError) -> [MemberRecord] {
        var members: [MemberRecord] = []
        try find(.members, owner.filter(user: "user_id"), limit: limit) { document in
            if let member = MemberRecord(document) { members.append(member) }
        }
        return members
    }

    func bodies(ofMessages ids: [String], type: EventType) throws(MongoError) -> [StoredBody] {
        guard !ids.isEmpty else { return [] }
        var filter = BSONDocument()
        filter.append("message_id") { $0.append("$in", ids) }
        return try bodies(filter, type)
    }

    func bodies(beginning: [Int64], type: EventType) throws(MongoError) -> [StoredBody] {
        guard !beginning.isEmpty else { return [] }
        var filter = BSONDocument()
        filter.append("$or") { (either: inout BSONArray) in
            for start in beginning {
                either.append {
                    $0.append("_id") {
                        $0.append("$gte", EventID.bytes(beginning: start, then: 0))
                        $0.append("$lte", EventID.bytes(beginning: start, then: .max))
                    }
                }
            }
        }
        return try bodies(filter, type)
    }

    private func bodies(_ filter: BSONDocument, _ type: EventType) throws(MongoError) -> [StoredBody] {
        var filter = filter
        filter.append("type", type.rawValue)
        var bodies: [StoredBody] = []
        try find(.events, filter) { if let body = StoredBody($0) { bodies.append(body) } }
        return bodies
    }

    func onlookers(
        of author: MessageAuthor,
        in times: ClosedRange<Timestamp>,
        limit: Int
    ) throws(MongoError) -> [Onlooker] {
        var filter = BSONDocument()
        filter.append("counts_of") { $0.append("$all", author.references) }
        filter.append("counts_at") {
            $0.append("$gte", date: times.lowerBound.milliseconds)
            $0.append("$lte", date: times.upperBound.milliseconds)
        }
        var onlookers: [Onlooker] = []
        try find(.events, filter, sort: .keys(("counts_at", -1)), limit: limit) { document in
            guard let time = document.time("counts_at"), let stored = StoredBody(document) else { return }
            onlookers.append(Onlooker(time: time, stored: stored))
        }
        return onlookers
    }

    private func idFilter(_ fill: (inout BSONArray) -> Void) -> BSONDocument {
        var filter = BSONDocument(capacity: 16_384)
        filter.append("_id") { $0.append("$in", array: fill) }
        return filter
    }

    private func find(
        _ collection: Collection,
        _ filter: BSONDocument,
        projection: BSONDocument? = nil,
        hint: String? = nil,
        sort: BSONDocument? = nil,
        limit: Int? = nil,
        each: (BSONDocument) -> Void
    ) throws(MongoError) {
        do throws(MongoError) {
            try connection.find(
                collection.rawValue,
                filter,
                in: database,
                options: .init(
                    sort: sort,
                    projection: projection,
                    limit: limit,
                    hint: hint,
                    batchSize: 10_000
                ),
                session: session
            ) { (document: BSONDocument) throws(MongoError) in
                each(document)
                return true
            }
        } catch  where error.isRefusal {
            // Keys are plain strings and bytes, so no event is to blame: an index is gone, or the whole database.
            throw .refusal(error.description)
        }
    }
}

extension StoredBody {
    /// `nil` where the body is erased.
    fileprivate init?(_ event: BSONDocument) {
        guard let id = event.binary("_id"), let body = event.binary("raw"), let received = event.time("received")
        else { return nil }
        self.init(id: EventID(bytes: id), receivedAt: received, body: body)
    }
}

extension EventID {
    fileprivate static func bytes(beginning start: Int64, then rest: UInt8) -> [UInt8] {
        let first = (0..<8).map { UInt8(truncatingIfNeeded: start >> (56 - 8 * $0)) }
        return first + [UInt8](repeating: rest, count: 24)
    }
}

extension MessageAuthor {
    fileprivate func filter(user field: String) -> BSONDocument {
        switch self {
        case .user(let id): .matching(field, id)
        case .channel(let cid): .matching("cid", cid)
        case .userInChannel(let id, let cid):
            {
                var filter = BSONDocument.matching(field, id)
                filter.append("cid", cid)
                return filter
            }()
        }
    }
}
