import Blocking
package import Chat
import Crypto
package import History
package import Limits
import MongoDB

/// The history as back-filling uses it, on a thread of its own: reads what pages are compared with, and stores what is
/// news together with how far the back-fill has come.
package actor BackfillStore {
    private let executor = ThreadExecutor(label: "backfill", urgency: .steppingBack(Limits.Worker.niceness))
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let history: HistoryHandle
    private let limits: Limits
    private let now: @Sendable () -> Timestamp
    private var writer: HistoryWriter?
    private var mayHaveSweeps = false

    package init(_ history: HistoryHandle, limits: Limits, now: @escaping @Sendable () -> Timestamp) {
        (self.history, self.limits, self.now) = (history, limits, now)
    }

    // MARK: Beginning and end

    /// Makes this the back-fill under way, and gives how far an interrupted one of the same cause has come.
    ///
    /// - Parameters:
    ///   - takesOver: also from one that is alive, which then stops.
    ///   - resumes: goes on with an interrupted one.
    func begin(_ request: BackfillRequest, takesOver: Bool, resumes: Bool) throws(BackfillError) -> BackfillRun {
        let run = try translating { () throws(MongoError) -> BackfillRun? in
            let writer = try openWriter()
            let time = now()
            let known = try find()
            if let known, !takesOver, isAlive(known, at: time) { return nil }
            let token = (try? randomBytes(8)).map(Hex.encode) ?? "\(time.nanoseconds)"
            var run = BackfillRun(token: token, request: request)
            if let known, known["finished"] == nil, let session = known.binary("session"), !session.isEmpty {
                try writer.endSessions([session])
            }
            let interrupted = resumes ? interrupted(of: request.cause, known, at: time) : nil
            if let interrupted, let resumed = BackfillRun(resuming: interrupted, token: token) { run = resumed }
            let document = run.document(
                begun: run.isResumed ? interrupted?.time("begun") ?? time : time,
                moved: time,
                session: writer.sessionID
            )
            return try claim(document, from: known) ? run : nil
        }
        guard let run else { throw .busy }
        return run
    }

    /// What is known of an interrupted one of the same cause that may still be gone on with.
    private func interrupted(of cause: String, _ known: BSONDocument?, at time: Timestamp) -> BSONDocument? {
        let unfinished = known.flatMap { $0["finished"] == nil ? $0 : nil }
        return [unfinished, known?.document(BackfillRun.interrupted)].compactMap(\.self).first {
            $0.string("cause") == cause && isRecent($0, at: time)
        }
    }

    /// Puts a run in the place of the latest one, which is kept beside it if it was interrupted and has another cause.
    ///
    /// - Returns: false when somebody else was faster.
    private func claim(_ document: BSONDocument, from known: BSONDocument?) throws(MongoError) -> Bool {
        do throws(MongoError) {
            guard let known else {
                return try update(MongoUpdate(filter: .id(BackfillRun.id), update: document, upsert: true)).upserted
                    == 1
            }
            var filter = BSONDocument.id(BackfillRun.id)
            filter.append("token", ifPresent: known.string("token"))
            return try update(MongoUpdate(filter: filter, stages: [document.replacing(known)])).matched == 1
        } catch  where error.kind == .duplicateKey {
            return false
        }
    }

    func finish(_ run: BackfillRun) throws(BackfillError) {
        var change = BSONDocument()
        change.append("$set") {
            $0.append(contentsOf: run.progress)
            $0.append("finished", date: now().milliseconds)
        }
        _ = try translating { () throws(MongoError) in
            try update(MongoUpdate(filter: Self.filter(run), update: change))
        }
    }

    private func isAlive(_ document: BSONDocument, at time: Timestamp) -> Bool {
        guard document["finished"] == nil, let moved = document.date("moved") else { return false }
        return time.milliseconds - moved < Int64(limits.backfill.leaseSeconds) * 1_000
    }

    private func isRecent(_ document: BSONDocument, at time: Timestamp) -> Bool {
        document.date("begun").map { time.milliseconds - $0 < limits.backfill.resumeSeconds * 1_000 } ?? false
    }

    // MARK: Pages

    /// A page's counts; stores nothing.
    func compare(_ page: PageReading) throws(BackfillError) -> BackfillCounts {
        try translating { () throws(MongoError) in page.compare(with: try stored(page)).counts }
    }

    /// Compares a page, stores what is news, and notes where the back-fill stands after it, all or nothing.
    ///
    /// - Parameter isRepeated: an earlier attempt may have succeeded without our knowing.
    /// - Returns: the page's counts, which are added to the run's.
    func store(
        _ page: PageReading,
        of run: BackfillRun,
        at position: BackfillPosition,
        isRepeated: Bool
    ) throws(BackfillError) -> BackfillCounts {
        do throws(MongoError) {
            if isRepeated, let counts = try stored(run, at: position) { return counts }
            let (news, compared) = page.compare(with: try stored(page))
            let counts = try news.isEmpty ? pass(compared, run, position) : commit(news, compared, run, position)
            if let counts { return counts }
        } catch {
            // A connection that failed once is not to be trusted with a transaction again.
            if error.kind != .transientTransaction, error.kind != .writeConflict { writer = nil }
            if !error.isRefusal || isOurs(run) { throw .mongo(error) }
        }
        throw .superseded
    }

    /// - Returns: `nil` when the run is no longer ours.
    private func pass(
        _ counts: BackfillCounts,
        _ run: BackfillRun,
        _ position: BackfillPosition
    ) throws(MongoError) -> BackfillCounts? {
        try update(note(run, counts, position)).matched == 1 ? counts : nil
    }

    private func commit(
        _ news: [ReceivedEvent],
        _ compared: BackfillCounts,
        _ run: BackfillRun,
        _ position: BackfillPosition
    ) throws(MongoError) -> BackfillCounts {
        var counts = compared
        let writer = try openWriter()
        let report = try writer.commit(news) { fold in
            counts.replaceNews(by: fold)
            return note(run, counts, position)
        }
        mayHaveSweeps = mayHaveSweeps || report.requestsSweeps
        return counts
    }

    /// Recomputes the messages that what was stored has changed: those of truncated channels.
    func sweep() throws(BackfillError) {
        guard mayHaveSweeps else { return }
        try translating { () throws(MongoError) in
            let writer = try openWriter()
            while try writer.sweep(messages: limits.worker.sweepMessages) {}
            mayHaveSweeps = false
        }
    }

    /// The counts of a page that is stored already.
    private func stored(
        _ run: BackfillRun,
        at position: BackfillPosition
    ) throws(MongoError) -> BackfillCounts? {
        guard position != run.position, let document = try find(), document.string("token") == run.token,
            let noted = BackfillRun(resuming: document, token: run.token), noted.position == position
        else { return nil }
        var counts = BackfillCounts()
        for field in BackfillCounts.fields {
            counts[keyPath: field.path] = noted.counts[keyPath: field.path] - run.counts[keyPath: field.path]
        }
        return counts
    }

    private func isOurs(_ run: BackfillRun) -> Bool {
        do throws(MongoError) { return try find()?.string("token") == run.token } catch { return true }
    }

    private func stored(_ page: PageReading) throws(MongoError) -> StoredPage {
        let store = try opened()
        var stored = StoredPage()
        let claims = page.events.map(\.claims)
        for record in try store.records(ChannelRecord.self, Set(claims.flatMap(\.channels).map(\.cid))) {
            stored.channels[record.cid] = record
        }
        for record in try store.records(MemberRecord.self, Set(claims.flatMap(\.members).map(\.key))) {
            stored.members[record.key] = record
        }
        for state in try store.records(MessageState.self, Set(claims.flatMap(\.messages).map(\.id))) {
            stored.messages[state.record.id] = state.record
        }
        let users = claims.flatMap { $0.users.map(\.id) + $0.members.map(\.key.userID) }
        for record in try store.records(UserRecord.self, Set(users)) {
            stored.users[record.id] = record
        }
        return stored
    }

    /// Only a run that nobody has replaced is found by it.
    private func note(_ run: BackfillRun, _ counts: BackfillCounts, _ position: BackfillPosition) -> MongoUpdate {
        var run = run
        run.counts += counts
        run.position = position
        var change = BSONDocument()
        change.append("$set") {
            $0.append(contentsOf: run.progress)
            $0.append("moved", date: now().milliseconds)
        }
        return MongoUpdate(filter: Self.filter(run), update: change)
    }

    // MARK: Gaps

    /// Up to when nothing can have been missed, as far as any node knows; `nil` before the first note.
    package func covered() throws(BackfillError) -> Timestamp? {
        try translating { () throws(MongoError) in
            try find(Self.coverID)?.date("through").map { Timestamp(milliseconds: $0) }
        }
    }

    /// Raises ``covered()``.
    package func cover(through time: Timestamp) throws(BackfillError) {
        var change = BSONDocument()
        change.append("$max") { $0.append("through", date: time.milliseconds) }
        _ = try translating { () throws(MongoError) in
            try update(MongoUpdate(filter: .id(Self.coverID), update: change, upsert: true))
        }
    }

    private static let coverID = "backfill-cover"

    // MARK: MongoDB

    private static func filter(_ run: BackfillRun) -> BSONDocument {
        var filter = BSONDocument.id(BackfillRun.id)
        filter.append("token", run.token)
        return filter
    }

    private func find(_ id: String = BackfillRun.id) throws(MongoError) -> BSONDocument? {
        let store = try opened()
        var found: BSONDocument?
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(Collection.mark.rawValue, .id(id), in: store.database) {
                (document: BSONDocument) throws(MongoError) in
                found = document
                return false
            }
        }
        return found
    }

    private func update(_ update: MongoUpdate) throws(MongoError) -> MongoUpdateResult {
        let store = try opened()
        return try store.pool.withConnection { connection throws(MongoError) in
            try connection.update([update], in: Collection.mark.rawValue, of: store.database)
        }
    }

    private func openWriter() throws(MongoError) -> HistoryWriter {
        if let writer { return writer }
        let opened = try HistoryWriter(try opened())
        writer = opened
        return opened
    }

    private func opened() throws(MongoError) -> HistoryStore {
        do throws(HistoryError) { return try history.opened() } catch { throw error.asMongoError }
    }

    private func translating<Value>(_ body: () throws(MongoError) -> Value) throws(BackfillError) -> Value {
        do throws(MongoError) { return try body() } catch { throw .mongo(error) }
    }
}

extension BSONDocument {
    /// The stage that puts this run in the place of a known one, whose progress is what it is at that moment.
    fileprivate func replacing(_ known: BSONDocument) -> BSONDocument {
        let cause = string("cause")
        // Gone on with, or begun anew.
        let kept = known.document(BackfillRun.interrupted).flatMap { $0.string("cause") == cause ? nil : $0 }
        var beside = BSONDocument()
        if let kept { beside.append(BackfillRun.interrupted, kept) }
        var stage = BSONDocument()
        stage.append("$replaceWith") {
            $0.append("$mergeObjects") { (parts: inout BSONArray) in
                parts.append { $0.append("$literal", self) }
                guard known.string("cause") != cause else { return parts.append { $0.append("$literal", beside) } }
                parts.append {
                    $0.append("$cond") { (choice: inout BSONArray) in
                        choice.append { $0.append("$gt", fieldAndNull: "$finished") }
                        choice.append { $0.append("$literal", beside) }
                        choice.append { $0.append(BackfillRun.interrupted, BackfillRun.kept) }
                    }
                }
            }
        }
        return stage
    }

    private mutating func append(_ comparison: String, fieldAndNull field: String) {
        append(comparison) { (array: inout BSONArray) in
            array.append(field)
            array.appendNull()
        }
    }
}
