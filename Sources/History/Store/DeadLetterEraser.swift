import Chat
import Limits
import MongoDB

/// Finds what has been erased in bodies that may not even be JSON.
struct ErasedContent {
    let connection: MongoConnection
    var session: MongoSession?
    let database: String

    /// Whether the body names an erased user or an erased message.
    func isNamed(in body: [UInt8]) throws(MongoError) -> Bool {
        let strings = QuotedStrings.all(in: body, bytesMost: Limits.Worker().identifierBytes)
        let reader = MongoEntityReader(connection: connection, session: session, database: database)
        if try !reader.erasedUsers(among: strings).isEmpty { return true }
        return try !reader.erasedMessages(among: strings).isEmpty
    }
}

/// The stage of an erasure that empties dead letters, found by the ids of the user and of erased messages.
struct DeadLetterEraser {
    private let eraser: UserEraser
    private var sweeper: Sweeper { eraser.sweeper }

    init(_ eraser: UserEraser) { self.eraser = eraser }

    func step(after: BSONDocument?, limit: Int) throws(MongoError) -> UserEraser.Progress {
        var filter = BSONDocument()
        if let after = after?["_id"] { filter.append("_id") { $0.append("$gt", value: after) } }
        var sort = BSONDocument()
        sort.append("_id", Int32(1))
        let content = ErasedContent(
            connection: sweeper.connection,
            session: sweeper.session,
            database: sweeper.database
        )
        var (last, seen) = (BSONDocument(), 0)
        var updates: [MongoUpdate] = []
        try eraser.find(.deadLetters, filter, .init(sort: sort, projection: .only("raw"), limit: limit)) {
            (document: BSONDocument) throws(MongoError) in
            guard let id = document["_id"] else { return }
            seen += 1
            last = BSONDocument()
            last.append("_id", value: id)
            guard let body = document.binary("raw"), try content.isNamed(in: body) else { return }
            updates.append(MongoUpdate(filter: last, update: DeadLetter.erasing))
        }
        if !updates.isEmpty {
            _ = try sweeper.connection.update(
                updates,
                in: Collection.deadLetters.rawValue,
                of: sweeper.database,
                session: sweeper.session
            )
            try ErasureLedger(sweeper).add([.deadLetters: updates.count], of: eraser.user)
        }
        return seen < limit ? .done : .more(after: last)
    }
}

extension DeadLetter {
    /// Leaves id, type and times: no body, and no reason, which may quote it.
    fileprivate static var erasing: BSONDocument {
        var change = BSONDocument()
        change.append("$set") {
            $0.append("erased", true)
            $0.append("reason", erasedReason)
        }
        change.append("$unset") {
            $0.append("raw", Int32(1))
            $0.append("signature", Int32(1))
        }
        return change
    }
}
