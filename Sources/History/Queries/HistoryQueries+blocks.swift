import Chat
package import MongoDB

/// Who blocks whom.
extension HistoryQueries {
    package enum Blocking: Sendable, Equatable {
        case blocked
        case wasBlocked
        /// The user blocks as many as one may.
        case tooMany
        /// One of the two was erased.
        case erased
    }

    /// Safe to repeat: the first time stays.
    ///
    /// - Parameters:
    ///   - most: users whom one may block; a few more if that many ask at the same moment.
    ///   - entries: what the audit trail is told, if that changes something.
    package func block(
        _ block: UserBlock,
        most: Int,
        entering entries: () -> [AuditEntry] = { [] }
    ) throws(MongoError) -> Blocking {
        let (collection, database) = (Collection.blocks.rawValue, store.database)
        return try store.withTransaction { connection, session throws(MongoError) in
            let reader = MongoEntityReader(connection: connection, session: session, database: database)
            guard try reader.erasedUsers(among: [block.blocker, block.blocked]).isEmpty else { return .erased }
            var (count, isKnown) = (0, false)
            try connection.find(
                collection,
                .equal("blocker_id", block.blocker),
                in: database,
                options: .init(projection: .keys(("_id", 1)), limit: most),
                session: session
            ) { (document: BSONDocument) throws(MongoError) in
                count += 1
                isKnown = isKnown || document.string("_id") == block.id
                return true
            }
            if isKnown { return .wasBlocked }
            guard count < most else { return .tooMany }
            let update = MongoUpdate(filter: .id(block.id), update: block.document, upsert: true)
            _ = try connection.update([update], in: collection, of: database, session: session)
            try AuditTrail().append(entries(), connection, session, database)
            return .blocked
        }
    }

    /// - Returns: whether there was such a block.
    package func unblock(
        _ block: UserBlock,
        entering entries: () -> [AuditEntry] = { [] }
    ) throws(MongoError) -> Bool {
        let (collection, database) = (Collection.blocks.rawValue, store.database)
        return try store.withTransaction { connection, session throws(MongoError) in
            let those = [(filter: BSONDocument.id(block.id), limit: 1)]
            guard try connection.delete(those, in: collection, of: database, session: session) > 0 else { return false }
            try AuditTrail().append(entries(), connection, session, database)
            return true
        }
    }

    /// Latest first.
    ///
    /// - Parameters:
    ///   - blocker: only whom this user blocks.
    ///   - blocked: only who blocks this user.
    package func blocks(
        by blocker: String?,
        of blocked: String?,
        after position: BlockPosition?,
        limit: Int
    ) throws(MongoError) -> (rows: [UserBlock], next: BlockPosition?) {
        var filter = BSONDocument()
        filter.append("blocker_id", ifPresent: blocker)
        filter.append("blocked_id", ifPresent: blocked)
        if let position {
            filter.append("at") { $0.append("$lte", date: position.at.milliseconds) }
            filter.append("$or") { (either: inout BSONArray) in
                either.append { $0.append("at") { $0.append("$ne", date: position.at.milliseconds) } }
                either.append { $0.append("_id") { $0.append("$lt", position.id) } }
            }
        }
        let sort = BSONDocument.keys(("at", -1), ("_id", -1))
        let rows = try documents(.blocks, filter, sort: sort, limit: limit + 1).compactMap(UserBlock.init)
        let page = Array(rows.prefix(limit))
        let next = rows.count > limit ? page.last.map { BlockPosition(at: $0.at, id: $0.id) } : nil
        return (page, next)
    }
}
