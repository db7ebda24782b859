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
    }

    /// - Returns: whether there was a sweep to work on.
    func step(limit: Int) throws(MongoError) -> Bool {
        guard let job = try nextJob() else { return false }
        guard let id = job.string("_id"), let key = SweepKey(documentID: id) else { return false }
        if case .user(let user) = key, let log = job.document("log") {
            if let next = try UserEraser(self, of: user).eraseEvents(from: LogPosition(log)) {
                try note("log", next.document, for: id)
            } else {
                try finish(id, requested: job.int64("requested") ?? 0)
            }
            return true
        }
        let position = job.document("after").flatMap { after in
            after.date("createdAt").map { Position(createdAt: $0, id: after.string("_id") ?? "") }
        }
        let states = try messages(of: key, after: position, limit: limit)
        try recompute(states, of: key)
        if states.count == limit, let last = states.last {
            var position = BSONDocument()
            position.append("createdAt", date: last.record.created?.time)
            position.append("_id", last.record.id)
            try note("after", position, for: id)
        } else if case .user(let user) = key, try UserEraser(self, of: user).eraseTracesIfErased() {
            try note("log", BSONDocument(), for: id)
        } else {
            try finish(id, requested: job.int64("requested") ?? 0)
        }
        return true
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
        let reader = MongoEntityReader(connection: connection, session: session, database: database)
        var channels = Table<ChannelRecord>()
        var users = Table<UserRecord>()
        try channels.load(Set(states.compactMap(\.record.cid)), from: reader)
        try users.load(Set(states.compactMap(\.record.sender)), from: reader)
        if case .user(let id) = key { try users.load([id], from: reader) }
        let wanted = MessageSweep.wantedMarks(of: states, in: channels.after, settings.patterns)
        let marks = try reader.load(ReadMark.self, wanted)
        let sweep = MessageSweep(
            states,
            channels: channels.after,
            users: users.after,
            marks: Dictionary(marks.map { ($0.key, $0) }) { first, _ in first },
            settings: settings
        )
        var plan = WritePlan()
        for (before, after) in sweep.changes { plan.write(before, after) }
        for id in sweep.erasedMessages { plan.purge(message: id) }
        try commit(plan, sweep.tallies)
    }

    func commit(_ plan: WritePlan, _ tallies: Tallies) throws(MongoError) {
        var plan = plan
        for (scope, changes) in tallies.byScope { plan.write(changes, TallyFields(scope)) }
        try plan.execute(connection, session, database)
        try Latest(connection: connection, session: session, database: database).lookUp(tallies.takenBack)
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

    /// Notes how far the sweep has come.
    private func note(_ field: String, _ position: BSONDocument, for id: String) throws(MongoError) {
        var change = BSONDocument()
        change.append("$set") { $0.append(field, position) }
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
