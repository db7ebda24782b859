package import Chat
import Glibc

/// The two times a queue needs, as parameters so that tests can set them.
package struct QueueClock: Sendable {
    /// The time of day.
    package var now: @Sendable () -> Timestamp
    /// Time since some fixed moment, unmoved by changes of the time of day.
    package var uptime: @Sendable () -> Duration

    package init(now: @escaping @Sendable () -> Timestamp, uptime: @escaping @Sendable () -> Duration) {
        self.now = now
        self.uptime = uptime
    }

    package static let system = QueueClock(
        now: { Timestamp(nanoseconds: Self.read(CLOCK_REALTIME)) },
        uptime: { .nanoseconds(Self.read(CLOCK_MONOTONIC)) }
    )

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
