import Blocking
import Chat

/// So many in each second, and no more.
final class Allowance: Sendable {
    private struct State {
        var second: Int64 = .min
        var used = 0
    }

    private let perSecond: Int
    private let state = Locked(State())

    init(perSecond: Int) { self.perSecond = perSecond }

    /// Whether there is one left in the second of `now`; uses it up.
    func use(at now: Timestamp) -> Bool {
        let second = now.milliseconds / 1_000
        return state.withLock { state in
            if state.second != second { state = State(second: second) }
            guard state.used < perSecond else { return false }
            state.used += 1
            return true
        }
    }
}
