import Analytics
import Chat
package import MongoDB

/// The one writer of a node: commits batches of events, and sweeps what they leave to recompute.
///
/// For one thread.
package final class HistoryWriter {
    private let store: HistoryStore
    private let writer: MongoWriter
    private let fence: Fence
    private let judge: (any BatchJudge)?
    private let effects: (any EffectSource)?
    private let observer: (any BatchObserver)?
    /// The last batch committed, if it was written as prepared.
    private var lastPrepared: Committed?
    private var rowsAreNew = true

    /// - Parameters:
    ///   - fence: told apart from other writers by it; shared with what prepares this writer's batches.
    ///   - judge: decides about a batch's events.
    ///   - effects: what a batch causes, written in its transaction.
    ///   - observer: told of what is stored.
    package init(
        _ store: HistoryStore,
        fence: Fence = Fence(),
        judge: (any BatchJudge)? = nil,
        effects: (any EffectSource)? = nil,
        observer: (any BatchObserver)? = nil
    ) throws(MongoError) {
        (self.store, self.fence, self.judge, self.effects) = (store, fence, judge, effects)
        self.observer = observer
        writer = try store.pool.openWriter()
    }

    var connection: MongoConnection { writer.connection }
    var database: String { store.database }
    var salt: [UInt8] { store.settings.salt }

    /// The session's id, to be ended after a crash: see ``endSessions(_:)``.
    package var sessionID: [UInt8] { writer.session.id }

    /// One attempt, noticed by whoever has read ahead: see ``Fence``.
    func withTransaction<R>(_ body: (MongoSession) throws(MongoError) -> R) throws(MongoError) -> R {
        try writer.withTransaction { session throws(MongoError) in
            let result = try body(session)
            try fence.raise(connection, session, database)
            return result
        }
    }

    /// Ends transactions that a crashed process left open.
    package func endSessions(_ ids: [[UInt8]]) throws(MongoError) {
        if !ids.isEmpty { try writer.connection.killSessions(ids) }
    }

    /// Stores a batch in one transaction: log, history, counters and requests for sweeps.
    ///
    /// Durable on return (majority, journal). Safe to call again with the same events after any error.
    package func commit(_ received: [ReceivedEvent]) throws(MongoError) -> CommitReport {
        try commit { session, report throws(MongoError) in try write(received, session, &report) }
    }

    /// Stores a batch and, in the same transaction, what `note` makes of it: one update of a document in the collection
    /// `backchannel` that must be there.
    ///
    /// - Throws: ``MongoError/isRefusal`` when that document is not there; then nothing was stored.
    package func commit(
        _ received: [ReceivedEvent],
        noting note: (BatchFold) -> MongoUpdate
    ) throws(MongoError) -> CommitReport {
        try commit { session, report throws(MongoError) in
            let fold = try write(received, session, &report)
            let notes = [note(fold)]
            let result = try connection.update(notes, in: Collection.mark.rawValue, of: database, session: session)
            guard result.matched == 1 else {
                throw .refusal("note what was stored: the note is no longer ours. Nothing was stored.")
            }
            return fold
        }
    }

    /// Stores a batch as it was prepared, or folds it again if that no longer holds.
    ///
    /// Otherwise as ``commit(_:)-([ReceivedEvent])``.
    package func commit(_ batch: PreparedBatch) throws(MongoError) -> CommitReport {
        let previous = lastPrepared
        lastPrepared = nil
        var heights = Fence.Heights()
        let report = try commit { session, report throws(MongoError) in
            heights = try Fence.Heights.read(connection, session, database)
            guard rowsAreNew, stands(batch, after: previous, heights) else {
                return try write(batch.received, session, &report)
            }
            report.wasAhead = true
            (report.reading, report.folding, report.encoding) = (batch.reading, batch.folding, batch.encoding)
            try write(batch.fold, batch.plan, session, &report)
            return batch.fold
        }
        if report.wasAhead { lastPrepared = Committed(batch.number, before: heights, after: heights.raised(by: fence)) }
        return report
    }

    /// A batch that was written as prepared.
    private struct Committed {
        let number: Int
        let before: Fence.Heights
        let after: Fence.Heights

        init(_ number: Int, before: Fence.Heights, after: Fence.Heights) {
            (self.number, self.before, self.after) = (number, before, after)
        }
    }

    /// Whether the batch's transaction, which sees these heights, sees what the batch was folded into.
    private func stands(_ batch: PreparedBatch, after previous: Committed?, _ heights: Fence.Heights) -> Bool {
        guard let basis = batch.basis else { return heights == batch.heights }
        guard let previous, previous.number == basis, heights == previous.after else { return false }
        // It was read before or after the one it rests on was committed: the overlay makes that the same.
        return batch.heights == previous.before || batch.heights == previous.after
    }

    private func commit(
        _ write: (MongoSession, inout CommitReport) throws(MongoError) -> BatchFold
    ) throws(MongoError) -> CommitReport {
        do { return try attempt(write) } catch {
            guard error.kind == .duplicateKey, !error.asksForRepetition else { throw error }
            // A row that should not be there is replaced: no event is set aside because of it.
            rowsAreNew = false
            defer { rowsAreNew = true }
            return try attempt(write)
        }
    }

    private func attempt(
        _ write: (MongoSession, inout CommitReport) throws(MongoError) -> BatchFold
    ) throws(MongoError) -> CommitReport {
        var report = CommitReport()
        var written = ContinuousClock.now
        let fold = try withTransaction { session throws(MongoError) in
            let fold = try write(session, &report)
            written = .now
            return fold
        }
        report.committing = written.duration(to: .now)
        observer?.stored(fold)
        return report
    }

    private func write(
        _ received: [ReceivedEvent],
        _ session: MongoSession,
        _ report: inout CommitReport
    ) throws(MongoError) -> BatchFold {
        let start = ContinuousClock.now
        // Others' changes are not looked at twice: without rules they do not matter.
        let epoch = judge == nil ? 0 : try Fence.Heights.read(connection, session, database).others(than: fence)
        var fold = BatchFold(received, settings: store.settings, judge: judge, epoch: epoch)
        let reader = BatchReader(MongoEntityReader(connection: connection, session: session, database: database))
        try fold.run(reading: reader)
        let folded = ContinuousClock.now
        report.reading = reader.elapsed
        report.folding = start.duration(to: folded) - reader.elapsed
        let plan = fold.plan(rowsAreNew: rowsAreNew)
        report.encoding = folded.duration(to: .now)
        try write(fold, plan, session, &report)
        return fold
    }

    private func write(
        _ fold: BatchFold,
        _ plan: WritePlan,
        _ session: MongoSession,
        _ report: inout CommitReport
    ) throws(MongoError) {
        let start = ContinuousClock.now
        try plan.execute(connection, session, database, part: store.settings.rollupPart)
        try Latest(connection: connection, session: session, database: database).lookUp(fold.tallies.takenBack)
        if let updates = effects?.outboxWrites(of: fold), !updates.isEmpty {
            // What is cancelled comes before what waits anew under the same key.
            let result = try connection.update(
                updates,
                in: Collection.outbox.rawValue,
                of: database,
                ordered: true,
                session: session
            )
            report.effects = result.upserted
        }
        report.writing = start.duration(to: .now)
        (report.stored, report.writes) = (fold.events.count, plan.count)
        report.judgement = fold.judgement
        report.requestsSweeps = !fold.sweeps.isEmpty || fold.hasDueConversations
    }

    /// Recomputes some messages of one waiting sweep, in a transaction of its own; where none waits, the turns of some
    /// channels.
    ///
    /// - Returns: whether more may wait.
    package func sweep(messages limit: Int) throws(MongoError) -> Bool {
        if try sweepMessages(limit) { return true }
        return try keepConversations()
    }

    /// - Returns: whether there was anything to do.
    func keepConversations() throws(MongoError) -> Bool {
        guard try mayWait(.conversationTimes, ConversationTime.filter(.due)) else { return false }
        return try withTransaction { session throws(MongoError) in
            try ConversationKeeper(HistoryScan(store, connection, session)).step()
        }
    }

    private func sweepMessages(_ limit: Int) throws(MongoError) -> Bool {
        guard try mayWait(.sweeps, BSONDocument()) else { return false }
        return try withTransaction { session throws(MongoError) in
            let sweeper = Sweeper(
                connection: writer.connection,
                session: session,
                database: store.database,
                settings: store.settings
            )
            return try sweeper.step(limit: limit)
        }
    }
}

extension HistoryWriter {
    /// Looked at outside of a transaction, which would raise the fence for nothing.
    private func mayWait(_ collection: Collection, _ filter: BSONDocument) throws(MongoError) -> Bool {
        var found = false
        try connection.find(collection.rawValue, filter, in: database, options: .init(limit: 1)) {
            (_: BSONDocument) throws(MongoError) in
            found = true
            return false
        }
        return found
    }
}

/// What a commit did and where its time went.
package struct CommitReport: Sendable {
    /// Events that were new.
    package var stored = 0
    /// Documents of the history and its figures written.
    package var writes = 0
    package var requestsSweeps = false
    /// Effects written.
    package var effects = 0
    /// What the rules came to.
    package var judgement = Judgement()
    /// Written as it was prepared.
    package var wasAhead = false
    package var reading = Duration.zero
    package var folding = Duration.zero
    package var encoding = Duration.zero
    package var writing = Duration.zero
    package var committing = Duration.zero
}
