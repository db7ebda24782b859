import Blocking

/// Wakes one who waits, at once or when it next waits.
final class Bell: Sendable {
    private struct State {
        var isRung = false
        var isUrgent = false
        var waiting: CheckedContinuation<Void, Never>?
        /// Which wait the timer belongs to.
        var number = 0
    }

    private let state = Locked(State())

    /// Whether it was rung urgently since this was last asked.
    var isUrgent: Bool {
        state.withLock { state in
            defer { state.isUrgent = false }
            return state.isUrgent
        }
    }

    func ring(urgent: Bool) {
        let waiting = state.withLock { state in
            state.isUrgent = state.isUrgent || urgent
            guard let waiting = state.waiting else {
                state.isRung = true
                return nil as CheckedContinuation<Void, Never>?
            }
            state.waiting = nil
            return waiting
        }
        waiting?.resume()
    }

    /// Returns when it rings, when the time is over, or when the task is cancelled.
    func wait(atMost time: Duration) async {
        let number = state.withLock { state in
            state.number += 1
            return state.number
        }
        let timer = Task {
            try? await Task.sleep(for: time)
            self.end(number)
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard !state.isRung, !Task.isCancelled else {
                        state.isRung = false
                        return true
                    }
                    state.waiting = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            self.end(number)
        }
        timer.cancel()
    }

    private func end(_ number: Int) {
        let waiting = state.withLock { state in
            guard state.number == number else { return nil as CheckedContinuation<Void, Never>? }
            // The time may be over before the wait has begun.
            state.isRung = state.waiting == nil
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }
}
