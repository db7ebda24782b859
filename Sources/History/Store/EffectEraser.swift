import Chat
import MongoDB

/// The stage of an erasure that removes the user's own finished effects, whose keys name the user, and empties others that
/// were not performed, found by the ids of the user and of erased messages.
///
/// What waits or is under way is left: it may be the deletion of that very user at the provider, and loses its payload once it
/// is done.
struct EffectEraser {
    private let eraser: UserEraser
    private var sweeper: Sweeper { eraser.sweeper }

    init(_ eraser: UserEraser) { self.eraser = eraser }

    func step(after: BSONDocument?, limit: Int) throws(MongoError) -> UserEraser.Progress {
        var own = BSONDocument.matching("lane", eraser.user)
        own.append("open") { $0.append("$exists", false) }
        let removed = try eraser.remove(own, from: .outbox, limit)
        if removed > 0 { try ErasureLedger(sweeper).add([.effects: removed], of: eraser.user) }
        guard removed < limit else { return .more(after: after) }
        var filter = BSONDocument()
        if let after = after?.string("_id") { filter.append("_id") { $0.append("$gt", after) } }
        filter.append("payload") { $0.append("$exists", true) }
        filter.append("open") { $0.append("$exists", false) }
        let content = ErasedContent(
            connection: sweeper.connection,
            session: sweeper.session,
            database: sweeper.database
        )
        var (last, seen) = (BSONDocument(), 0)
        var updates: [MongoUpdate] = []
        var sort = BSONDocument()
        sort.append("_id", Int32(1))
        try eraser.find(.outbox, filter, .init(sort: sort, projection: .only("payload"), limit: limit)) {
            (document: BSONDocument) throws(MongoError) in
            guard let id = document.string("_id") else { return }
            seen += 1
            last = .id(id)
            guard let payload = document.string("payload"), try content.isNamed(in: Array(payload.utf8)) else { return }
            updates.append(MongoUpdate(filter: last, update: Self.erasing))
        }
        if !updates.isEmpty {
            _ = try sweeper.connection.update(
                updates,
                in: Collection.outbox.rawValue,
                of: sweeper.database,
                session: sweeper.session
            )
            try ErasureLedger(sweeper).add([.effects: updates.count], of: eraser.user)
        }
        return seen < limit ? .done : .more(after: last)
    }

    /// Leaves key and times: neither what was to be done nor what was answered.
    ///
    /// What was scheduled is cancelled.
    private static let erasing: BSONDocument = {
        var change = BSONDocument()
        change.append("$set") {
            $0.append("erased", true)
            $0.append("state", "cancelled")
        }
        change.append("$unset") { for field in ["payload", "answer", "due"] { $0.append(field, Int32(1)) } }
        return change
    }()
}
