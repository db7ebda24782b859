import Chat
import Provider
import TestSupport

/// The provider's limit of one endpoint, in virtual time: windows of a minute, and a thirtieth of the limit a second.
struct SimulatedProvider {
    let limit: Int
    /// Its minutes begin this much after ours.
    let phase: Int64
    private(set) var accepted: [Int64: Int] = [:]
    private(set) var refused = 0
    private(set) var total = 0
    private var inSecond: [Int64: Int] = [:]

    init(limit: Int, phase: Int64) { (self.limit, self.phase) = (limit, phase) }

    /// Answers a call that arrives at `time`, in nanoseconds.
    mutating func answer(at time: Int64, counted: Bool = true) -> RateLimitReading {
        let clock = time - phase + 60_000_000_000
        let (minute, second) = (clock / 60_000_000_000, clock / 1_000_000_000)
        let used = accepted[minute, default: 0]
        let isRefused = used >= limit || inSecond[second, default: 0] >= max(1, limit / 30)
        if counted { total += 1 }
        if isRefused {
            if counted { refused += 1 }
        } else {
            accepted[minute] = used + 1
            inSecond[second, default: 0] += 1
        }
        let reset = (minute + 1) * 60 - second
        return RateLimitReading(
            limit: limit,
            remaining: limit - accepted[minute, default: 0],
            resetsIn: .seconds(reset),
            isRefusal: isRefused
        )
    }
}

/// Nodes that have more to send than they may, with calls under way for up to `latencyMost`.
struct SimulatedNodes {
    private enum Step { case ask(node: Int), arrive(node: Int), learn(node: Int, RateLimitReading), stranger }

    private var budgets: [RateBudget]
    /// Callers of each node that wait; of all of them one asks.
    private var waiting: [Int]
    private var isAsking: [Bool]
    private var steps: [(time: Int64, order: Int, step: Step)] = []
    private var order = 0
    private var random: SeededRandom
    private let latencyMost: Int64
    private let strangerPause: Int64?
    var provider: SimulatedProvider

    /// - Parameter stranger: calls a minute of somebody who uses the same limit and knows nothing of it.
    init(
        _ count: Int,
        callers: Int,
        latencyMilliseconds: Int64,
        stranger: Int64 = 0,
        provider: SimulatedProvider,
        random: SeededRandom
    ) {
        budgets = (0..<count).map { _ in RateBudget() }
        latencyMost = latencyMilliseconds * 1_000_000
        strangerPause = stranger > 0 ? 60_000_000_000 / stranger : nil
        self.provider = provider
        self.random = random
        waiting = Array(repeating: callers, count: count)
        isAsking = Array(repeating: true, count: count)
        for node in 0..<count { schedule(.ask(node: node), at: 0) }
        if stranger > 0 { schedule(.stranger, at: 0) }
    }

    mutating func run(minutes: Int64) {
        while let next = steps.first, next.time < minutes * 60_000_000_000 {
            removeFirst()
            perform(next.step, at: next.time)
        }
    }

    private mutating func perform(_ step: Step, at time: Int64) {
        switch step {
        case .ask(let node): ask(node, at: time)
        case .arrive(let node):
            let reading = provider.answer(at: time)
            schedule(.learn(node: node, reading), at: time + latency())
        case .learn(let node, let reading):
            budgets[node].learn(.sendMessage, reading, at: Timestamp(nanoseconds: time))
            waiting[node] += 1
            if !isAsking[node] { ask(node, at: time) }
        case .stranger:
            _ = provider.answer(at: time, counted: false)
            if let strangerPause { schedule(.stranger, at: time + strangerPause) }
        }
    }

    private mutating func ask(_ node: Int, at time: Int64) {
        isAsking[node] = false
        while waiting[node] > 0 {
            switch budgets[node].admit(.sendMessage, at: Timestamp(nanoseconds: time)) {
            case .admitted:
                waiting[node] -= 1
                schedule(.arrive(node: node), at: time + latency())
            case .wait(let duration):
                isAsking[node] = true
                return schedule(.ask(node: node), at: time + max(1, Int64(duration / .nanoseconds(1))))
            }
        }
    }

    private mutating func latency() -> Int64 { Int64.random(in: 1_000_000...latencyMost / 2, using: &random) }

    // A binary heap by time, then by order of scheduling.

    private mutating func schedule(_ step: Step, at time: Int64) {
        order += 1
        steps.append((time, order, step))
        var child = steps.count - 1
        while child > 0, isBefore(child, (child - 1) / 2) {
            steps.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func removeFirst() {
        steps.swapAt(0, steps.count - 1)
        steps.removeLast()
        var parent = 0
        while true {
            let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < steps.count }
            guard let least = children.min(by: isBefore), isBefore(least, parent) else { return }
            steps.swapAt(parent, least)
            parent = least
        }
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (steps[left].time, steps[left].order) < (steps[right].time, steps[right].order)
    }
}
