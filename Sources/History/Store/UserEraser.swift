import Analytics
import Chat
import MongoDB

/// Removes or pseudonymises what the history holds of an erased user besides messages and profile: part of the sweep
/// of that user.
///
/// Each step looks for what still names the user, so steps may be repeated.
struct UserEraser {
    /// In this order: reads are renamed before the messages that are resolved from them.
    enum Stage: String, CaseIterable {
        case reactions, readMarks, memberships, events, decisions, reviewItems, reviewQueue, spamLabels, deadLetters
        case effects, audit, sellerMetrics

        var next: Stage? { Self.allCases.firstIndex(of: self).map { Self.allCases.dropFirst($0 + 1) }?.first }
    }

    enum Progress {
        /// The same stage again, from this position where it needs one.
        case more(after: BSONDocument?)
        case done
    }

    let sweeper: Sweeper
    let user: String
    let erasure: TraceErasure

    init(_ sweeper: Sweeper, _ user: String) {
        (self.sweeper, self.user) = (sweeper, user)
        erasure = TraceErasure(of: user, settings: sweeper.settings)
    }

    func step(_ stage: Stage, after: BSONDocument?, limit: Int) throws(MongoError) -> Progress {
        switch stage {
        case .reactions: try renameReactions(limit)
        case .readMarks: try renameReadMarks(limit)
        case .memberships: try removeMemberships(limit)
        case .events: try EventEraser(self).step(from: LogPosition(after))
        case .decisions: try stripDecisions(limit)
        case .reviewItems: try renameReviewItems(limit)
        case .reviewQueue: try ReviewEraser(self).step(after: after, limit: limit)
        case .spamLabels: try renameJudge(after: after, limit)
        case .deadLetters: try DeadLetterEraser(self).step(after: after, limit: limit)
        case .effects: try EffectEraser(self).step(after: after, limit: limit)
        case .audit: try AuditEraser(self).step(limit: limit)
        case .sellerMetrics: try removeEmptySellerMetrics()
        }
    }

    // MARK: What is the user's own

    private func renameReactions(_ limit: Int) throws(MongoError) -> Progress {
        let reactions = try records(ReactionRecord.self, .matching("user_id", user), limit)
        let keys = Set(reactions.map { $0.renamed(userID: erasure.pseudonym).key })
        let known = try sweeper.reader.load(ReactionRecord.self, keys)
        let change = erasure.rename(reactions, known: Dictionary(known.map { ($0.key, $0) }) { first, _ in first })
        try replace(reactions, by: change)
        try ErasureLedger(sweeper).add([.reactions: reactions.count], of: user)
        return reactions.count < limit ? .done : .more(after: nil)
    }

    private func renameReadMarks(_ limit: Int) throws(MongoError) -> Progress {
        let marks = try records(ReadMark.self, .matching("user_id", user), limit)
        let keys = Set(marks.map { $0.renamed(userID: erasure.pseudonym).key })
        let known = try sweeper.reader.load(ReadMark.self, keys)
        let change = erasure.rename(marks, known: Dictionary(known.map { ($0.key, $0) }) { first, _ in first })
        try replace(marks, by: change)
        try ErasureLedger(sweeper).add([.readMarks: marks.count], of: user)
        return marks.count < limit ? .done : .more(after: nil)
    }

    private func replace<Record: StoredRecord>(
        _ records: [Record],
        by change: TraceErasure.Change<Record>
    ) throws(MongoError) {
        var plan = WritePlan()
        for record in records { plan.delete(.id(Record.documentID(of: record.key)), from: Record.collection) }
        plan.write(change.changes)
        try sweeper.commit(plan, change.tallies)
    }

    private func removeMemberships(_ limit: Int) throws(MongoError) -> Progress {
        let reads = try remove(.matching("user_id", user), from: .reads, limit)
        let members = try leaveChannels(limit)
        let mutes = try remove(.matching("user_id", user), from: .mutes, limit)
        let muted = try remove(.matching("target_user_id", user), from: .mutes, limit)
        // What the app itself has told of the user, such as an address.
        let facts = try remove(.id(joinedID("user", user)), from: .facts, limit)
        let blocks = try remove(.matching("blocker_id", user), from: .blocks, limit)
        let blocked = try remove(.matching("blocked_id", user), from: .blocks, limit)
        let channels = try leaveChannelObjects(limit)
        let preferences = try remove(.id(user), from: .notificationPreferences, limit)
        let notifications = try remove(.notifications(to: user), from: .outbox, limit)
        let profiles = try remove(.id(user), from: .appUsers, limit)
        // Also those that wait: nothing of the profile is to be sent any more.
        let told = try remove(.profiles(of: user), from: .outbox, limit)
        let counts: [ErasureReport.Kind: Int] = [
            .reads: reads, .members: members, .mutes: mutes + muted, .blocks: blocks + blocked,
            .facts: facts + profiles + told,
            .mentions: channels, .notifications: preferences + notifications,
        ]
        try ErasureLedger(sweeper).add(counts, of: user)
        return max(reads, members, mutes, muted, blocks, blocked, channels, notifications, told) < limit
            ? .done : .more(after: nil)
    }

    private func leaveChannels(_ limit: Int) throws(MongoError) -> Int {
        var (plan, ids) = (WritePlan(), [String]())
        try find(.members, .matching("user_id", user), .init(projection: .only("cid"), limit: limit)) { document in
            guard let id = document.string("_id") else { return }
            ids.append(id)
            if sweeper.settings.keepsFigures, let cid = document.string("cid") { plan.members.note(cid) }
        }
        guard !ids.isEmpty else { return 0 }
        var those = BSONDocument()
        those.append("_id", in: ids)
        plan.delete(those, from: .members)
        let (connection, database) = (sweeper.connection, sweeper.database)
        let part = sweeper.settings.rollupPart
        let counts = try plan.execute(connection, sweeper.session, database, part: part)
        return counts.deleted[.members, default: 0]
    }

    /// Out of both what was asked for and what was sent, so that nothing follows from it at the provider.
    private func leaveChannelObjects(_ limit: Int) throws(MongoError) -> Int {
        var filter = BSONDocument()
        filter.append("$or") { (either: inout BSONArray) in
            for field in ["members", "sent_members", "created_by"] { either.append(.matching(field, user)) }
        }
        var changes: [MongoUpdate] = []
        try find(.channelObjects, filter, .init(projection: .only("_id", "created_by"), limit: limit)) {
            (document: BSONDocument) throws(MongoError) in
            guard let cid = document.string("_id") else { return }
            var change = BSONDocument()
            change.append("$pull") { for field in ["members", "sent_members"] { $0.append(field, user) } }
            if document.string("created_by") == user {
                change.append("$set") { $0.append("created_by", erasure.pseudonym) }
            }
            changes.append(MongoUpdate(filter: .id(cid), update: change))
        }
        guard !changes.isEmpty else { return 0 }
        _ = try sweeper.connection.update(
            changes,
            in: Collection.channelObjects.rawValue,
            of: sweeper.database,
            session: sweeper.session
        )
        return changes.count
    }

    func remove(_ filter: BSONDocument, from collection: Collection, _ limit: Int) throws(MongoError) -> Int {
        try sweeper.connection.remove(
            filter,
            from: collection,
            of: sweeper.database,
            most: limit,
            session: sweeper.session
        )
    }

    /// Figures on reads went over to the pseudonym; what is left is an id and zeros.
    private func removeEmptySellerMetrics() throws(MongoError) -> Progress {
        var filter = BSONDocument.id(user)
        filter.append("read_count") {
            $0.append("$in") { (values: inout BSONArray) in
                values.append(Int64(0))
                values.appendNull()
            }
        }
        _ = try sweeper.connection.delete(
            [(filter: filter, limit: 1)],
            in: Collection.sellerMetrics.rawValue,
            of: sweeper.database,
            session: sweeper.session
        )
        return .done
    }

    /// What was decided about the user, whatever it was about.
    private func stripDecisions(_ limit: Int) throws(MongoError) -> Progress {
        var plan = WritePlan()
        var count = 0
        try find(.decisions, .matching("user_id", user), .init(projection: .only("_id"), limit: limit)) {
            (document: BSONDocument) throws(MongoError) in
            guard let id = document.string("_id") else { return }
            count += 1
            for change in MongoUpdate.strippingDecisions(.id(id), naming: erasure.pseudonym) {
                plan.update(change, in: .decisions)
            }
        }
        try sweeper.commit(plan, Tallies(sweeper.settings))
        try ErasureLedger(sweeper).add([.decisions: count], of: user)
        return count < limit ? .done : .more(after: nil)
    }

    // MARK: Review items

    /// Without an index: the collection is small beside the others, and erasures are rare.
    private func renameReviewItems(_ limit: Int) throws(MongoError) -> Progress {
        var filter = BSONDocument()
        filter.append("$or") { (either: inout BSONArray) in
            for part in ["item", "check"] {
                for field in ["entity_id", "entity_creator_id", "reviewed_by"] {
                    either.append { $0.append("\(part).\(field)", user) }
                }
            }
        }
        let items = try records(ReviewItemRecord.self, filter, limit)
        let changes = erasure.rename(items)
        var plan = WritePlan()
        plan.write(changes)
        try sweeper.commit(plan, Tallies(sweeper.settings))
        try ErasureLedger(sweeper).add([.mentions: changes.count], of: user)
        // What is found but not renamed, such as a message of that id, would be found for ever.
        return changes.isEmpty || items.count < limit ? .done : .more(after: nil)
    }

    // MARK: Verdicts

    /// Of verdicts that the user gave as a moderator.
    ///
    /// Without an index, as above.
    private func renameJudge(after: BSONDocument?, _ limit: Int) throws(MongoError) -> Progress {
        try change(.spamLabels, .matching("by", user), .only("_id"), after: after, limit, as: .mentions) {
            (_: BSONDocument, itself: BSONDocument) throws(MongoError) in
            var change = BSONDocument()
            change.append("$set") { $0.append("by", erasure.pseudonym) }
            return MongoUpdate(filter: itself, update: change)
        }
    }

    // MARK: Finding

    /// Goes through a collection in the order of its ids, a page at a time.
    ///
    /// - Parameters:
    ///   - filter: names no id.
    ///   - fields: a projection.
    ///   - kind: what the changes are counted as.
    ///   - changing: what is to become of a document, which the second parameter finds; `nil` leaves it.
    func change(
        _ collection: Collection,
        _ filter: BSONDocument,
        _ fields: BSONDocument,
        after: BSONDocument?,
        _ limit: Int,
        as kind: ErasureReport.Kind,
        changing: (BSONDocument, BSONDocument) throws(MongoError) -> MongoUpdate?
    ) throws(MongoError) -> Progress {
        var filter = filter
        if let after = after?["_id"] { filter.append("_id") { $0.append("$gt", value: after) } }
        var (last, seen) = (BSONDocument(), 0)
        var updates: [MongoUpdate] = []
        try find(collection, filter, .init(sort: .keys(("_id", 1)), projection: fields, limit: limit)) {
            (document: BSONDocument) throws(MongoError) in
            guard let id = document["_id"] else { return }
            seen += 1
            last = BSONDocument()
            last.append("_id", value: id)
            if let update = try changing(document, last) { updates.append(update) }
        }
        if !updates.isEmpty {
            _ = try sweeper.connection.update(
                updates,
                in: collection.rawValue,
                of: sweeper.database,
                session: sweeper.session
            )
            try ErasureLedger(sweeper).add([kind: updates.count], of: user)
        }
        return seen < limit ? .done : .more(after: last)
    }

    func records<Record: StoredRecord>(
        _: Record.Type,
        _ filter: BSONDocument,
        _ limit: Int? = nil
    ) throws(MongoError) -> [Record] {
        var records: [Record] = []
        try find(Record.collection, filter, .init(limit: limit)) { (document: BSONDocument) throws(MongoError) in
            if let record = Record(document) { records.append(record) }
        }
        return records
    }

    func find(
        _ collection: Collection,
        _ filter: BSONDocument,
        _ options: MongoFindOptions,
        each: (BSONDocument) throws(MongoError) -> Void
    ) throws(MongoError) {
        try sweeper.connection.find(
            collection.rawValue,
            filter,
            in: sweeper.database,
            options: options,
            session: sweeper.session
        ) { (document: BSONDocument) throws(MongoError) in
            try each(document)
            return true
        }
    }
}

extension BSONDocument {
    /// What waits for a user or was told to one; other effects of that lane may be part of the erasure itself.
    fileprivate static func notifications(to user: String) -> BSONDocument {
        var filter = matching("lane", user)
        filter.append("action", in: NotificationOrder.Kind.allCases.map(\.action))
        return filter
    }

    /// Effects that hold the user's profile; others of that lane may be part of the erasure itself.
    fileprivate static func profiles(of user: String) -> BSONDocument {
        var filter = matching("lane", user)
        filter.append("action", in: ["upsertUsers", "updateUsersPartially"])
        return filter
    }

    static func matching(_ field: String, _ value: String) -> BSONDocument {
        var filter = BSONDocument(capacity: 64)
        filter.append(field, value)
        return filter
    }

    /// A projection that an index may answer.
    static func withoutID(_ fields: String...) -> BSONDocument {
        var projection = BSONDocument()
        for field in fields { projection.append(field, Int32(1)) }
        projection.append("_id", Int32(0))
        return projection
    }

    /// A projection.
    static func only(_ fields: String...) -> BSONDocument {
        var projection = BSONDocument()
        for field in fields { projection.append(field, Int32(1)) }
        return projection
    }

    /// `{field: {$in: values}}`.
    mutating func append(_ field: String, in values: some Sequence<String>) {
        append(field) { $0.append("$in", Array(values)) }
    }
}
