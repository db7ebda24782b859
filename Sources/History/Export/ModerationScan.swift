package import Chat
package import MongoDB

/// What people, not rules, have done about messages and users: by it rules can be measured.
///
/// Every call blocks.
package struct ModerationScan: Sendable {
    /// A ban, of everywhere or of one channel.
    package struct Ban: Sendable {
        package let user: String
        package let cid: String?
        package let at: Timestamp
    }

    private let store: HistoryStore
    private let ownUserID: String?

    /// - Parameter ownUserID: under whose name rules act; what that one did is none of people's.
    package init(_ store: HistoryStore, ownUserID: String?) { (self.store, self.ownUserID) = (store, ownUserID) }

    /// Messages made in a time that somebody flagged, or that somebody else than their sender removed.
    package func forEachMessage(
        from: Timestamp,
        until: Timestamp,
        _ body: (String) -> Void
    ) throws(MongoError) {
        var filter = BSONDocument()
        filter.append("createdAt") {
            $0.append("$gte", date: from.milliseconds)
            $0.append("$lte", date: until.milliseconds)
        }
        filter.append("$or") { (either: inout BSONArray) in
            either.append { $0.append("is_flagged", true) }
            either.append { $0.append("deleted_by") { $0.append("$exists", true) } }
        }
        let fields = BSONDocument.only("sender_id", "is_flagged", "flagged_by", "deletedAt", "deleted_by")
        try find(.messages, filter, fields) { message in
            if isModerated(message), let id = message.string("_id") { body(id) }
        }
        try forEachReviewed(body)
    }

    private func isModerated(_ message: BSONDocument) -> Bool {
        if message.bool("is_flagged") == true, let by = message.string("flagged_by"), isPersons(by) { return true }
        guard message.date("deletedAt") != nil, let by = message.string("deleted_by") else { return false }
        return by != message.string("sender_id") && isPersons(by)
    }

    private func isPersons(_ by: String) -> Bool { by != ownUserID && !by.hasPrefix("rule:") }

    /// Messages that the provider's review queue ended with something done about them.
    private func forEachReviewed(_ body: (String) -> Void) throws(MongoError) {
        var filter = BSONDocument()
        filter.append("item.reviewed_by") { $0.append("$exists", true) }
        try find(.reviewItems, filter, .only("item")) { record in
            guard let item = record.document("item"), let by = item.string("reviewed_by"), isPersons(by),
                item.string("entity_type")?.hasSuffix("message") == true, let id = item.string("entity_id"),
                let action = item.string("latest_action"), Self.removing.contains(action)
            else { return }
            body(id)
        }
    }

    /// What the review queue calls actions against something.
    ///
    /// Source: the provider's moderation documentation.
    private static let removing: Set = [
        "delete", "delete_message", "remove", "block", "shadow_block", "shadow", "bounce", "ban", "delete_user",
    ]

    /// Bans that stand now and that somebody imposed.
    package func bans() throws(MongoError) -> [Ban] {
        var bans: [Ban] = []
        var filter = BSONDocument()
        filter.append("banned", true)
        filter.append("banned_by") { $0.append("$exists", true) }
        for collection in [Collection.users, .members] {
            try find(collection, filter, .only("banned_by", "user_id", "cid", "v")) { record in
                guard let by = record.string("banned_by"), isPersons(by),
                    let user = record.string("user_id") ?? record.string("_id"),
                    let at = record.document("v")?.stamp("ban")?.time
                else { return }
                bans.append(Ban(user: user, cid: record.string("cid"), at: at))
            }
        }
        return bans
    }

    private func find(
        _ collection: Collection,
        _ filter: BSONDocument,
        _ fields: BSONDocument,
        each: (BSONDocument) -> Void
    ) throws(MongoError) {
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                collection.rawValue,
                filter,
                in: store.database,
                options: .init(projection: fields)
            ) { (document: BSONDocument) throws(MongoError) in
                each(document)
                return true
            }
        }
    }
}
