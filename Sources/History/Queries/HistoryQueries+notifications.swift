package import Chat
package import MongoDB

/// An event as it is kept in the log.
package struct KeptEvent: Sendable {
    package let type: String
    package let at: Timestamp
    /// As it was received; `nil` once it was erased or its time is over.
    package let body: [UInt8]?
}

/// What notifications are composed of.
extension HistoryQueries {
    /// A record as it is stored; `nil` for one that is not, or that this version cannot read.
    package func record<Record: StoredRecord>(_: Record.Type, _ key: Record.Key) throws(MongoError) -> Record? {
        try documents(Record.collection, .id(Record.documentID(of: key)), limit: 1).first.flatMap(Record.init)
    }

    package func event(_ id: EventID) throws(MongoError) -> KeptEvent? {
        var filter = BSONDocument()
        filter.append("_id", id.bytes)
        let fields = BSONDocument.keys(("type", 1), ("at", 1), ("raw", 1))
        guard let event = try documents(.events, filter, projection: fields, limit: 1).first,
            let type = event.string("type"), let at = event.time("at")
        else { return nil }
        return KeptEvent(type: type, at: at, body: event.binary("raw"))
    }

    /// Up to `limit` users who are known to be members of a channel.
    package func memberIDs(of cid: String, limit: Int) throws(MongoError) -> [String] {
        var filter = BSONDocument.equal("cid", cid)
        filter.append("member", true)
        return try documents(.members, filter, projection: .keys(("user_id", 1)), limit: limit)
            .compactMap { $0.string("user_id") }
    }

    /// How many messages of others a user has not read in a channel, counted to `most`: those that somebody said to all.
    ///
    /// - Parameter floor: where nothing was read or written by the user, messages before do not count.
    package func unreadCount(
        of user: String,
        in cid: String,
        since floor: Timestamp,
        most: Int
    ) throws(MongoError) -> Int {
        let read = try record(ReadRecord.self, ReadRecord.Key(cid: cid, userID: user))?.state?.value.at
        let written = try lastWritten(by: user, in: cid, since: max(read ?? floor, floor))
        let seen = [read, written].compactMap(\.self).max()
        var filter = BSONDocument.equal("cid", cid)
        filter.append("sender_id") { $0.append("$ne", user) }
        filter.append("deletedAt") { $0.append("$exists", false) }
        filter.append("parent_id") { $0.append("$exists", false) }
        filter.append("type") { $0.append("$nin", ["system", "ephemeral", "error", "deleted"]) }
        for field in ["silent", "shadowed"] { filter.append(field) { $0.append("$ne", true) } }
        filter.append("createdAt") {
            $0.append(seen == nil ? "$gte" : "$gt", date: (seen ?? floor).milliseconds)
        }
        return try documents(.messages, filter, projection: .keys(("_id", 1)), limit: most).count
    }

    private func lastWritten(
        by user: String,
        in cid: String,
        since floor: Timestamp
    ) throws(MongoError) -> Timestamp? {
        var filter = BSONDocument.equal("cid", cid)
        filter.append("sender_id", user)
        filter.append("createdAt") { $0.append("$gte", date: floor.milliseconds) }
        let newest = BSONDocument.keys(("createdAt", -1), ("_id", -1))
        return try documents(.messages, filter, sort: newest, projection: .keys(("createdAt", 1)), limit: 1)
            .first?.time("createdAt")
    }
}
