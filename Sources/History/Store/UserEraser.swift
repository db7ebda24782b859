import Analytics
import Chat
import MongoDB

/// Removes or pseudonymises what the history holds of an erased user besides messages and profile.
struct UserEraser {
    private let sweeper: Sweeper

    init(_ sweeper: Sweeper) { self.sweeper = sweeper }

    /// Part of the sweep of a user: does nothing for one who only lost messages.
    ///
    /// May be repeated.
    func eraseTracesIfErased(of user: String) throws(MongoError) {
        let reader = MongoEntityReader(
            connection: sweeper.connection,
            session: sweeper.session,
            database: sweeper.database
        )
        guard try reader.load(UserRecord.self, [user]).first?.isErased == true else { return }
        let reactions = try records(ReactionRecord.self, of: user)
        let marks = try records(ReadMark.self, of: user)
        let pseudonym = Pseudonym.of(user, salt: sweeper.settings.salt)
        let knownReactions = try reader.load(
            ReactionRecord.self,
            Set(reactions.map { $0.renamed(userID: pseudonym).key })
        )
        let knownMarks = try reader.load(ReadMark.self, Set(marks.map { $0.renamed(userID: pseudonym).key }))
        let erasure = TraceErasure(
            of: user,
            reactions: reactions,
            marks: marks,
            messages: try reader.load(MessageState.self, try messagesNaming(user)),
            known: (
                reactions: Dictionary(knownReactions.map { ($0.key, $0) }) { first, _ in first },
                marks: Dictionary(knownMarks.map { ($0.key, $0) }) { first, _ in first }
            ),
            settings: sweeper.settings
        )
        try sweeper.commit(plan(erasure, removing: reactions, marks, of: user, pseudonym), erasure.tallies)
    }

    private func plan(
        _ erasure: TraceErasure,
        removing reactions: [ReactionRecord],
        _ marks: [ReadMark],
        of user: String,
        _ pseudonym: String
    ) -> WritePlan {
        var plan = WritePlan()
        var none: [String: TallyChange] = [:]
        for reaction in reactions { plan.delete(.id(ReactionRecord.documentID(of: reaction.key)), from: .reactions) }
        for mark in marks { plan.delete(.id(ReadMark.documentID(of: mark.key)), from: .readMarks) }
        plan.write(erasure.reactions, with: &none)
        plan.write(erasure.marks, with: &none)
        plan.write(erasure.messages, with: &none)
        plan.delete(Self.filter("user_id", user), from: .reads)
        plan.delete(Self.filter("user_id", user), from: .members)
        plan.delete(Self.filter("user_id", user), from: .mutes)
        plan.delete(Self.filter("target_user_id", user), from: .mutes)
        plan.delete(Self.filter("user_ids", user), from: .deadLetters)
        plan.purgeBodies(reference: "user:" + user)
        plan.replaceReferences("user:" + user, by: "user:" + pseudonym)
        return plan
    }

    /// Messages that events name together with the user: where a mention, a flag or a deletion may hold the id.
    private func messagesNaming(_ user: String) throws(MongoError) -> Set<String> {
        var projection = BSONDocument()
        projection.append("references", Int32(1))
        var ids: Set<String> = []
        try sweeper.connection.find(
            Collection.events.rawValue,
            Self.filter("references", "user:" + user),
            in: sweeper.database,
            options: .init(projection: projection),
            session: sweeper.session
        ) { (document: BSONDocument) throws(MongoError) in
            for reference in document.strings("references") where reference.hasPrefix("message:") {
                ids.insert(String(reference.dropFirst("message:".count)))
            }
            return true
        }
        return ids
    }

    /// Bounded by what one user did in the retention of the history; a sweep is rare.
    private func records<Record: StoredRecord>(_: Record.Type, of user: String) throws(MongoError) -> [Record] {
        var records: [Record] = []
        try sweeper.connection.find(
            Record.collection.rawValue,
            Self.filter("user_id", user),
            in: sweeper.database,
            session: sweeper.session
        ) { (document: BSONDocument) throws(MongoError) in
            if let record = Record(document) { records.append(record) }
            return true
        }
        return records
    }

    private static func filter(_ field: String, _ value: String) -> BSONDocument {
        var filter = BSONDocument()
        filter.append(field, value)
        return filter
    }
}

extension WritePlan {
    fileprivate mutating func replaceReferences(_ reference: String, by replacement: String) {
        var filter = BSONDocument()
        filter.append("references", reference)
        var change = BSONDocument()
        change.append("$set") { $0.append("references.$", replacement) }
        update(MongoUpdate(filter: filter, update: change, multi: true), in: .events)
    }
}
