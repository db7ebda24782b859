import Blocking
import Dispatch
package import Limits

/// With `ACK=stored`: holds answers back until the event is in MongoDB, or until a sender would give up.
package final class StoredWaiter: Sendable {
    /// Called once: `true` when the event is stored, `false` when that took too long (it stays queued).
    package typealias Completion = @Sendable (_ isStored: Bool) -> Void

    private struct State {
        var waiting: [Int64: Completion] = [:]
        /// In order of registration, which is the order of their deadlines; answered ones leave when it is their turn.
        var deadlines: [(sequence: Int64, at: DispatchTime)] = []
        var isTimerSet = false
        /// Stored before they were registered: a worker can be faster than the thread that registers.
        var early: Set<Int64> = []
        var earlyOrder: [Int64] = []
    }

    private let patience: DispatchTimeInterval
    private let earlyMost: Int
    private let state = Locked(State())

    package init(limits: Limits.Ingest) {
        patience = .seconds(limits.storedAckSeconds)
        earlyMost = limits.storedEarly
    }

    /// Calls `completion` when `sequence` is stored, at once if it is already.
    package func register(_ sequence: Int64, completion: @escaping Completion) {
        let isStored = state.withLock { state in
            if state.early.remove(sequence) != nil { return true }
            state.waiting[sequence] = completion
            state.deadlines.append((sequence, .now() + patience))
            setTimer(&state)
            return false
        }
        if isStored { completion(true) }
    }

    /// These events are in MongoDB, as history or as dead letters.
    package func stored(_ sequences: [Int64]) {
        let completions = state.withLock { state in
            sequences.compactMap { sequence in
                if let completion = state.waiting.removeValue(forKey: sequence) { return completion }
                remember(sequence, in: &state)
                return nil
            }
        }
        for completion in completions { completion(true) }
    }

    private func remember(_ sequence: Int64, in state: inout State) {
        guard state.early.insert(sequence).inserted else { return }
        state.earlyOrder.append(sequence)
        guard state.earlyOrder.count > earlyMost else { return }
        // In one go, so that each costs next to nothing: what nobody asked for by now was queued before a restart.
        for old in state.earlyOrder.prefix(earlyMost / 2) { state.early.remove(old) }
        state.earlyOrder.removeFirst(earlyMost / 2)
    }

    // MARK: Patience

    private func setTimer(_ state: inout State) {
        guard !state.isTimerSet, let first = state.deadlines.first else { return }
        state.isTimerSet = true
        DispatchQueue.global().asyncAfter(deadline: first.at) { [weak self] in self?.expire() }
    }

    private func expire() {
        let now = DispatchTime.now()
        let completions = state.withLock { state in
            let end = state.deadlines.firstIndex { $0.at > now } ?? state.deadlines.count
            let expired = state.deadlines[..<end].compactMap { state.waiting.removeValue(forKey: $0.sequence) }
            // Answered ones behind them need no timer either.
            let next = state.deadlines[end...].firstIndex { state.waiting[$0.sequence] != nil }
            state.deadlines.removeFirst(next ?? state.deadlines.count)
            state.isTimerSet = false
            setTimer(&state)
            return expired
        }
        for completion in completions { completion(false) }
    }
}
