import Analytics
import Chat
import MongoDB

/// Removes or pseudonymises what the history holds of an erased user besides messages and profile.
///
/// Part of the sweep of a user; each call is one step of it and may be repeated.
struct UserEraser {
    /// Events of the log looked at in one step.
    private static let eventsPerStep = 5_000

    private let sweeper: Sweeper
    private let user: String
    private let pseudonym: String

    init(_ sweeper: Sweeper, of user: String) {
        (self.sweeper, self.user) = (sweeper, user)
        pseudonym = Pseudonym.of(user, salt: sweeper.settings.salt)
    }

    /// Reactions, reads, memberships, mutes.
    ///
    /// - Returns: false, having done nothing, for a user who only lost messages.
    func eraseTracesIfErased() throws(MongoError) -> Bool {
        guard try reader.load(UserRecord.self, [user]).first?.isErased == true else { return false }
        let reactions = try records(ReactionRecord.self)
        let marks = try records(ReadMark.self)
        let knownReactions = try reader.load(
            ReactionRecord.self,
            Set(reactions.map { $0.renamed(userID: pseudonym).key })
        )
        let knownMarks = try reader.load(ReadMark.self, Set(marks.map { $0.renamed(userID: pseudonym).key }))
        let erasure = TraceErasure(
            of: user,
            reactions: reactions,
            marks: marks,
            messages: [],
            known: (
                reactions: Dictionary(knownReactions.map { ($0.key, $0) }) { first, _ in first },
                marks: Dictionary(knownMarks.map { ($0.key, $0) }) { first, _ in first }
            ),
            settings: sweeper.settings
        )
        var plan = WritePlan()
        for reaction in reactions { plan.delete(.id(ReactionRecord.documentID(of: reaction.key)), from: .reactions) }
        for mark in marks { plan.delete(.id(ReadMark.documentID(of: mark.key)), from: .readMarks) }
        for (before, after) in erasure.reactions { plan.write(before, after) }
        for (before, after) in erasure.marks { plan.write(before, after) }
        for collection in [Collection.reads, .members, .mutes] {
            plan.delete(.field("user_id", user), from: collection)
        }
        plan.delete(.field("target_user_id", user), from: .mutes)
        plan.delete(.field("user_ids", user), from: .deadLetters)
        try sweeper.commit(plan, erasure.tallies)
        return true
    }

    /// Raw bodies of events that name the user, and mentions in the messages of others, a stretch of the log at a time:
    /// an index on everyone an event names would cost every event more than an erasure costs.
    ///
    /// - Returns: where to go on, `nil` at the end of the log.
    func eraseEvents(from start: LogPosition) throws(MongoError) -> LogPosition? {
        let end = try position(Self.eventsPerStep, after: start)
        var stretch = BSONDocument()
        if let condition = start.condition(to: end) { stretch.append("received", condition) }
        stretch.append("user_ids", user)
        let named = try reader.load(MessageState.self, messageIDs(of: stretch))
        let erasure = TraceErasure(
            of: user,
            reactions: [],
            marks: [],
            messages: named,
            known: ([:], [:]),
            settings: sweeper.settings
        )
        var plan = WritePlan()
        for (before, after) in erasure.messages { plan.write(before, after) }
        plan.purgeBodies(of: stretch)
        try sweeper.commit(plan, erasure.tallies)
        try replaceUserID(in: stretch)
        return end
    }

    private var reader: MongoEntityReader {
        MongoEntityReader(connection: sweeper.connection, session: sweeper.session, database: sweeper.database)
    }

    /// Bounded by what one user did; a sweep is rare.
    private func records<Record: StoredRecord>(_: Record.Type) throws(MongoError) -> [Record] {
        var records: [Record] = []
        try sweeper.connection.find(
            Record.collection.rawValue,
            .field("user_id", user),
            in: sweeper.database,
            session: sweeper.session
        ) { (document: BSONDocument) throws(MongoError) in
            if let record = Record(document) { records.append(record) }
            return true
        }
        return records
    }

    private func messageIDs(of events: BSONDocument) throws(MongoError) -> Set<String> {
        var projection = BSONDocument()
        projection.append("message_id", Int32(1))
        var ids: Set<String> = []
        try sweeper.connection.find(
            Collection.events.rawValue,
            events,
            in: sweeper.database,
            options: .init(projection: projection),
            session: sweeper.session
        ) { (document: BSONDocument) throws(MongoError) in
            if let id = document.string("message_id") { ids.insert(id) }
            return true
        }
        return ids
    }

    private func replaceUserID(in events: BSONDocument) throws(MongoError) {
        var change = BSONDocument()
        change.append("$set") { $0.append("user_ids.$", pseudonym) }
        _ = try sweeper.connection.update(
            [MongoUpdate(filter: events, update: change, multi: true)],
            in: Collection.events.rawValue,
            of: sweeper.database,
            session: sweeper.session
        )
    }

    /// Where the log stands `count` events later; events received at one instant stay together.
    private func position(_ count: Int, after start: LogPosition) throws(MongoError) -> LogPosition? {
        var filter = BSONDocument()
        if let condition = start.condition(to: nil) { filter.append("received", condition) }
        var sort = BSONDocument()
        sort.append("received", Int32(1))
        sort.append("_id", Int32(1))
        var projection = BSONDocument()
        projection.append("received", Int32(1))
        var end: LogPosition?
        try sweeper.connection.find(
            Collection.events.rawValue,
            filter,
            in: sweeper.database,
            options: .init(sort: sort, projection: projection, limit: 1, skip: count),
            session: sweeper.session
        ) { (document: BSONDocument) throws(MongoError) in
            // One millisecond on at least, so that a stretch of one instant cannot hold the sweep up.
            end = document.date("received").map { LogPosition(received: max($0, (start.received ?? .min) + 1)) }
            return false
        }
        return end
    }
}

/// A place in the event log: everything received from this millisecond on; `nil` is its beginning.
struct LogPosition {
    let received: Int64?

    init(received: Int64?) { self.received = received }
    init(_ document: BSONDocument) { received = document.date("received") }

    var document: BSONDocument {
        var document = BSONDocument()
        if let received { document.append("received", date: received) }
        return document
    }

    fileprivate func condition(to end: LogPosition?) -> BSONDocument? {
        guard received != nil || end?.received != nil else { return nil }
        var condition = BSONDocument()
        if let received { condition.append("$gte", date: received) }
        if let end = end?.received { condition.append("$lt", date: end) }
        return condition
    }
}
