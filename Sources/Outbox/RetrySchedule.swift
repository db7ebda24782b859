package import Limits

/// When an effect is tried again, and when no more: exponential waits with full jitter between a floor and a ceiling.
package struct RetrySchedule: Sendable {
    private let limits: Limits.Outbox

    package init(_ limits: Limits.Outbox) { self.limits = limits }

    /// The wait after a failure.
    ///
    /// - Parameters:
    ///   - failures: so far, this one included.
    ///   - asked: what the destination asked for, which is the least.
    ///   - random: picks from a range.
    package func delay(failures: Int, asked: Duration?, random: (ClosedRange<Int>) -> Int) -> Duration {
        let longest = min(
            limits.retryCeilingMilliseconds,
            limits.retryFloorMilliseconds << min(max(failures - 1, 0), 20)
        )
        let drawn = Duration.milliseconds(random(limits.retryFloorMilliseconds / 2...longest))
        let most = Duration.seconds(limits.retryAfterMostSeconds)
        return max(drawn, min(asked ?? .zero, most))
    }

    /// Whether so many failures are enough.
    package func isExhausted(failures: Int) -> Bool { failures >= limits.attempts }
}
