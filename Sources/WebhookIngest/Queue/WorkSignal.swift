import Blocking
import Dispatch

/// Wakes the tasks that wait for work.
final class WorkSignal: Sendable {
    enum Look {
        case work
        /// Nothing now; look again at the next notification, or after this time if there is one.
        case wait(atMost: Duration?)
    }

    private struct State {
        /// Counts notifications, so that one between looking and waiting is not missed.
        var generation = 0
        var nextID = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Locked(State())

    func notify() {
        let waiters = state.withLock { state in
            state.generation += 1
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }

    /// Returns once `look` finds work, or when the task is cancelled.
    func wait(until look: () -> Look) async {
        while !Task.isCancelled {
            let generation = state.withLock { $0.generation }
            guard case .wait(let longest) = look() else { return }
            await suspend(since: generation, for: longest)
        }
    }

    private func suspend(since generation: Int, for longest: Duration?) async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isLate = state.withLock { state in
                    guard state.generation == generation, !Task.isCancelled else { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isLate { return continuation.resume() }
                // Not before there is someone to wake. One that outlives its waiter wakes nobody: each has a number of its own.
                if let longest { after(longest) { [self] in wake(id) } }
            }
        } onCancel: {
            wake(id)
        }
    }

    private func wake(_ id: Int) {
        state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
    }

    private func after(_ delay: Duration, _ action: @escaping @Sendable () -> Void) {
        let (seconds, attoseconds) = delay.components
        let nanoseconds = max(seconds, 0) * 1_000_000_000 + max(attoseconds, 0) / 1_000_000_000
        DispatchQueue.global().asyncAfter(
            deadline: .now() + .nanoseconds(Int(clamping: nanoseconds)),
            execute: action
        )
    }
}
