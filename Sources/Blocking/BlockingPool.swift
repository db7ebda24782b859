import Dispatch
import Synchronization

/// A bounded number of threads for calls that block; further callers wait their turn without holding a thread.
package final class BlockingPool: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
        var firstWaiting = 0
    }

    private let queue: DispatchQueue
    private let state: Mutex<State>

    package init(label: String, threads: Int) {
        queue = DispatchQueue(label: label, attributes: .concurrent)
        state = Mutex(State(free: threads))
    }

    /// Runs `work` on a thread of the pool.
    ///
    /// Cancellation does not interrupt it: give every call inside a time limit.
    package func run<Value: Sendable, Failure: Error>(
        _ work: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        await acquire()
        defer { release() }
        return try await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(returning: Result { () throws(Failure) in try work() })
            }
        }.get()
    }

    private func acquire() async {
        await withCheckedContinuation { continuation in
            let mayRun = state.withLock { state in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if mayRun { continuation.resume() }
        }
    }

    private func release() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.firstWaiting < state.waiting.count else {
                state.waiting.removeAll(keepingCapacity: true)
                state.firstWaiting = 0
                state.free += 1
                return nil
            }
            defer { state.firstWaiting += 1 }
            return state.waiting[state.firstWaiting]
        }
        next?.resume()
    }
}
