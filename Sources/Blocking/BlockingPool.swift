import Foundation

/// A bounded number of threads for calls that block; further callers wait their turn, in order, without holding a thread.
///
/// Threads of its own, started when they are first needed: libdispatch's are few, shared by all, and on Linux another is
/// added only about a second after those there are were found blocked.
package final class BlockingPool: Sendable {
    private let crew: Crew

    package init(label: String, threads: Int) { crew = Crew(label: label, most: threads) }

    deinit { crew.stop() }

    /// Runs `work` on a thread of the pool.
    ///
    /// Cancellation does not interrupt it: give every call inside a time limit.
    package func run<Value: Sendable, Failure: Error>(
        _ work: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await withCheckedContinuation { continuation in
            crew.add { continuation.resume(returning: Result { () throws(Failure) in try work() }) }
        }.get()
    }
}

/// The threads and what waits for one; the threads keep this alive, not the pool.
///
/// `@unchecked Sendable`: everything is touched with the condition's lock held.
private final class Crew: @unchecked Sendable {
    private let label: String
    private let most: Int
    private let condition = NSCondition()
    private var jobs: [@Sendable () -> Void] = []
    private var started = 0
    private var idle = 0
    private var isStopped = false

    init(label: String, most: Int) { (self.label, self.most) = (label, most) }

    func add(_ job: @escaping @Sendable () -> Void) {
        condition.withLock {
            jobs.append(job)
            if jobs.count > idle, started < most { start() }
            condition.signal()
        }
    }

    /// The threads end once nothing waits.
    func stop() {
        condition.withLock {
            isStopped = true
            condition.broadcast()
        }
    }

    private func start() {
        started += 1
        Thread.start(label: label) { while let job = self.next() { job() } }
    }

    private func next() -> (@Sendable () -> Void)? {
        condition.withLock {
            idle += 1
            defer { idle -= 1 }
            while jobs.isEmpty, !isStopped { condition.wait() }
            return jobs.isEmpty ? nil : jobs.removeFirst()
        }
    }
}
