import Chat
import History
import MongoDB

/// A back-fill under way, as the database knows it.
struct BackfillRun: Sendable, Equatable {
    /// Tells it from every other one: whoever no longer finds it in the database has been replaced.
    let token: String
    let request: BackfillRequest
    var position = BackfillPosition()
    var counts = BackfillCounts()
    /// Something had been done in an earlier process.
    var isResumed = false

    init(token: String, request: BackfillRequest) { (self.token, self.request) = (token, request) }
}

/// One document holds the latest back-fill, and within it the latest of another cause that was interrupted.
extension BackfillRun {
    static let id = "backfill"
    static let interrupted = "interrupted"

    /// What is kept of an interrupted one, as MongoDB's names for the values of its document.
    static var kept: BSONDocument {
        var document = BSONDocument()
        for field in ["cause", "since", "through", "cid", "begun", "position", "counts"] {
            document.append(field, "$" + field)
        }
        return document
    }

    /// - Parameters:
    ///   - begun: by the process that began it, `moved` by this one.
    ///   - session: the MongoDB session that it is stored in, to be ended by whoever goes on after a crash.
    func document(begun: Timestamp, moved: Timestamp, session: [UInt8]) -> BSONDocument {
        var document = BSONDocument()
        document.append("_id", Self.id)
        document.append("token", token)
        document.append("cause", request.cause)
        document.append("since", request.since.nanoseconds)
        document.append("through", request.through.nanoseconds)
        if let cid = request.cid { document.append("cid", cid) }
        document.append("begun", date: begun.milliseconds)
        document.append("moved", date: moved.milliseconds)
        document.append("session", session)
        document.append(contentsOf: progress)
        return document
    }

    /// What changes as it goes on.
    var progress: BSONDocument {
        var document = BSONDocument()
        document.append("position") { $0.append(position) }
        document.append("counts") {
            for field in BackfillCounts.fields { $0.append(field.name, Int64(counts[keyPath: field.path])) }
        }
        return document
    }

    /// `nil` for a document that this version cannot go on with.
    init?(resuming document: BSONDocument, token: String) {
        guard let since = document.int64("since"), let through = document.int64("through"),
            let cause = document.string("cause"), let position = document.document("position"),
            let counts = document.document("counts")
        else { return nil }
        let request = BackfillRequest(
            since: Timestamp(nanoseconds: since),
            through: Timestamp(nanoseconds: through),
            cid: document.string("cid"),
            cause: cause
        )
        self.init(token: token, request: request)
        self.position = BackfillPosition(position)
        for field in BackfillCounts.fields { self.counts[keyPath: field.path] = Int(counts.int64(field.name) ?? 0) }
        isResumed = true
    }
}

extension BackfillPosition {
    fileprivate init(_ document: BSONDocument) {
        self.init()
        channels = Reached(document, "created", "done")
        bans = Reached(document, "bans_created", "bans_done")
        guard let cid = document.string("cid") else { return }
        var place = Place(cid: cid)
        place.members = Int(document.int64("members") ?? 0)
        if let id = document.string("message"), let time = document.int64("message_created") {
            place.message = Mark(id: id, createdAt: Timestamp(nanoseconds: time))
        }
        current = place
    }
}

extension BackfillPosition.Reached {
    fileprivate init(_ document: BSONDocument, _ created: String, _ done: String) {
        self.init()
        self.created = document.int64(created).map { Timestamp(nanoseconds: $0) }
        self.done = Int(document.int64(done) ?? 0)
    }
}

extension BSONDocument {
    private mutating func append(_ reached: BackfillPosition.Reached, _ created: String, _ done: String) {
        if let time = reached.created { append(created, time.nanoseconds) }
        append(done, Int64(reached.done))
    }

    fileprivate mutating func append(_ position: BackfillPosition) {
        append(position.channels, "created", "done")
        append(position.bans, "bans_created", "bans_done")
        guard let place = position.current else { return }
        append("cid", place.cid)
        append("members", Int64(place.members))
        guard let message = place.message else { return }
        append("message", message.id)
        append("message_created", message.createdAt.nanoseconds)
    }
}
