package import Chat
package import Limits
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
    ///   - limits: how many one may block.
    ///   - entries: what the audit trail is told, if that changes something.
    package func block(
        _ block: UserBlock,
        _ limits: Limits.Standing,
        at now: Timestamp,
        entering entries: () -> [AuditEntry] = { [] }
    ) throws(MongoError) -> Blocking {
        let (collection, database) = (Collection.blocks.rawValue, store.database)
        return try store.withTransaction { connection, session throws(MongoError) in
            let reader = MongoEntityReader(connection: connection, session: session, database: database)
            guard try reader.erasedUsers(among: [block.blocker, block.blocked]).isEmpty else { return .erased }
            let most = limits.blocksPerUser
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
            // Whoever blocks at the same moment writes this, too: one of the two looks again.
            let change = HistoryChange(connection: connection, session: session, database: database)
            try change.write(
                change.count(.block, of: block.blocker).raised(at: now, seconds: limits.blockMeetingSeconds)
            )
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
        after position: ListPosition?,
        limit: Int
    ) throws(MongoError) -> ListPage<UserBlock> {
        var filter = BSONDocument()
        filter.append("blocker_id", ifPresent: blocker)
        filter.append("blocked_id", ifPresent: blocked)
        filter.append(latestBy: "at", after: position)
        return try page(.blocks, filter, limit: limit).compactMap(UserBlock.init)
    }
}
