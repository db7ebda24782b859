import Limits

/// Tells when storing should let a burst of deliveries pass.
///
/// While events come faster than they could be stored anyway, they have to wait in the queue; accepting them with the
/// whole machine answers the provider sooner and costs nothing in the end. Only for a bounded time, so that what is
/// stored does not fall behind for good.
struct BurstGauge {
    /// Too little time to tell a rate by.
    private static let shortest = Duration.milliseconds(40)

    private let limits: Limits.Worker
    private var last: (time: Duration, count: Int64)?
    private var began: Duration?

    init(limits: Limits.Worker) { self.limits = limits }

    /// - Parameters:
    ///   - count: deliveries accepted since the start.
    ///   - time: on a clock that never jumps.
    mutating func shouldWait(count: Int64, at time: Duration) -> Bool {
        if let last {
            let elapsed = time - last.time
            guard elapsed >= Self.shortest else { return isWaiting(at: time) }
            let isBurst = Double(count - last.count) > Double(limits.burstEventsPerSecond) * (elapsed / .seconds(1))
            began = isBurst ? began ?? time : nil
        }
        last = (time, count)
        return isWaiting(at: time)
    }

    private func isWaiting(at time: Duration) -> Bool {
        began.map { time - $0 < .seconds(limits.burstSeconds) } ?? false
    }
}
