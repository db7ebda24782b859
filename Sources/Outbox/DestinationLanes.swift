import Chat
import Limits

/// What waits and what is under way at one destination.
struct DestinationLanes: Sendable {
    let destination: Effect.Destination
    private(set) var circuit: Circuit
    /// Calls under way.
    private(set) var calls = 0
    var isPaused = false
    private let limits: Limits.Outbox
    private var scheduler: LaneScheduler<OutboxRow>
    /// Shards of rows under way, with how many.
    private var busy: [Int: Int] = [:]
    /// Actions that wait for a limit of the destination.
    private var rests: [String: Duration] = [:]
    /// Effects that were answered as if our settings were wrong.
    private var suspects: [Effect.EffectKey: Suspicion] = [:]
    /// The highest order read.
    private var newest: Int64 = 0
    /// What is new is looked for only once everything was read.
    private var hasReadAll = false
    /// Where the look at what is new goes on.
    private var tail: Int64?
    private var sweepsEverything = false
    private var nextRescan = Duration.zero
    /// Pages that may still be read in this round.
    private var (tailPages, sweepPages) = (0, 0)

    private enum Suspicion: Sendable {
        /// With the circuit's successes by then: if others fare better since, it is not our settings.
        case raised(Int)
        case proven
    }

    init(_ destination: Effect.Destination, _ limits: Limits.Outbox) {
        (self.destination, self.limits) = (destination, limits)
        circuit = Circuit(limits)
        scheduler = LaneScheduler(limits)
    }

    var busyShards: Set<Int> { Set(busy.keys) }

    /// Why what waits here is not performed; `nil` also when nothing waits.
    var trouble: String? { scheduler.count > 0 ? circuit.reason : nil }

    /// When there may be something to begin; `nil` if only an outcome or a new row can change that.
    var nextDue: Duration? {
        guard !isPaused, calls < most else { return nil }
        let rested = rests.filter { scheduler.hasReady($0.key) }.values.min()
        let next = [scheduler.nextDue, rested].compactMap(\.self).min()
        switch circuit.state {
        case .closed: return next
        // While calls are under way their end comes first.
        case .open(let until): return calls > 0 ? nil : hasReady ? until : next.map { max($0, until) }
        case .probing: return nil
        }
    }

    private var hasReady: Bool { scheduler.hasReady(except: Set(rests.keys)) }

    // MARK: Reading

    /// A part of the open rows to read, in the order of writing.
    struct Page: Sendable, Equatable {
        let from: Int64
        let isSwept: Bool
    }

    /// Whether to read without waiting for the next poll.
    var isHungry: Bool { !isPaused && (tail != nil || scheduler.isHungry) }

    /// What is to be read in this round: what is new and, as far as there is room, what was left unread.
    ///
    /// - Parameters:
    ///   - isPoll: it was time to look, whether or not there was a reason.
    ///   - isTold: something new was written.
    mutating func beginReading(isPoll: Bool, isTold: Bool = false, at uptime: Duration) {
        (tailPages, sweepPages) = (0, 0)
        guard !isPaused else { return }
        tailPages = limits.pagesPerRound
        if tail == nil, hasReadAll, isPoll || isTold { tail = newest - Int64(limits.lateMilliseconds) * 1_000_000 }
        let mustRescan = !hasReadAll || isPoll && uptime >= nextRescan
        if scheduler.sweep == nil, let start = mustRescan ? .min : hungryFrom {
            scheduler.beginSweep(from: start)
            sweepsEverything = mustRescan
        }
        let wants = scheduler.isHungry || isPoll && scheduler.isStarving
        sweepPages = wants ? limits.pagesPerRound : isPoll ? 1 : 0
    }

    private var hungryFrom: Int64? { scheduler.isHungry || scheduler.isStarving ? scheduler.hungryFrom : nil }

    /// What to read next in this round.
    func nextPage() -> Page? {
        if let tail, tailPages > 0 { return Page(from: tail, isSwept: false) }
        guard sweepPages > 0, let sweep = scheduler.sweep else { return nil }
        return Page(from: sweep.position, isSwept: true)
    }

    mutating func add(_ read: OutboxStore.OpenRows, of page: Page, at now: Timestamp, _ uptime: Duration) {
        for row in read.rows {
            scheduler.add(row, notBefore: row.notBefore(now, uptime), isSwept: page.isSwept)
        }
        newest = max(newest, read.last)
        guard page.isSwept else {
            tailPages -= 1
            // Others may have the same order; but a page full of them must not be read for ever.
            tail = read.isEnd ? nil : max(read.last, page.from + 1)
            return
        }
        guard read.isEnd else {
            sweepPages -= 1
            scheduler.advanceSweep(to: read.last)
            if !sweepsEverything, hungryFrom == nil { scheduler.abandonSweep() }
            return
        }
        scheduler.endSweep()
        sweepPages = 0
        guard sweepsEverything else { return }
        (hasReadAll, nextRescan) = (true, uptime + .milliseconds(limits.rescanMilliseconds))
    }

    /// Shards that this node does not perform, or performs anew: everything is read again.
    mutating func forget(shards: Set<Int>) {
        scheduler.forget { shards.contains($0.shard) }
        (hasReadAll, tail) = (false, nil)
    }

    // MARK: Performing

    private var most: Int {
        switch destination {
        case .provider: limits.providerCalls
        case .email: limits.emailCalls
        default: limits.webhookCalls
        }
    }

    /// What is to be begun now, in calls, and what is too old for it.
    mutating func take(
        _ performer: some EffectPerformer,
        at uptime: Duration,
        _ now: Timestamp
    ) -> (groups: [[OutboxRow]], stale: [OutboxRow]) {
        guard !isPaused else { return ([], []) }
        scheduler.wake(at: uptime)
        rests = rests.filter { $0.value > uptime }
        var free = circuit.allowed(most, at: uptime) - calls
        var (groups, stale): ([[OutboxRow]], [OutboxRow]) = ([], [])
        while free > 0, stale.count < limits.staleRows,
            let action = scheduler.nextAction(except: Set(rests.keys))
        {
            let taken = scheduler.take(performer.batchSize(for: action), of: action)
            stale += taken.filter { $0.isStale(at: now) }
            let fresh = taken.filter { !$0.isStale(at: now) }
            guard !fresh.isEmpty else { continue }
            if let delay = performer.delay(before: fresh.map(\.pending)) {
                scheduler.putBack(fresh)
                rest(action, until: uptime + delay)
            } else {
                groups.append(fresh)
                free -= 1
            }
        }
        for row in groups.joined() + stale { busy[row.shard, default: 0] += 1 }
        return (groups, stale)
    }

    private mutating func rest(_ action: String, until: Duration) {
        rests[action] = max(until, rests[action] ?? until)
    }

    mutating func begin(calls more: Int) {
        calls += more
        circuit.begin()
    }

    /// A call has ended: what its outcomes say of the destination.
    ///
    /// - Returns: the outcomes, as they are to be written down.
    mutating func end(_ rows: [OutboxRow], _ outcomes: [EffectOutcome], at uptime: Duration) -> [EffectOutcome] {
        calls -= 1
        var (written, telling): ([EffectOutcome], [EffectOutcome]) = ([], [])
        for (row, outcome) in zip(rows, outcomes) {
            if case .misconfigured(let reason) = outcome, isItsOwnFault(row) {
                written.append(.retry(reason: reason, after: nil))
            } else {
                written.append(outcome)
                telling.append(outcome)
            }
            if case .limited(_, let after?) = outcome { rest(row.action, until: uptime + atMost(after)) }
        }
        judge(telling, at: uptime)
        return written
    }

    /// Whether others fared better since this effect was first answered as if our settings were wrong.
    private mutating func isItsOwnFault(_ row: OutboxRow) -> Bool {
        switch suspects[row.key] {
        case .raised(let successes) where successes < circuit.successes: suspects[row.key] = .proven
        case .proven: break
        default:
            suspects[row.key] = .raised(circuit.successes)
            return false
        }
        return true
    }

    private func atMost(_ asked: Duration) -> Duration { min(asked, .seconds(limits.retryAfterMostSeconds)) }

    private mutating func judge(_ outcomes: [EffectOutcome], at uptime: Duration) {
        var isWell = false
        var failure: (reason: String, asked: Duration?)?
        for outcome in outcomes {
            switch outcome {
            case .misconfigured(let reason): return circuit.stop(reason, at: uptime)
            case .retry(let reason, let after): failure = (reason, after)
            case .done, .alreadyDone, .refused, .limited, .early: isWell = true
            case .unsent: break
            }
        }
        // Of one call: where a part of it failed, the rest was answered before.
        if let failure { return circuit.fail(failure.reason, asked: failure.asked, at: uptime) }
        if isWell { circuit.succeed() } else { circuit.learnNothing(at: uptime) }
    }

    /// Begun in vain: another node or an operator was faster.
    mutating func remove(_ row: OutboxRow) {
        release(row)
        scheduler.remove(row)
    }

    /// Taken in vain: others were committed late that come before it.
    mutating func putBack(_ row: OutboxRow, behind earlier: [OutboxRow], _ now: Timestamp, _ uptime: Duration) {
        putBack([row])
        for row in earlier { scheduler.addEarlier(row, notBefore: row.notBefore(now, uptime)) }
    }

    mutating func putOff(_ row: OutboxRow, until: Duration) {
        release(row)
        scheduler.putOff(row, until: until)
    }

    mutating func putBack(_ rows: [OutboxRow]) {
        for row in rows { release(row) }
        scheduler.putBack(rows)
    }

    /// The outcome is stored: the lane goes on.
    mutating func concluded(_ conclusion: OutboxStore.Conclusion, _ now: Timestamp, _ uptime: Duration) {
        release(conclusion.row)
        guard conclusion.state == .waiting, let retryAt = conclusion.retryAt else {
            suspects[conclusion.row.key] = nil
            return scheduler.remove(conclusion.row)
        }
        let wait = Duration.nanoseconds(max(0, retryAt.nanoseconds - now.nanoseconds))
        scheduler.putOff(conclusion.row.putOff(isFailure: conclusion.isFailure), until: uptime + wait)
    }

    private mutating func release(_ row: OutboxRow) {
        guard let count = busy[row.shard] else { return }
        busy[row.shard] = count > 1 ? count - 1 : nil
    }
}

extension OutboxRow {
    /// When it may be performed, by the monotonic clock; `nil` for now.
    fileprivate func notBefore(_ now: Timestamp, _ uptime: Duration) -> Duration? {
        let wait = retryAt.map { $0.nanoseconds - now.nanoseconds } ?? 0
        return wait > 0 ? uptime + .nanoseconds(wait) : nil
    }
}
