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
    /// Why it is open.
    package private(set) var reason: String?
    private let limits: Limits.Outbox
    private var failures = 0

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
        (state, failures, reason) = (.closed, 0, nil)
    }

    /// No answer, or one that says that the destination is not well.
    ///
    /// - Parameter isFinal: no other call would fare better, as with a wrong secret: one failure is enough.
    package mutating func fail(_ reason: String, isFinal: Bool = false, at uptime: Duration) {
        // Calls that were under way when it opened say nothing new, however many they are.
        if case .open = state, !isFinal { return }
        failures += 1
        guard isFinal || failures >= limits.circuitFailures else { return }
        self.reason = reason
        let doublings = min(failures - (isFinal ? 1 : limits.circuitFailures), 16)
        let pause = min(limits.circuitFloorMilliseconds << doublings, limits.circuitCeilingMilliseconds)
        state = .open(until: uptime + .milliseconds(isFinal ? limits.circuitCeilingMilliseconds : pause))
    }
}
