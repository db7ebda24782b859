import Blocking
package import Chat
package import History
package import Limits
import MongoDB
package import Rules
package import Telemetry
package import WebhookIngest

/// Moves events from the queue into the history: take, decode, merge, commit, acknowledge.
///
/// Two batches are under way at once: one is decoded and merged ahead while the other is written.
///
/// MongoDB gone, slow or in election: the batch waits and is tried again, while the queue goes on growing. One event that
/// cannot be stored is found by halving its batch and becomes a dead letter.
package actor Worker {
    private let executor = ThreadExecutor(label: "worker.store", urgency: .steppingBack(Limits.Worker.niceness))
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let queue: any EventQueue
    private let source: DeliverySource
    private let preparation: Preparation
    private let acknowledger: Acknowledger
    private let history: HistoryHandle
    private let sessions: SessionLedger
    private let limits: Limits.Worker
    private let log: Log
    private let metrics: WorkerMetrics
    private let accepted: @Sendable () -> Int64
    private let onStored: @Sendable ([Int64]) -> Void
    private let fence = Fence()
    private let judge: (any BatchJudge)?
    private let effects: (any EffectSource)?
    private let onEffects: @Sendable () -> Void
    private let observer: (any BatchObserver)?
    private let onDecided: @Sendable (Judgement) -> Void
    private var burst: BurstGauge
    private var room: BatchRoom
    private var housekeeping: Housekeeping
    private var writer: HistoryWriter?
    private var mayHaveSweeps = true
    /// Since the start.
    private var batches = 0
    private var mayHaveParked = true
    /// What storing has waited for since it last succeeded, as it was logged.
    private var reasons: Set<String> = []
    private var acknowledging: Task<Void, Never>?

    /// - Parameters:
    ///   - sessions: which a crash left open, to be ended.
    ///   - accepted: how many deliveries were accepted since the start; constant if none may wait for others.
    ///   - onStored: told of sequences that are stored, durably, and acknowledged.
    ///   - rules: by which events are looked at as they are decoded.
    ///   - hooks: by which messages are recognised that synchronous hooks have decided on.
    ///   - judge: decides about them as they are stored.
    ///   - effects: what events cause, written with them.
    ///   - onEffects: told when some were written.
    ///   - observer: told of every batch that is stored.
    ///   - onDecided: told of what was decided and is stored.
    package init(
        queue: any EventQueue,
        provider: StreamProvider,
        history: HistoryHandle,
        sessions: SessionLedger,
        limits: Limits.Worker,
        log: Log,
        metrics: Metrics,
        now: @escaping @Sendable () -> Timestamp,
        accepted: @escaping @Sendable () -> Int64 = { 0 },
        onStored: @escaping @Sendable ([Int64]) -> Void = { _ in },
        rules: (any RuleSource)? = nil,
        hooks: HookMarks? = nil,
        judge: (any BatchJudge)? = nil,
        effects: (any EffectSource)? = nil,
        onEffects: @escaping @Sendable () -> Void = {},
        observer: (any BatchObserver)? = nil,
        onDecided: @escaping @Sendable (Judgement) -> Void = { _ in }
    ) {
        (self.onDecided, self.observer) = (onDecided, observer)
        self.queue = queue
        source = DeliverySource(queue: queue, provider: provider, rules: rules, hooks: hooks, limits: limits)
        preparation = Preparation(history: history, fence: fence, judge: judge, limits: limits)
        self.history = history
        self.sessions = sessions
        (self.limits, self.log) = (limits, log)
        self.metrics = WorkerMetrics(metrics)
        acknowledger = Acknowledger(queue: queue, log: log, metrics: self.metrics)
        (self.accepted, self.onStored) = (accepted, onStored)
        (self.judge, self.effects, self.onEffects) = (judge, effects, onEffects)
        (burst, room) = (BurstGauge(limits: limits), BatchRoom(limits))
        housekeeping = Housekeeping(limits: limits, now: now)
    }

    /// Works until the task is cancelled; a batch under way is finished first.
    package func run() async {
        var upcoming = nextBatch(after: nil)
        // Whether the batch before is stored as the next one was told that it would be.
        var isAsTold = true
        while !Task.isCancelled {
            await letBurstPass()
            guard var current = await upcoming.value else {
                await idle()
                upcoming = nextBatch(after: nil)
                continue
            }
            if !isAsTold { current.prepared = nil }
            if current.prepared == nil { current.prepared = await preparation.prepare(current.events, after: nil) }
            // Events go first: what can wait is done once there are none, and now and then while there are.
            batches += 1
            let sweeps = mayHaveSweeps && batches.isMultiple(of: limits.batchesPerSweep)
            upcoming = nextBatch(after: sweeps ? nil : current.prepared)
            park(current.unreadable)
            isAsTold = await store(current)
            if sweeps { await sweep(steps: 1) }
        }
        upcoming.cancel()
        await acknowledging?.value
        writer = nil
    }

    private struct Batch {
        var events: [DeliverySource.Item]
        var unreadable: [(sequence: Int64, reason: String)] = []
        var decoding = Duration.zero
        /// Of exactly these events, folded before their transaction.
        var prepared: PreparedBatch?
    }

    private func letBurstPass() async {
        while !Task.isCancelled, burst.shouldWait(count: accepted(), at: QueueClock.system.uptime()) {
            try? await Task.sleep(for: .milliseconds(limits.burstPollMilliseconds))
        }
    }

    /// Taken, decoded and folded ahead while MongoDB works on the batch before.
    ///
    /// What follows one that was not prepared is not folded: only once that is stored it can be told into what.
    ///
    /// A task of its own, because it outlives the round that started it; ``run()`` awaits every one but the last, whose
    /// batch stays unacknowledged in the queue.
    private func nextBatch(after previous: PreparedBatch?) -> Task<Batch?, Never> {
        Task { [source, preparation, log, most = room.events] in
            do throws(QueueError) {
                guard let decoded = try await source.next(most) else { return nil }
                var batch = Batch(events: decoded.events)
                batch.unreadable = decoded.unreadable
                batch.decoding = decoded.decoding
                if let previous { batch.prepared = await preparation.prepare(decoded.events, after: previous) }
                return batch
            } catch {
                log.error("taking events from the queue failed", ["reason": .init(error.description)])
                return nil
            }
        }
    }

    /// Nothing to store: finishes what can wait, then sleeps until there is.
    private func idle() async {
        // Of much to sweep some at a time: events that come meanwhile go first.
        var hasMore = await sweep(steps: 10)
        if mayHaveParked { await publishDeadLetters() }
        if housekeeping.isDue {
            let isUnfinished = await withWriter { (writer) throws(MongoError) in try housekeeping.run(writer) }
            hasMore = hasMore || isUnfinished == true
        }
        if !hasMore { await queue.waitForWork() }
    }

    // MARK: Storing

    /// - Returns: whether it was stored as it was prepared.
    @discardableResult
    private func store(_ batch: Batch) async -> Bool {
        if batch.events.isEmpty { return true }
        guard batch.events.count <= room.most else { return await storeHalves(of: batch.events) }
        var delay = Backoff(limits)
        var aborts = 0
        while !Task.isCancelled {
            do throws(MongoError) {
                let report = try commit(batch)
                if batch.prepared != nil, !report.wasAhead { await preparation.noteVain() }
                await acknowledge(batch.events.map(\.sequence))
                return report.wasAhead
            } catch  where writer != nil && error.blamesOneEvent {
                // What fails while the history is being opened is no event's fault.
                guard batch.events.count == 1 else { return await storeHalves(of: batch.events) }
                for event in batch.events { putAside(event, error) }
                return false
            } catch {
                if error.mayPassInParts { aborts += 1 }
                if batch.events.count > 1, error.isTooMuchAtOnce || aborts == limits.attemptsPerBatch {
                    shrink(batch.events.count, error)
                    return await storeHalves(of: batch.events)
                }
                await recover(from: error, &delay)
            }
        }
        return false
    }

    private func shrink(_ events: Int, _ error: MongoError) {
        room.gaveUp(events)
        metrics.retries.add()
        // What it was given up on may still be the connection's fault.
        writer = nil
        log.warning(
            "a batch is too much for MongoDB at once; storing goes on in smaller batches",
            ["events": .init(room.most), "reason": .init(error.description)]
        )
    }

    /// Halves until those that MongoDB refuses are alone, or all are few enough; the others are stored.
    private func storeHalves(of events: [DeliverySource.Item]) async -> Bool {
        let middle = events.count / 2
        for half in [events[..<middle], events[middle...]] {
            await store(Batch(events: Array(half)))
        }
        return false
    }

    /// Put back a few times, in case it was not the event's fault; then a dead letter.
    private func putAside(_ event: DeliverySource.Item, _ error: MongoError) {
        guard error.kind != .tooLarge, event.failures + 1 < limits.attemptsPerEvent else {
            return park([(event.sequence, error.description)])
        }
        do throws(QueueError) {
            let delay = Backoff.delay(attempt: event.failures, limits)
            try queue.putBack([event.sequence], for: delay, countFailure: true)
        } catch {
            log.error("putting an event back failed", ["reason": .init(error.description)])
        }
    }

    private func commit(_ batch: Batch) throws(MongoError) -> CommitReport {
        let writer = try openWriter()
        let report =
            if let prepared = batch.prepared { try writer.commit(prepared) } else {
                try writer.commit(batch.events.map(\.received))
            }
        history.note(isReachable: true)
        room.stored(batch.events.count, writes: report.writes)
        if report.effects > 0 { onEffects() }
        if !report.judgement.isEmpty { onDecided(report.judgement) }
        metrics.note(report, decoding: batch.decoding)
        metrics.stored.add(Int64(report.stored))
        metrics.duplicates.add(Int64(batch.events.count - report.stored))
        metrics.faults.add(Int64(batch.events.reduce(0) { $0 + $1.received.faults.count }))
        mayHaveSweeps = mayHaveSweeps || report.requestsSweeps
        if !reasons.isEmpty { log.info("MongoDB is back; storing goes on") }
        reasons = []
        return report
    }

    /// While the next batch is stored; no more than one waits.
    private func acknowledge(_ sequences: [Int64]) async {
        await acknowledging?.value
        acknowledging = Task { [acknowledger, onStored] in
            await acknowledger.acknowledge(sequences)
            onStored(sequences)
        }
    }

    // MARK: MongoDB

    private func openWriter() throws(MongoError) -> HistoryWriter {
        if let writer { return writer }
        let store: HistoryStore
        do throws(HistoryError) {
            store = try history.opened()
        } catch {
            throw error.asMongoError
        }
        let writer = try HistoryWriter(store, fence: fence, judge: judge, effects: effects, observer: observer)
        try writer.endSessions(sessions.left)
        sessions.forgetLeft()
        self.writer = writer
        return writer
    }

    private func recover(from error: MongoError, _ delay: inout Backoff) async {
        metrics.retries.add()
        if error.kind != .transientTransaction, error.kind != .writeConflict {
            // A connection that failed once is not to be trusted with a transaction again.
            writer = nil
            history.note(isReachable: false)
            if error.isRefusal { history.close() }
            complain(error)
        }
        try? await Task.sleep(for: delay.next())
    }

    /// Once for each reason, of which there are a few while MongoDB goes and comes back.
    private func complain(_ error: MongoError) {
        guard reasons.count < limits.reasonsLogged, reasons.insert(error.description).inserted else { return }
        log.error("storing waits for MongoDB; events are kept in the queue", ["reason": .init(error.description)])
    }

    /// Work that may as well be done later: a failure is logged and left for the next time.
    ///
    /// None is begun once the worker is to stop, which must not wait for an absent MongoDB again and again.
    @discardableResult
    private func withWriter<R>(_ body: (HistoryWriter) throws(MongoError) -> R) async -> R? {
        guard !Task.isCancelled else { return nil }
        do throws(MongoError) {
            return try body(try openWriter())
        } catch {
            var delay = Backoff(limits)
            await recover(from: error, &delay)
            return nil
        }
    }

    /// - Returns: whether there may be more to sweep.
    @discardableResult
    private func sweep(steps: Int) async -> Bool {
        guard mayHaveSweeps else { return false }
        for _ in 0..<steps {
            guard
                let more = await withWriter({ (writer) throws(MongoError) in
                    try writer.sweep(messages: limits.sweepMessages)
                })
            else { return false }
            guard more else {
                mayHaveSweeps = false
                return false
            }
            metrics.sweeps.add()
        }
        return true
    }

    // MARK: Dead letters

    /// Out of the way of other events, durably, on this node; ``publishDeadLetters()`` brings them to MongoDB.
    private func park(_ events: [(sequence: Int64, reason: String)]) {
        for (sequence, reason) in events {
            do throws(QueueError) {
                try queue.park(sequence, reason: reason)
                metrics.parked.add()
                mayHaveParked = true
                log.warning("an event became a dead letter", ["reason": .init(reason)])
            } catch {
                log.error("parking an event failed", ["reason": .init(error.description)])
            }
        }
        if !events.isEmpty { onStored(events.map(\.sequence)) }
    }

    private func publishDeadLetters() async {
        await withWriter { (writer) throws(MongoError) in
            while let parked = try? queue.parked(limit: limits.batchEvents), !parked.isEmpty {
                try writer.keepDeadLetters(parked.map(DeadLetter.init))
                do throws(QueueError) { try queue.unpark(parked.map(\.sequence)) } catch { return }
            }
            mayHaveParked = false
        }
    }
}

extension DeadLetter {
    fileprivate init(_ parked: ParkedDelivery) {
        let delivery = parked.delivery
        self.init(
            id: delivery.id,
            type: delivery.type,
            reason: parked.reason,
            at: parked.parkedAt,
            receivedAt: delivery.receivedAt,
            body: delivery.body,
            signature: delivery.signature,
            apiKey: delivery.apiKey,
            webhookID: delivery.webhookID,
            attempt: delivery.attempt
        )
    }
}
