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
    private var scheduler = LaneScheduler<OutboxRow>()
    /// Shards of rows under way, with how many.
    private var busy: [Int: Int] = [:]
    /// The last number read.
    private var lastOrder = Int64.min
    private var admittedAfter: Duration?

    init(_ destination: Effect.Destination, _ limits: Limits.Outbox) {
        (self.destination, self.limits) = (destination, limits)
        circuit = Circuit(limits)
    }

    var busyShards: Set<Int> { Set(busy.keys) }
    var hasRoom: Bool { scheduler.count < limits.rowsInMemory }

    /// When there may be something to begin; `nil` if only an outcome or a new row can change that.
    var nextDue: Duration? {
        guard !isPaused else { return nil }
        if let opens = circuit.opensAt { return opens }
        guard calls < most else { return nil }
        return scheduler.nextDue
    }

    // MARK: Reading

    /// Where to read on; `nil` when enough is known.
    ///
    /// - Parameter isRescan: from the beginning, in case something was committed later than what was read already.
    func readFrom(isRescan: Bool) -> Int64? {
        guard hasRoom else { return nil }
        if isRescan && scheduler.count < limits.pageRows || lastOrder == .min { return .min }
        return lastOrder - Int64(limits.lateMilliseconds) * 1_000_000
    }

    mutating func add(_ rows: [OutboxRow], at now: Timestamp, _ uptime: Duration) {
        for row in rows {
            lastOrder = max(lastOrder, row.order)
            let wait = row.retryAt.map { $0.nanoseconds - now.nanoseconds } ?? 0
            scheduler.add(row, notBefore: wait > 0 ? uptime + .nanoseconds(wait) : nil)
        }
    }

    /// Shards that another node performs from now on.
    mutating func forget(shards: Set<Int>) {
        scheduler.forget { shards.contains($0.shard) }
        lastOrder = .min
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
        let free = circuit.allowed(most, at: uptime) - calls
        guard free > 0 else { return ([], []) }
        let taken = scheduler.take(calls: free, at: uptime) { performer.batchSize(for: $0.action) }
        var (groups, stale): ([[OutboxRow]], [OutboxRow]) = ([], [])
        for group in taken {
            stale += group.filter { $0.isStale(at: now) }
            let fresh = group.filter { !$0.isStale(at: now) }
            guard !fresh.isEmpty else { continue }
            if let delay = performer.delay(before: fresh.map(\.pending)) {
                for row in fresh { scheduler.putOff(row, until: uptime + delay) }
            } else {
                groups.append(fresh)
            }
        }
        for row in groups.joined() + stale { busy[row.shard, default: 0] += 1 }
        return (groups, stale)
    }

    mutating func begin(calls more: Int) {
        calls += more
        circuit.begin()
    }

    /// A call has ended.
    mutating func end(_ outcomes: [EffectOutcome], at uptime: Duration) {
        calls -= 1
        for outcome in outcomes {
            switch outcome {
            case .done, .alreadyDone, .refused: return circuit.succeed()
            case .misconfigured(let reason): return circuit.fail(reason, isFinal: true, at: uptime)
            case .retry: continue
            }
        }
        if case .retry(let reason, let after)? = outcomes.first {
            // A destination that names a time is well; it is only asked too often.
            if after == nil { circuit.fail(reason, at: uptime) } else { circuit.succeed() }
        }
    }

    /// Begun in vain: another node or an operator was faster.
    mutating func remove(_ row: OutboxRow) {
        release(row)
        scheduler.remove(row)
    }

    mutating func putBack(_ rows: [OutboxRow], until: Duration) {
        for row in rows {
            release(row)
            scheduler.putOff(row, until: until)
        }
    }

    /// The outcome is stored: the lane goes on.
    mutating func concluded(_ conclusion: OutboxStore.Conclusion, _ now: Timestamp, _ uptime: Duration) {
        release(conclusion.row)
        guard conclusion.state == .waiting, let retryAt = conclusion.retryAt else {
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
