import Limits

/// Exponential waits with full jitter between a floor and a ceiling.
struct Backoff {
    private let limits: Limits.Worker
    private var attempt = 0

    init(_ limits: Limits.Worker) { self.limits = limits }

    mutating func next() -> Duration {
        defer { attempt += 1 }
        let longest = Self.milliseconds(attempt: attempt, limits)
        return .milliseconds(Int.random(in: (limits.retryFloorMilliseconds / 2)...longest))
    }

    /// 50 ms, 100 ms, 200 ms … 5 s with the default limits.
    static func delay(attempt: Int, _ limits: Limits.Worker) -> Duration {
        .milliseconds(milliseconds(attempt: attempt, limits))
    }

    private static func milliseconds(attempt: Int, _ limits: Limits.Worker) -> Int {
        min(limits.retryCeilingMilliseconds, limits.retryFloorMilliseconds << min(attempt, 16))
    }
}
