package import Limits

/// Stops calling a destination that keeps failing, and probes it: a value, told of times and results.
package struct Circuit: Sendable, Equatable {
    package enum State: Sendable, Equatable {
        case closed
        /// No call before `until`; then one.
        case open(until: Duration)
        /// One call is under way to see.
        case probing
    }

    package private(set) var state = State.closed
    /// Why it is not closed.
    package private(set) var reason: String?
    /// Answers of a destination that is well, so far.
    package private(set) var successes = 0
    private let limits: Limits.Outbox
    /// In a row, those that say that our settings are wrong aside.
    private var failures = 0
    /// In a row, that say so.
    private var finals = 0

    package init(_ limits: Limits.Outbox) { self.limits = limits }

    /// Calls allowed now.
    ///
    /// - Parameters:
    ///   - most: what a closed circuit allows.
    ///   - uptime: monotonic time, the same clock at each call.
    package func allowed(_ most: Int, at uptime: Duration) -> Int {
        switch state {
        case .closed: most
        case .open(let until): uptime >= until ? 1 : 0
        case .probing: 0
        }
    }

    /// When a call is allowed again; `nil` if it is, or if one is under way.
    package var opensAt: Duration? { if case .open(let until) = state { until } else { nil } }
    package var isClosed: Bool { state == .closed }

    /// A call begins.
    package mutating func begin() { if case .open = state { state = .probing } }

    /// The destination answered, even if it refused one effect.
    package mutating func succeed() {
        (state, failures, finals, reason) = (.closed, 0, 0, nil)
        successes += 1
    }

    /// No answer, or one that says that the destination is not well.
    ///
    /// - Parameter asked: the destination's own wish to be left alone for so long.
    package mutating func fail(_ reason: String, asked: Duration? = nil, at uptime: Duration) {
        // Calls that were under way when it opened say nothing new, however many they are.
        if case .open = state, asked == nil { return }
        failures += 1
        guard state == .probing || asked != nil || failures >= limits.circuitFailures else { return }
        let doublings = min(max(failures - limits.circuitFailures, 0), 16)
        let pause = min(limits.circuitFloorMilliseconds << doublings, limits.circuitCeilingMilliseconds)
        open(max(.milliseconds(pause), min(asked ?? .zero, .seconds(limits.retryAfterMostSeconds))), reason, uptime)
    }

    /// An answer that says that no call will fare better, as with a wrong secret.
    ///
    /// The first is looked into soon, by another effect: perhaps it is this one alone.
    package mutating func stop(_ reason: String, at uptime: Duration) {
        finals += 1
        let pause = finals > 1 ? limits.circuitCeilingMilliseconds : limits.circuitFloorMilliseconds
        open(.milliseconds(pause), reason, uptime)
    }

    /// A call ended without an answer, good or bad: another may look.
    package mutating func learnNothing(at uptime: Duration) { if state == .probing { state = .open(until: uptime) } }

    private mutating func open(_ pause: Duration, _ reason: String, _ uptime: Duration) {
        self.reason = reason
        state = .open(until: max(uptime + pause, opensAt ?? .zero))
    }
}
