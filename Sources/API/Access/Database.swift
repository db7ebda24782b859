import Blocking
import History
import Limits
import MongoDB
import Synchronization

/// The way to MongoDB: so many requests at once, so many waiting, and nobody waiting for what is known to be gone.
final class Database: Sendable {
    private let history: HistoryHandle
    private let limits: Limits
    private let pool: BlockingPool
    /// Writers that met another one go on one after another, so that they do not meet each other again.
    private let oneByOne = BlockingPool(label: "api.again", threads: 1)
    /// Requests that wait or are being answered.
    private let open = Atomic(0)
    /// When MongoDB was last found to be out of reach, and how.
    private let failure = Locked<(at: ContinuousClock.Instant, error: HistoryError)?>(nil)
    private let opening = Locked(())

    init(history: HistoryHandle, limits: Limits) {
        (self.history, self.limits) = (history, limits)
        pool = BlockingPool(label: "api.mongodb", threads: limits.query.concurrent)
    }

    /// Runs `work`, which blocks, on a thread of its own, opening the history first if need be.
    ///
    /// - Throws: ``Problem`` when too many wait, ``HistoryError`` for MongoDB's failures.
    func run<Value: Sendable>(
        _ work: @escaping @Sendable (HistoryQueries) throws(MongoError) -> Value
    ) async throws -> Value {
        try await run(on: pool, work)
    }

    private func run<Value: Sendable>(
        on pool: BlockingPool,
        _ work: @escaping @Sendable (HistoryQueries) throws(MongoError) -> Value
    ) async throws -> Value {
        let ahead = open.add(1, ordering: .relaxed).oldValue
        defer { open.subtract(1, ordering: .relaxed) }
        guard ahead < limits.query.concurrent + limits.api.waiting else {
            throw Problem.unavailable(
                "Too many requests are waiting for MongoDB.",
                retryAfter: limits.api.retryAfterSeconds
            )
        }
        return try await pool.run { [self] () throws(HistoryError) in try attempt(work) }
    }

    /// As ``run(_:)``, again when another writer was faster: for what may be repeated.
    func runRepeating<Value: Sendable>(
        _ work: @escaping @Sendable (HistoryQueries) throws(MongoError) -> Value
    ) async throws -> Value {
        var (delay, pool) = (Duration.milliseconds(limits.api.writeRetryMilliseconds), pool)
        for _ in 1..<limits.api.writeAttempts {
            do {
                return try await run(on: pool, work)
            } catch let error as HistoryError {
                guard case .mongo(let cause) = error, cause.asksForRepetition else { throw error }
            }
            try await Task.sleep(for: delay)
            delay *= 2
            pool = oneByOne
        }
        return try await run(on: pool, work)
    }

    /// Runs what blocks on something other than MongoDB, such as the queue's disk.
    func runBlocking<Value: Sendable, Failure: Error>(
        _ work: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await pool.run(work)
    }

    private func attempt<Value>(
        _ work: (HistoryQueries) throws(MongoError) -> Value
    ) throws(HistoryError) -> Value {
        if let failure = recentFailure { throw failure }
        do throws(HistoryError) {
            let queries = HistoryQueries(try opened(), limits: limits.query)
            let value: Value
            do throws(MongoError) { value = try work(queries) } catch { throw .mongo(error) }
            history.note(isReachable: true)
            return value
        } catch {
            note(error)
            throw error
        }
    }

    /// Opens the history once, however many ask at the start: a second attempt would meet what the first writes.
    private func opened() throws(HistoryError) -> HistoryStore {
        if let store = history.store { return store }
        return try opening.withLock { _ throws(HistoryError) in
            if let failure = recentFailure { throw failure }
            do throws(HistoryError) {
                return try history.opened()
            } catch {
                note(error)
                throw error
            }
        }
    }

    /// Finding out that a server is gone takes seconds, which those who come shortly after are spared.
    private var recentFailure: HistoryError? {
        guard let failure = failure.withLock({ $0 }) else { return nil }
        let age = failure.at.duration(to: .now)
        return age < .seconds(limits.api.retryAfterSeconds) ? failure.error : nil
    }

    private func note(_ error: HistoryError) {
        guard case .mongo(let cause) = error, cause.kind == .unreachable || cause.kind == .notPrimary else { return }
        history.note(isReachable: false)
        failure.withLock { $0 = (.now, error) }
    }
}
