import Analytics
import Blocking
import Chat
import Foundation
import History
import Limits
import MongoDB
import Telemetry
import TestSupport
import Testing

@testable import Outbox

/// An outbox in a database of its own, with dispatchers to run on it.
final class OutboxUnderTest: Sendable {
    let history: HistoryHandle
    let limits: Limits.Outbox
    let order = WriteOrder()
    let health = DestinationHealth()
    let database: String

    init(_ pool: MongoPool, _ database: String, limits: Limits.Outbox = .forTests) throws {
        self.database = database
        self.limits = limits
        history = HistoryHandle { () throws(HistoryError) in
            guard let patterns = try? ContextPatterns() else { throw .noReplicaSet }
            return try HistoryStore.open(
                pool: pool,
                database: database,
                app: AppIdentity(id: nil, apiKeys: ["k"]),
                patterns: patterns,
                weights: EngagementWeights()
            )
        }
        _ = try history.opened()
    }

    var store: OutboxStore {
        get throws { OutboxStore(try history.opened(), limits: limits) }
    }

    func dispatcher(_ performer: some EffectPerformer, node: String = "a") -> Dispatcher {
        Dispatcher(
            history: history,
            performers: [.provider: performer],
            node: node,
            effects: EffectSwitch(configured: .on),
            limits: limits,
            order: order,
            health: health,
            log: .none,
            metrics: Metrics(),
            clock: .system
        )
    }

    func write(_ effects: [Effect], mode: EffectMode = .on) async throws -> Int {
        try await blocking { [self] in
            try store.write(effects, mode: mode, order: order, at: DispatcherClock.system.now())
        }
    }

    func states() async throws -> [String: EffectState] {
        try await blocking { [self] in
            var result: [String: EffectState] = [:]
            try store.find(BSONDocument(), sort: nil, limit: 100_000) { document in
                if let row = OutboxRow(document) { result[row.key.description] = row.state }
            }
            return result
        }
    }

    /// Who holds a shard, or a node's heartbeat.
    struct Lease: Sendable {
        /// By the server's clock, in milliseconds.
        let until: Int64
        let owner: String?
        let token: Int64?
    }

    /// - Parameter id: a shard's number, or `node/` and a name.
    func lease(_ id: String) async throws -> Lease? {
        try await blocking { [self] in
            var found: Lease?
            let history = try history.opened()
            try history.pool.withConnection { connection throws(MongoError) in
                try connection.find(Collection.outboxLeases.rawValue, BSONDocument(), in: database) {
                    (document: BSONDocument) throws(MongoError) in
                    let name = document.string("_id") ?? document.int64("_id").map { "\($0)" }
                    guard name == id, let until = document.date("until") else { return true }
                    found = Lease(until: until, owner: document.string("owner"), token: document.int64("token"))
                    return false
                }
            }
            return found
        }
    }

    /// The same once it is so.
    func lease(_ id: String, when isSo: (Lease) -> Bool) async throws -> Lease {
        var found: Lease?
        try await eventually {
            found = try await lease(id)
            return found.map(isSo) ?? false
        }
        return try #require(found)
    }

    func document(_ effect: Effect) async throws -> BSONDocument {
        guard let document = try await blocking({ [self] in try store.effect(effect.key) }) else {
            throw TestFailure("no such effect")
        }
        return document
    }
}

extension DispatcherClock {
    static let system = DispatcherClock(
        now: { Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1_000_000) * 1_000) },
        uptime: { ContinuousClock.now - Self.start }
    )
    private static let start = ContinuousClock.now
}

extension Limits.Outbox {
    static var forTests: Limits.Outbox {
        var limits = Limits.Outbox()
        (limits.pollMilliseconds, limits.rescanMilliseconds) = (50, 200)
        (limits.retryFloorMilliseconds, limits.retryCeilingMilliseconds) = (10, 50)
        (limits.circuitFloorMilliseconds, limits.circuitCeilingMilliseconds) = (20, 100)
        (limits.leaseSeconds, limits.renewSeconds) = (3, 1)
        return limits
    }
}

extension Effect {
    static func sample(
        _ number: Int,
        lane: String = "messaging:x",
        action: String = "message.delete",
        maximumAge: Duration? = nil,
        eventTime: Timestamp? = nil,
        notBefore: Timestamp? = nil
    ) -> Effect {
        Effect(
            key: EffectKey(entity: "m\(number)", version: "1", cause: "test", action: action),
            destination: .provider,
            lane: lane,
            action: action,
            payload: "{\"n\":\(number)}",
            cause: Cause(.call, "test"),
            eventTime: eventTime ?? DispatcherClock.system.now(),
            maximumAge: maximumAge,
            notBefore: notBefore
        )
    }
}

/// Notes what it is told to perform, and answers as a test says.
final class RecordingPerformer: EffectPerformer {
    private struct State {
        var performed: [PendingEffect] = []
        var waiting = Waiting()
        var waitingForBeginnings = Waiting()
    }

    /// Who waits until so many effects were told of.
    private struct Waiting {
        private var all: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

        mutating func add(_ count: Int, _ continuation: CheckedContinuation<Void, Never>) {
            all.append((count, continuation))
        }

        mutating func wake(at count: Int) {
            for waiting in all where waiting.count <= count { waiting.continuation.resume() }
            all.removeAll { $0.count <= count }
        }
    }

    private let state = Locked(State())
    private let batch: Int
    private let answer: @Sendable (PendingEffect, Int) async -> EffectOutcome

    /// - Parameter answer: is told how many times the effect has been performed before.
    init(
        batch: Int = 1,
        answer: @escaping @Sendable (PendingEffect, Int) async -> EffectOutcome = { _, _ in .done(answer: "ok") }
    ) {
        (self.batch, self.answer) = (batch, answer)
    }

    func batchSize(for action: String) -> Int { batch }

    var performed: [PendingEffect] { state.withLock { $0.performed } }

    func perform(_ effects: [PendingEffect]) async -> [EffectOutcome] {
        var outcomes: [EffectOutcome] = []
        for effect in effects {
            let before = state.withLock { state in
                defer { state.waitingForBeginnings.wake(at: state.performed.count) }
                let before = state.performed.count { $0.key == effect.key }
                state.performed.append(effect)
                return before
            }
            outcomes.append(await answer(effect, before))
        }
        state.withLock { $0.waiting.wake(at: $0.performed.count) }
        return outcomes
    }

    /// Returns once so many effects have begun to be performed, of which some may go on for as long as they like.
    func waitForBeginnings(_ count: Int) async { await wait(count, \.waitingForBeginnings) }

    /// Returns once so many effects were performed, repetitions included.
    func waitFor(_ count: Int) async { await wait(count, \.waiting) }

    private func wait(_ count: Int, _ list: any WritableKeyPath<State, Waiting> & Sendable) async {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                state[keyPath: list].add(count, continuation)
                // `performed` counts from the beginning on: whoever asks later than that is not kept waiting.
                state[keyPath: list].wake(at: state.performed.count)
            }
        }
    }
}

/// Runs `body` with a dispatcher at work, and waits for its end.
func withRunning<R: Sendable>(_ dispatchers: Dispatcher..., body: () async throws -> R) async throws -> R {
    let running = dispatchers.map { dispatcher in Task { await dispatcher.run() } }
    let result: Result<R, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    for task in running {
        task.cancel()
        await task.value
    }
    return try result.get()
}

func withOutbox<R: Sendable>(
    limits: Limits.Outbox = .forTests,
    _ body: @Sendable (OutboxUnderTest) async throws -> R
) async throws -> R {
    let database = freshDatabaseName()
    let pool = try sharedMongoPool()
    let outbox = try await blocking { try OutboxUnderTest(pool, database, limits: limits) }
    let result: Result<R, any Error>
    do { result = .success(try await body(outbox)) } catch { result = .failure(error) }
    try await blocking { try dropDatabase(database, in: pool) }
    return try result.get()
}

/// Holds whoever waits until it is opened.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Locked(State())

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
