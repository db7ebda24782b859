import Analytics
import Chat
import MongoDB

/// Brings messages in line with their channel or sender after a truncation, a deletion or a change of context: some at
/// a time, each step a transaction of its own.
///
/// Steps may be repeated, and done by any node.
struct Sweeper {
    let connection: MongoConnection
    let session: MongoSession
    let database: String
    let settings: FoldSettings

    /// Where a sweep stands: the last message it has seen, in order of creation.
    private struct Position {
        var createdAt: Int64
        var id: String

        init?(_ document: BSONDocument?) {
            guard let document, let createdAt = document.date("createdAt") else { return nil }
            (self.createdAt, id) = (createdAt, document.string("_id") ?? "")
        }
    }

    /// - Returns: whether there was a sweep to work on.
    func step(limit: Int) throws(MongoError) -> Bool {
        guard let job = try nextJob() else { return false }
        guard let id = job.string("_id"), let key = SweepKey(documentID: id) else { return false }
        let requested = job.int64("requested") ?? 0
        if let stage = job.string("stage").flatMap(UserEraser.Stage.init), case .user(let user) = key {
            try erase(user, stage, after: job.document("after"), limit: limit, requested: requested)
            return true
        }
        let states = try messages(of: key, after: Position(job.document("after")), limit: limit)
        try recompute(states, of: key)
        if states.count == limit, let last = states.last {
            try note(id, after: position(of: last))
        } else if case .user(let user) = key, try isErased(user) {
            try note(id, stage: UserEraser.Stage.allCases.first)
        } else {
            try finish(id, requested: requested)
        }
        return true
    }

    private func erase(
        _ user: String,
        _ stage: UserEraser.Stage,
        after: BSONDocument?,
        limit: Int,
        requested: Int64
    ) throws(MongoError) {
        let id = SweepKey.user(user).documentID
        switch try UserEraser(self, user).step(stage, after: after, limit: limit) {
        case .more(let after): try note(id, stage: stage, after: after)
        case .done:
            guard let next = stage.next else { return try finish(id, requested: requested) }
            try note(id, stage: next)
        }
    }

    private func isErased(_ user: String) throws(MongoError) -> Bool {
        try reader.load(UserRecord.self, [user]).first?.isErased == true
    }

    // MARK: Messages

    private func messages(of key: SweepKey, after: Position?, limit: Int) throws(MongoError) -> [MessageState] {
        var filter = BSONDocument()
        switch key {
        case .channel(let cid): filter.append("cid", cid)
        case .user(let id):
            filter.append("sender_id") { $0.append("$in", [id, Pseudonym.of(id, salt: settings.salt)]) }
        }
        if let after {
            filter.append("$or") { (either: inout BSONArray) in
                either.append { $0.append("createdAt") { $0.append("$gt", date: after.createdAt) } }
                either.append {
                    $0.append("createdAt", date: after.createdAt)
                    $0.append("_id") { $0.append("$gt", after.id) }
                }
            }
        }
        var sort = BSONDocument()
        sort.append("createdAt", Int32(1))
        sort.append("_id", Int32(1))
        var states: [MessageState] = []
        try connection.find(
            Collection.messages.rawValue,
            filter,
            in: database,
            options: .init(sort: sort, limit: limit),
            session: session
        ) { (document: BSONDocument) throws(MongoError) in
            if let state = MessageState(document) { states.append(state) }
            return true
        }
        return states
    }

    private func recompute(_ states: [MessageState], of key: SweepKey) throws(MongoError) {
        var others: Set<String> = []
        if case .user(let id) = key { others.insert(id) }
        let surroundings = try Surroundings(of: states, users: others, settings, reader)
        let sweep = surroundings.sweep(states)
        let counts = try commit(sweep)
        guard case .user(let id) = key, surroundings.isErased(id) else { return }
        try ErasureLedger(self).add(
            [
                .messages: sweep.erasedMessages.count, .messageEdits: counts.deleted[.messageEdits, default: 0],
                .rawBodies: counts.modified[.events, default: 0],
            ],
            of: id
        )
    }

    var reader: MongoEntityReader { MongoEntityReader(connection: connection, session: session, database: database) }

    @discardableResult
    func commit(_ sweep: MessageSweep, with plan: WritePlan = WritePlan()) throws(MongoError) -> WriteCounts {
        var plan = plan
        for (before, after) in sweep.changes { plan.write(before, after) }
        for id in sweep.erasedMessages { plan.purge(message: id) }
        return try commit(plan, sweep.tallies)
    }

    @discardableResult
    func commit(_ plan: WritePlan, _ tallies: Tallies) throws(MongoError) -> WriteCounts {
        var plan = plan
        var (tallies, people) = (tallies, Table<PersonRecord>())
        var conversations = Table<ConversationRecord>()
        let activity = tallies.rollups.activity
        try people.load(Set(activity.keys), from: reader)
        tallies.count(activity, in: &people, settings.zones)
        people.forEachChangeInOrder { plan.write($0, $1) }
        try conversations.load(Set(tallies.rollups.spoken.keys), from: reader)
        let answers = tallies.rollups.converse(in: &conversations)
        plan.keepRows(of: conversations, answers)
        plan.write(tallies.rollups, part: settings.rollupPart)
        for additions in tallies.additions(conversations).values { plan.write(additions) }
        let counts = try plan.execute(connection, session, database, part: settings.rollupPart)
        try Latest(connection: connection, session: session, database: database).lookUp(tallies.takenBack)
        return counts
    }

    // MARK: The job

    private func nextJob() throws(MongoError) -> BSONDocument? {
        var job: BSONDocument?
        var sort = BSONDocument()
        sort.append("_id", Int32(1))
        try connection.find(
            Collection.sweeps.rawValue,
            BSONDocument(),
            in: database,
            options: .init(sort: sort, limit: 1),
            session: session
        ) { (document: BSONDocument) throws(MongoError) in
            job = document
            return false
        }
        return job
    }

    private func position(of last: MessageState) -> BSONDocument {
        var position = BSONDocument()
        position.append("createdAt", date: last.record.created?.time)
        position.append("_id", last.record.id)
        return position
    }

    /// Where the next step goes on.
    private func note(
        _ id: String,
        stage: UserEraser.Stage? = nil,
        after: BSONDocument? = nil
    ) throws(MongoError) {
        var change = BSONDocument()
        if stage != nil || after != nil {
            change.append("$set") {
                if let stage { $0.append("stage", stage.rawValue) }
                if let after { $0.append("after", after) }
            }
        }
        if after == nil { change.append("$unset") { $0.append("after", Int32(1)) } }
        _ = try connection.update(
            [MongoUpdate(filter: .id(id), update: change)],
            in: Collection.sweeps.rawValue,
            of: database,
            session: session
        )
    }

    /// Ends the sweep, unless it was asked for again meanwhile: the request would then have changed this document and
    /// this transaction fails.
    private func finish(_ id: String, requested: Int64) throws(MongoError) {
        var filter = BSONDocument.id(id)
        filter.append("requested", requested)
        _ = try connection.delete(
            [(filter: filter, limit: 1)],
            in: Collection.sweeps.rawValue,
            of: database,
            session: session
        )
    }
}
