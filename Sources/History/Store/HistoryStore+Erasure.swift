package import Chat
import Limits
package import MongoDB

extension HistoryStore {
    /// Erases a user for ever, and returns when nothing is left to do.
    ///
    /// Profile, message contents, earlier texts, signed bodies, memberships, mutes, read states and dead letters go; a
    /// pseudonym takes the user's place in messages, reactions and reads, so that figures stay right. What arrives later
    /// about this user is stored without content. May be repeated, and goes on where an interrupted one stopped.
    /// Blocking: it takes about a second for 5,000 events that name the user.
    ///
    /// - Parameters:
    ///   - time: messages made up to then count as deleted.
    ///   - entries: what the audit trail is told, of the pseudonym; committed with the mark that the user is erased.
    package func erase(
        user id: String,
        at time: Timestamp,
        entering entries: [AuditEntry] = []
    ) throws(MongoError) -> ErasureReport {
        let most = Limits.Worker().identifierBytes
        guard (1...most).contains(id.utf8.count), !Pseudonym.isPseudonym(id) else {
            throw .refusal("erase a user: the id is empty, over \(most) bytes, or a pseudonym; give the user's own id")
        }
        let patient = PatientWriter(self)
        try patient.run { (writer) throws(MongoError) in try writer.markErased(id, at: time, entries) }
        try finishSweep(of: id, patient)
        // A batch that was read before the mark and committed after it can bring a trace back.
        for _ in 0..<Limits.Worker().erasureRounds {
            let isClean = try patient.run { (writer) throws(MongoError) in try writer.isFree(of: id) }
            if isClean { break }
            try sweepAgain(id, patient)
        }
        return try patient.run { (writer) throws(MongoError) in
            try ErasureLedger(writer.connection, self).report(of: id)
        }
    }

    func sweepAgain(_ user: String, _ patient: PatientWriter) throws(MongoError) {
        try patient.run { (writer) throws(MongoError) in try writer.request(.user(user)) }
        try finishSweep(of: user, patient)
    }

    private func finishSweep(of user: String, _ patient: PatientWriter) throws(MongoError) {
        let limit = Limits.Worker().sweepMessages
        while try patient.run({ (writer) throws(MongoError) in try writer.isWaiting(.user(user)) }) {
            _ = try patient.run { (writer) throws(MongoError) in try writer.sweep(messages: limit) }
        }
        // Whose turn it was still names the user in channels that wait; others may come to wait for ever.
        var waiting = try patient.run { (writer) throws(MongoError) in try writer.waitingConversations(among: nil) }
        while !waiting.isEmpty {
            _ = try patient.run { (writer) throws(MongoError) in try writer.keepConversations() }
            waiting = try patient.run { (writer) throws(MongoError) in
                try writer.waitingConversations(among: Array(waiting))
            }
        }
    }
}

extension HistoryWriter {
    /// Marks the user erased, as a hard deletion by the provider would, and asks for the sweep that follows.
    fileprivate func markErased(
        _ user: String,
        at time: Timestamp,
        _ entries: [AuditEntry]
    ) throws(MongoError) {
        try withTransaction { session throws(MongoError) in
            let reader = MongoEntityReader(connection: connection, session: session, database: database)
            let before = try reader.load(UserRecord.self, [user]).first
            var claim = UserRecord(id: user)
            claim.isErased = true
            claim.removal = Watermark(deletedThrough: time, erasedThrough: time)
            var after = before ?? UserRecord(id: user)
            after.merge(claim)
            var plan = WritePlan()
            plan.write([(before: before, after: after)])
            plan.request(.user(user))
            try plan.execute(connection, session, database)
            let pseudonym = Pseudonym.of(user, salt: salt)
            let named = entries.map { entry in
                var entry = entry
                entry.subject.id = pseudonym
                return entry
            }
            try AuditTrail().append(named, connection, session, database)
        }
    }

    fileprivate func request(_ key: SweepKey) throws(MongoError) {
        try withTransaction { session throws(MongoError) in
            var plan = WritePlan()
            plan.request(key)
            try plan.execute(connection, session, database)
        }
    }

    fileprivate func isWaiting(_ key: SweepKey) throws(MongoError) -> Bool {
        try exists(.sweeps, .id(key.documentID))
    }

    /// Nothing names the user any more, as far as an index can tell.
    fileprivate func isFree(of user: String) throws(MongoError) -> Bool {
        let places: [(Collection, String, String)] =
            [
                (.messages, "sender_id", user), (.reactions, "user_id", user), (.readMarks, "user_id", user),
                (.reads, "user_id", user), (.members, "user_id", user), (.mutes, "user_id", user),
                (.mutes, "target_user_id", user), (.facts, "_id", joinedID("user", user)),
                (.channelObjects, "members", user), (.channelObjects, "sent_members", user),
                (.channelObjects, "created_by", user),
                (.notificationPreferences, "_id", user),
                (.appUsers, "_id", user), (.reviewQueue, "user_id", user),
                (.blocks, "blocker_id", user), (.blocks, "blocked_id", user),
            ]
            + [Collection.audit, .auditPending].flatMap { collection in
                AuditEraser.fields.map { (collection, $0, user) }
            }
        for (collection, field, value) in places where try exists(collection, .matching(field, value)) { return false }
        return true
    }

    /// - Parameter cids: `nil` is all.
    fileprivate func waitingConversations(among cids: [String]?) throws(MongoError) -> Set<String> {
        var (filter, found) = (ConversationTime.filter(.due), Set<String>())
        if let cids { filter.append("_id.cid", in: cids) }
        try connection.find(Collection.conversationTimes.rawValue, filter, in: database) {
            (document: BSONDocument) throws(MongoError) in
            if let time = ConversationTime(document) { found.insert(time.cid) }
            return true
        }
        return found
    }

    fileprivate func exists(_ collection: Collection, _ filter: BSONDocument) throws(MongoError) -> Bool {
        var exists = false
        try connection.find(
            collection.rawValue,
            filter,
            in: database,
            options: .init(projection: .only("_id"), limit: 1)
        ) { (_: BSONDocument) throws(MongoError) in
            exists = true
            return false
        }
        return exists
    }
}

extension HistoryStore {
    /// Whether anything in the history names this user.
    ///
    /// Blocking; looks through the whole log for one who is known by nothing else.
    package func knows(user: String) throws(MongoError) -> Bool {
        let writer = try HistoryWriter(self)
        if try writer.exists(.users, .id(user)) { return true }
        if try !writer.isFree(of: user) { return true }
        return try writer.exists(.events, .matching("references", Reference.user(user)))
    }
}
