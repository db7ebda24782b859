import Blocking
package import Chat
package import History
package import Limits
import MongoDB
package import Telemetry

/// Performs what waits in the outbox: takes it in order, a few calls at a time, and writes down what became of it.
///
/// Several nodes share the work by leases of shards (``ShardLeases``); one that dies is replaced within about ten seconds. A
/// lane goes on only once the outcome of its last effect is stored, so that no repetition after a crash can overtake.
package actor Dispatcher {
    private let executor = ThreadExecutor(label: "outbox.dispatch")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let history: HistoryHandle
    private let performers: [Effect.Destination: any EffectPerformer]
    private let node: String
    private let effects: EffectSwitch
    private let limits: Limits.Outbox
    private let log: Log
    private let metrics: DispatcherMetrics
    private let clock: DispatcherClock
    private let order: WriteOrder
    private nonisolated let bell = Bell()

    private var store: OutboxStore?
    private var leases: ShardLeases?
    private var lanes: [Effect.Destination: DestinationLanes] = [:]
    private var conclusions: [OutboxStore.Conclusion] = []
    private var nextPoll = Duration.zero
    private var nextRescan = Duration.zero
    private var nextRemoval = Duration.zero
    private var isComplaining = false

    /// - Parameters:
    ///   - performers: by the destination whose effects they perform; effects of others wait.
    ///   - node: this node's name, the same after a restart and no other node's.
    ///   - effects: unless it is on, what waits is left waiting.
    package init(
        history: HistoryHandle,
        performers: [Effect.Destination: any EffectPerformer],
        node: String,
        effects: EffectSwitch,
        limits: Limits.Outbox,
        order: WriteOrder,
        log: Log,
        metrics: Metrics,
        clock: DispatcherClock
    ) {
        (self.history, self.performers, self.node, self.limits) = (history, performers, node, limits)
        (self.effects, self.order, self.log, self.clock) = (effects, order, log, clock)
        self.metrics = DispatcherMetrics(metrics)
        for destination in performers.keys { lanes[destination] = DestinationLanes(destination, limits) }
    }

    /// Something was written: look now, not at the next poll.
    package nonisolated func notify() { bell.ring(urgent: true) }

    /// Works until the task is cancelled; calls under way are finished first.
    package func run() async {
        while !Task.isCancelled {
            let wait = await round()
            await bell.wait(atMost: wait)
        }
        // In a task that is not cancelled: what is under way is waited for.
        await Task { await finish() }.value
    }

    /// - Returns: how long nothing need be done.
    private func round() async -> Duration {
        do throws(MongoError) {
            try step()
            if isComplaining { log.info("MongoDB is back; effects go on") }
            isComplaining = false
        } catch {
            return complain(error)
        }
        let uptime = clock.uptime()
        let due = lanes.values.compactMap(\.nextDue) + [nextPoll, leases?.renewal ?? .zero]
        return max(.milliseconds(1), (due.min() ?? nextPoll) - uptime)
    }

    private func step() throws(MongoError) {
        let store = try openStore()
        if leases == nil { leases = ShardLeases(store, node: node) }
        let uptime = clock.uptime()
        if let leases, uptime >= leases.renewal { try renew(uptime) }
        try read(store, uptime)
        try move(store)
        try removeFinished(store, uptime)
    }

    /// Waits for MongoDB: what was concluded is kept and written down when it is back.
    private func complain(_ error: MongoError) -> Duration {
        if !isComplaining { log.error("effects wait for MongoDB", ["reason": .init(error.description)]) }
        isComplaining = true
        metrics.faults.add()
        if error.kind != .writeConflict, error.kind != .transientTransaction { history.note(isReachable: false) }
        return .milliseconds(limits.retryFloorMilliseconds)
    }

    private func openStore() throws(MongoError) -> OutboxStore {
        if let store, store.history === history.store { return store }
        do throws(HistoryError) {
            let opened = OutboxStore(try history.opened(), limits: limits)
            store = opened
            return opened
        } catch {
            throw error.asMongoError
        }
    }

    // MARK: Leases

    private func renew(_ uptime: Duration) throws(MongoError) {
        let before = leases?.tokens ?? [:]
        let busy = lanes.values.reduce(into: Set<Int>()) { $0.formUnion($1.busyShards) }
        try leases?.renew(at: uptime, busy: busy)
        let tokens = leases?.tokens ?? [:]
        guard tokens != before else { return }
        let gone = before.filter { tokens[$0.key] != $0.value }.keys
        for destination in lanes.keys { lanes[destination]?.forget(shards: Set(gone)) }
        nextRescan = .zero
        log.info("the outbox's shards were shared out", ["mine": .init(tokens.count), "of": .init(Shard.count)])
    }

    // MARK: Reading

    private func read(_ store: OutboxStore, _ uptime: Duration) throws(MongoError) {
        guard uptime >= nextPoll || bell.isUrgent else { return }
        nextPoll = uptime + .milliseconds(limits.pollMilliseconds)
        if try store.promote(order: order, at: clock.now()) > 0 { bell.ring(urgent: true) }
        let controls = try DestinationControls(store).read()
        effects.note(stored: controls.mode)
        let isRescan = uptime >= nextRescan
        if isRescan { nextRescan = uptime + .milliseconds(limits.rescanMilliseconds) }
        let shards = (leases?.tokens ?? [:]).keys.sorted()
        for destination in lanes.keys {
            lanes[destination]?.isPaused = controls.isPaused(destination)
            guard !shards.isEmpty, let from = lanes[destination]?.readFrom(isRescan: isRescan) else { continue }
            let rows = try store.open(destination, shards: shards, from: from, limit: limits.pageRows)
            lanes[destination]?.add(rows, at: clock.now(), uptime)
            // There may be more behind a full page.
            if rows.count == limits.pageRows, lanes[destination]?.hasRoom == true { bell.ring(urgent: true) }
        }
    }

    // MARK: Performing

    /// Writes down what was concluded and what is begun, in one command: what is concluded first, so that a lane goes on only
    /// once the outcome of its last effect is stored.
    private func move(_ store: OutboxStore) throws(MongoError) {
        let (now, uptime) = (clock.now(), clock.uptime())
        let ended = conclusions
        for conclusion in ended { lanes[conclusion.row.destination]?.concluded(conclusion, now, uptime) }
        conclusions = []
        let calls = take(now, uptime)
        guard !ended.isEmpty || !calls.isEmpty else { return }
        let rows = calls.flatMap(\.rows)
        let tokens = leases?.tokens ?? [:]
        let begun: Set<Effect.EffectKey>
        do throws(MongoError) {
            begun = try store.move(ended, begin: rows, tokens: tokens, node: node, at: now)
        } catch {
            conclusions = ended
            for call in calls { putBack(call, call.rows) }
            throw error
        }
        for call in calls {
            for row in call.rows where !begun.contains(row.key) { lanes[row.destination]?.remove(row) }
            let mine = call.rows.filter { begun.contains($0.key) }.map { $0.begun(tokens[$0.shard] ?? 0) }
            if call.isStale {
                for row in mine { conclude(row, .init(at: now, what: .stale), state: .stale) }
            } else if mine.isEmpty {
                putBack(call, [])
            } else {
                start(call, mine)
            }
        }
        if !conclusions.isEmpty { bell.ring(urgent: false) }
    }

    /// Effects that go out together.
    private struct Call {
        var destination: Effect.Destination
        var rows: [OutboxRow]
        /// Too old: only written down.
        var isStale = false
    }

    private func take(_ now: Timestamp, _ uptime: Duration) -> [Call] {
        guard effects.mode == .on, let leases, leases.hold(at: uptime) else { return [] }
        var calls: [Call] = []
        for (destination, performer) in performers {
            guard var lanes = lanes[destination] else { continue }
            let (groups, stale) = lanes.take(performer, at: uptime, now)
            self.lanes[destination] = lanes
            calls += groups.map { Call(destination: destination, rows: $0) }
            if !stale.isEmpty { calls.append(Call(destination: destination, rows: stale, isStale: true)) }
        }
        return calls
    }

    private func start(_ call: Call, _ rows: [OutboxRow]) {
        guard let performer = performers[call.destination] else { return }
        lanes[call.destination]?.begin(calls: 1)
        // Its own task, since it outlives this round; `finish` waits for every one of them.
        Task { [weak self] in
            let outcomes = await performer.perform(rows.map(\.pending))
            await self?.performed(rows, outcomes)
        }
    }

    /// A call that is not made after all.
    private func putBack(_ call: Call, _ rows: [OutboxRow]) {
        lanes[call.destination]?.putBack(rows, until: clock.uptime())
        if !call.isStale { performers[call.destination]?.withdraw(call.rows.map(\.pending)) }
    }

    private func performed(_ rows: [OutboxRow], _ outcomes: [EffectOutcome]) {
        let (now, uptime) = (clock.now(), clock.uptime())
        guard let destination = rows.first?.destination else { return }
        var lanes = lanes[destination] ?? DestinationLanes(destination, limits)
        lanes.end(outcomes, at: uptime)
        self.lanes[destination] = lanes
        for (index, row) in rows.enumerated() {
            let outcome = index < outcomes.count ? outcomes[index] : .retry(reason: "no outcome was given", after: nil)
            metrics.count(outcome)
            metrics.latency(from: row.created, to: now)
            conclude(row, outcome, lanes.circuit, now)
        }
        bell.ring(urgent: false)
    }

    private func conclude(_ row: OutboxRow, _ outcome: EffectOutcome, _ circuit: Circuit, _ now: Timestamp) {
        func entry(_ what: TimelineEntry.What, _ detail: String) -> TimelineEntry {
            TimelineEntry(at: now, what: what, detail: detail.cut(toBytes: limits.answerBytes))
        }
        switch outcome {
        case .done(let answer): conclude(row, entry(.done, answer), state: .done)
        case .alreadyDone(let answer): conclude(row, entry(.alreadyDone, answer), state: .done)
        case .refused(let reason): conclude(row, entry(.dead, reason), state: .dead)
        case .misconfigured(let reason): putOff(row, entry(.putOff, reason), for: .zero, now, isFailure: false)
        case .retry(let reason, let after):
            let schedule = RetrySchedule(limits)
            // What failed because its destination was down is not at fault.
            let isFailure = circuit.isClosed
            let failures = row.failures + (isFailure ? 1 : 0)
            guard !isFailure || !schedule.isExhausted(failures: failures) else {
                return conclude(row, entry(.dead, reason), state: .dead)
            }
            let delay = schedule.delay(failures: max(failures, 1), asked: after) { clock.random($0) }
            putOff(row, entry(.failed, reason), for: delay, now, isFailure: isFailure)
        }
    }

    private func conclude(_ row: OutboxRow, _ entry: TimelineEntry, state: EffectState) {
        conclusions.append(.init(row: row, state: state, entry: entry))
    }

    private func putOff(
        _ row: OutboxRow,
        _ entry: TimelineEntry,
        for delay: Duration,
        _ now: Timestamp,
        isFailure: Bool
    ) {
        conclusions.append(
            .init(
                row: row,
                state: .waiting,
                entry: entry,
                isFailure: isFailure,
                retryAt: Timestamp(nanoseconds: now.nanoseconds + delay.nanoseconds)
            )
        )
    }

    // MARK: Upkeep

    private func removeFinished(_ store: OutboxStore, _ uptime: Duration) throws(MongoError) {
        guard uptime >= nextRemoval else { return }
        let days = Int64(limits.retentionDays)
        let cutoff = Timestamp(milliseconds: clock.now().milliseconds - days * 86_400_000)
        let removed = try store.removeFinished(before: cutoff)
        nextRemoval = uptime + (removed == limits.removedRows ? .seconds(1) : .seconds(600))
    }

    private func finish() async {
        while lanes.values.contains(where: { $0.calls > 0 }) { await bell.wait(atMost: .seconds(1)) }
        guard let store else { return }
        do throws(MongoError) {
            if !conclusions.isEmpty {
                _ = try store.move(conclusions, begin: [], tokens: [:], node: node, at: clock.now())
            }
            try leases?.end()
        } catch {
            log.warning("leaving the outbox failed; it is taken over soon", ["reason": .init(error.description)])
        }
        leases = nil
    }
}

extension String {
    /// No longer than so many bytes, cut between characters.
    fileprivate func cut(toBytes most: Int) -> String {
        guard utf8.count > most else { return self }
        var end = startIndex
        var bytes = 0
        while end < endIndex {
            bytes += self[end].utf8.count
            guard bytes <= most else { break }
            formIndex(after: &end)
        }
        return String(self[..<end])
    }
}
