package import Chat
package import MongoDB

/// An event as it is kept in the log.
package struct KeptEvent: Sendable {
    package let type: String
    package let at: Timestamp
    /// As it was received; `nil` once it was erased or its time is over.
    package let body: [UInt8]?
}

/// What effects are composed of when their turn comes.
extension HistoryQueries {
    /// A record as it is stored; `nil` for one that is not, or that this version cannot read.
    package func record<Record: StoredRecord>(_: Record.Type, _ key: Record.Key) throws(MongoError) -> Record? {
        try documents(Record.collection, .id(Record.documentID(of: key)), limit: 1).first.flatMap(Record.init)
    }

    /// What is known of a user's ban, in one channel or everywhere.
    package func ban(of user: String, in cid: String?) throws(MongoError) -> Register<BanState>? {
        guard let cid else { return try record(UserRecord.self, user)?.ban }
        return try record(MemberRecord.self, MemberRecord.Key(cid: cid, userID: user))?.ban
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

    /// Up to `limit` users who have one of the roles, everywhere or in the channel; those who are erased have none.
    package func userIDs(withRoles roles: [String], in cid: String?, limit: Int) throws(MongoError) -> [String] {
        var everywhere = BSONDocument()
        everywhere.append("role") { $0.append("$in", roles) }
        everywhere.append("erased") { $0.append("$ne", true) }
        let first = BSONDocument.keys(("role", 1), ("_id", 1))
        let users = try documents(.users, everywhere, sort: first, projection: .keys(("_id", 1)), limit: limit)
            .compactMap { $0.string("_id") }
        guard let cid else { return users }
        var there = BSONDocument.equal("cid", cid)
        there.append("member", true)
        there.append("$or") { (either: inout BSONArray) in
            for field in ["role", "channel_role"] { either.append { $0.append(field) { $0.append("$in", roles) } } }
        }
        let members = try documents(.members, there, projection: .keys(("user_id", 1)), limit: limit)
            .compactMap { $0.string("user_id") }
        return Array((users + members.filter { !users.contains($0) }).prefix(limit))
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
        // What is said in a thread is read there, unless it is shown in the channel as well.
        filter.append("$or") { (either: inout BSONArray) in
            either.append { $0.append("parent_id") { $0.append("$exists", false) } }
            either.append { $0.append("show_in_channel", true) }
        }
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
