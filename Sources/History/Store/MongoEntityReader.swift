import Chat
import MongoDB

/// Reads records in a transaction's snapshot.
struct MongoEntityReader: EntityReader {
    let connection: MongoConnection
    let session: MongoSession?
    let database: String

    func knownEvents(among ids: [EventID]) throws(MongoError) -> Set<EventID> {
        var known: Set<EventID> = []
        try find(.events, idFilter { array in for id in ids { array.append(id.bytes) } }, onlyIDs: true) {
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
        try find(.users, filter, onlyIDs: true, hint: Index.erasedUsers.name) {
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
        try find(.messages, filter, onlyIDs: true) { if let id = $0.string("_id") { erased.insert(id) } }
        return erased
    }

    func load<Record: StoredRecord>(_: Record.Type, _ keys: Set<Record.Key>) throws(MongoError) -> [Record] {
        guard !keys.isEmpty else { return [] }
        var records: [Record] = []
        records.reserveCapacity(keys.count)
        let filter = idFilter { array in for key in keys { array.append(Record.documentID(of: key)) } }
        try find(Record.collection, filter) { document in
            if let record = Record(document) { records.append(record) }
        }
        return records
    }

    private func idFilter(_ fill: (inout BSONArray) -> Void) -> BSONDocument {
        var filter = BSONDocument(capacity: 16_384)
        filter.append("_id") { $0.append("$in", array: fill) }
        return filter
    }

    private func find(
        _ collection: Collection,
        _ filter: BSONDocument,
        onlyIDs: Bool = false,
        hint: String? = nil,
        each: (BSONDocument) -> Void
    ) throws(MongoError) {
        var projection = BSONDocument()
        projection.append("_id", Int32(1))
        do throws(MongoError) {
            try connection.find(
                collection.rawValue,
                filter,
                in: database,
                options: .init(projection: onlyIDs ? projection : nil, hint: hint, batchSize: 10_000),
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
