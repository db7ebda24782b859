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
    private let health: DestinationHealth
    private nonisolated let bell = Bell()

    private var store: OutboxStore?
    private var leases: ShardLeases?
    private var lanes: [Effect.Destination: DestinationLanes] = [:]
    /// To be written down.
    private var conclusions: [OutboxStore.Conclusion] = []
    /// The same, that a write failed for: the lanes know of them already.
    private var unwritten: [OutboxStore.Conclusion] = []
    /// The leases that the lanes know of.
    private var shared: [Int: Int64] = [:]
    private var nextPoll = Duration.zero
    private var nextRemoval = Duration.zero
    private var isComplaining = false

    /// - Parameters:
    ///   - performers: by the destination whose effects they perform; effects of others wait.
    ///   - node: this node's name, the same after a restart and no other node's.
    ///   - effects: unless it is on, what waits is left waiting.
    ///   - health: told which destinations are left alone.
    package init(
        history: HistoryHandle,
        performers: [Effect.Destination: any EffectPerformer],
        node: String,
        effects: EffectSwitch,
        limits: Limits.Outbox,
        order: WriteOrder,
        health: DestinationHealth,
        log: Log,
        metrics: Metrics,
        clock: DispatcherClock
    ) {
        (self.history, self.performers, self.node, self.limits) = (history, performers, node, limits)
        (self.effects, self.order, self.health, self.log, self.clock) = (effects, order, health, log, clock)
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
        let due =
            (mayBegin(at: uptime) ? lanes.values.compactMap(\.nextDue) : []) + [nextPoll, leases?.renewal ?? .zero]
        return max(.milliseconds(1), (due.min() ?? nextPoll) - uptime)
    }

    private func mayBegin(at uptime: Duration) -> Bool { effects.mode == .on && leases?.hold(at: uptime) == true }

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

    private func renew(_ uptime: Duration, isEnding: Bool = false) throws(MongoError) {
        let busy = lanes.values.reduce(into: Set<Int>()) { $0.formUnion($1.busyShards) }
        defer { share(leases?.active ?? [:]) }
        try leases?.renew(at: uptime, busy: busy, isEnding: isEnding)
    }

    /// Has the lanes forget what other nodes perform from now on, and read what this one performs.
    ///
    /// Against what they were told last: a renewal that failed half-way may have changed the leases.
    private func share(_ tokens: [Int: Int64]) {
        guard tokens != shared else { return }
        let gone = shared.filter { tokens[$0.key] != $0.value }.keys
        for destination in lanes.keys { lanes[destination]?.forget(shards: Set(gone)) }
        shared = tokens
        log.info("the outbox's shards were shared out", ["mine": .init(tokens.count), "of": .init(Shard.count)])
    }

    // MARK: Reading

    private func read(_ store: OutboxStore, _ uptime: Duration) throws(MongoError) {
        let isPoll = uptime >= nextPoll
        if isPoll {
            nextPoll = uptime + .milliseconds(limits.pollMilliseconds)
            _ = try store.promote(order: order, at: clock.now())
            try heedControls(store)
            for destination in performers.keys {
                health.note(destination, stopped: lanes[destination]?.trouble, at: clock.now())
            }
        }
        let isTold = bell.isUrgent
        let shards = shared.keys.sorted()
        guard !shards.isEmpty else { return }
        var hasRead = false
        // By key: a copy of what is changed in place would be a copy of all that waits.
        for destination in performers.keys where isPoll || isTold || lanes[destination]?.isHungry == true {
            lanes[destination]?.beginReading(isPoll: isPoll, isTold: isTold, at: uptime)
            while let page = lanes[destination]?.nextPage() {
                let rows = try store.open(destination, shards: shards, from: page.from)
                lanes[destination]?.add(rows, of: page, at: clock.now(), uptime)
                hasRead = hasRead || !rows.rows.isEmpty
            }
        }
        // What was caused after somebody was told that its destination is stopped waits.
        if hasRead { try heedControls(store) }
        if lanes.values.contains(where: \.isHungry) { bell.ring(urgent: false) }
    }

    private func heedControls(_ store: OutboxStore) throws(MongoError) {
        let controls = try DestinationControls(store).read()
        effects.note(stored: controls.mode)
        for destination in performers.keys { lanes[destination]?.isPaused = controls.isPaused(destination) }
    }

    // MARK: Performing

    /// Writes down what was concluded and what is begun, in one command: what is concluded first, so that a lane goes on only
    /// once the outcome of its last effect is stored.
    private func move(_ store: OutboxStore) throws(MongoError) {
        let (now, uptime) = (clock.now(), clock.uptime())
        for conclusion in conclusions { lanes[conclusion.row.destination]?.concluded(conclusion, now, uptime) }
        unwritten += conclusions
        conclusions = []
        var calls = take(now, uptime)
        guard !unwritten.isEmpty || !calls.isEmpty else { return }
        let begun: Set<Effect.EffectKey>
        do throws(MongoError) {
            calls = try inOrder(calls, store, now, uptime)
            begun = try store.move(unwritten, begin: calls.flatMap(\.rows), tokens: shared, node: node, at: now)
        } catch {
            for call in calls { putBack(call) }
            throw error
        }
        unwritten = []
        for call in calls { begin(call, begun, now) }
        if !conclusions.isEmpty { bell.ring(urgent: false) }
    }

    private func begin(_ call: Call, _ begun: Set<Effect.EffectKey>, _ now: Timestamp) {
        for row in call.rows where !begun.contains(row.key) { lanes[row.destination]?.remove(row) }
        let mine = call.rows.filter { begun.contains($0.key) }.map { $0.begun(shared[$0.shard] ?? 0) }
        if call.isStale {
            for row in mine { conclude(row, .init(at: now, what: .stale), state: .stale) }
        } else if mine.isEmpty {
            performers[call.destination]?.withdraw(call.rows.map(\.pending))
        } else {
            start(call, mine)
        }
    }

    /// Effects that go out together.
    private struct Call {
        var destination: Effect.Destination
        var rows: [OutboxRow]
        /// Too old: only written down.
        var isStale = false
    }

    private func take(_ now: Timestamp, _ uptime: Duration) -> [Call] {
        guard mayBegin(at: uptime) else { return [] }
        var calls: [Call] = []
        for (destination, performer) in performers {
            guard let (groups, stale) = lanes[destination]?.take(performer, at: uptime, now) else { continue }
            calls += groups.map { Call(destination: destination, rows: $0) }
            if !stale.isEmpty { calls.append(Call(destination: destination, rows: stale, isStale: true)) }
        }
        return calls
    }

    /// Without what others come before in their lanes, however long their commit took.
    private func inOrder(
        _ calls: [Call],
        _ store: OutboxStore,
        _ now: Timestamp,
        _ uptime: Duration
    ) throws(MongoError) -> [Call] {
        let rows = calls.filter { !$0.isStale }.flatMap(\.rows)
        guard !rows.isEmpty else { return calls }
        let earlier = try store.earlier(than: rows, except: Set(unwritten.map(\.row.key)))
        guard !earlier.isNone else { return calls }
        return calls.compactMap { call in
            guard !call.isStale else { return call }
            let destination = call.destination
            var kept = call
            kept.rows = call.rows.filter { row in
                switch earlier.turn(of: row, shared) {
                case .now: return true
                case .after(let late): lanes[destination]?.putBack(row, behind: late, now, uptime)
                case .afterAnotherNode:
                    lanes[destination]?.putOff(row, until: uptime + .milliseconds(limits.retryFloorMilliseconds))
                }
                return false
            }
            if kept.rows.isEmpty { performers[destination]?.withdraw(call.rows.map(\.pending)) }
            return kept.rows.isEmpty ? nil : kept
        }
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
    private func putBack(_ call: Call) {
        lanes[call.destination]?.putBack(call.rows)
        if !call.isStale { performers[call.destination]?.withdraw(call.rows.map(\.pending)) }
    }

    private func performed(_ rows: [OutboxRow], _ given: [EffectOutcome]) {
        let (now, uptime) = (clock.now(), clock.uptime())
        guard let destination = rows.first?.destination, let before = lanes[destination]?.circuit else { return }
        let missing = EffectOutcome.retry(reason: "no outcome was given", after: nil)
        let all = rows.indices.map { $0 < given.count ? given[$0] : missing }
        let outcomes = lanes[destination]?.end(rows, all, at: uptime) ?? all
        let circuit = lanes[destination]?.circuit ?? before
        note(circuit, of: destination, before: before)
        for (row, outcome) in zip(rows, outcomes) {
            metrics.count(outcome)
            metrics.latency(from: row.created, to: now)
            conclude(row, outcome, circuit, now)
        }
        bell.ring(urgent: false)
    }

    /// Says so when a destination is left alone, and when it is well again.
    private func note(_ circuit: Circuit, of destination: Effect.Destination, before: Circuit) {
        guard circuit.reason != before.reason else { return }
        if let reason = circuit.reason {
            guard before.reason == nil else { return }
            log.warning(
                "a destination is left alone and tried again from time to time; its effects wait",
                ["destination": .init(destination.description), "reason": .init(reason)]
            )
        } else {
            log.info("a destination is well again", ["destination": .init(destination.description)])
        }
    }

    private func conclude(_ row: OutboxRow, _ outcome: EffectOutcome, _ circuit: Circuit, _ now: Timestamp) {
        func entry(_ what: TimelineEntry.What, _ detail: String) -> TimelineEntry {
            TimelineEntry(at: now, what: what, detail: detail.cut(toBytes: limits.answerBytes))
        }
        let schedule = RetrySchedule(limits)
        func delay(_ tries: Int, _ asked: Duration?) -> Duration {
            schedule.delay(failures: max(tries, 1), asked: asked) { clock.random($0) }
        }
        switch outcome {
        case .done(let answer): conclude(row, entry(.done, answer), state: .done)
        case .alreadyDone(let answer), .unsent(.needless(let answer)):
            conclude(row, entry(.alreadyDone, answer), state: .done)
        case .refused(let reason), .unsent(.impossible(let reason)):
            conclude(row, entry(.dead, reason), state: .dead)
        case .misconfigured(let reason): putOff(row, entry(.putOff, reason), for: .zero, now, isFailure: false)
        // The destination's limit and our own trouble are no fault of the effect.
        case .limited(let reason, let after):
            putOff(row, entry(.putOff, reason), for: delay(row.attempts, after), now, isFailure: false)
        case .unsent(.postponed(let reason, let after)):
            putOff(row, entry(.putOff, reason), for: delay(1, after), now, isFailure: false)
        case .early(let reason): fail(reason, nil, isFailure: true)
        // Nor is that the destination is down.
        case .retry(let reason, let after): fail(reason, after, isFailure: circuit.isClosed)
        }
        func fail(_ reason: String, _ after: Duration?, isFailure: Bool) {
            let failures = row.failures + (isFailure ? 1 : 0)
            guard !isFailure || !schedule.isExhausted(failures: failures) else {
                return conclude(row, entry(.dead, reason), state: .dead)
            }
            putOff(row, entry(.failed, reason), for: delay(failures, after), now, isFailure: isFailure)
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

    /// Waits for the calls under way, and meanwhile keeps the leases and writes down what ends.
    private func finish() async {
        while lanes.values.contains(where: { $0.calls > 0 }) {
            settle()
            await bell.wait(atMost: .seconds(1))
        }
        settle()
        do throws(MongoError) { try leases?.end() } catch {
            log.warning("leaving the outbox failed; it is taken over soon", ["reason": .init(error.description)])
        }
        leases = nil
    }

    private func settle() {
        guard let store else { return }
        unwritten += conclusions
        conclusions = []
        do throws(MongoError) {
            let uptime = clock.uptime()
            if let leases, uptime >= leases.renewal { try renew(uptime, isEnding: true) }
            guard !unwritten.isEmpty else { return }
            _ = try store.move(unwritten, begin: [], tokens: [:], node: node, at: clock.now())
            unwritten = []
        } catch {
            _ = complain(error)
        }
    }
}
