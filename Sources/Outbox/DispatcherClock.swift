package import Chat

/// Times and chance, as parameters so that tests can set them.
package struct DispatcherClock: Sendable {
    /// The time of day.
    package var now: @Sendable () -> Timestamp
    /// Time since some fixed moment, unmoved by changes of the time of day.
    package var uptime: @Sendable () -> Duration
    package var random: @Sendable (ClosedRange<Int>) -> Int

    package init(
        now: @escaping @Sendable () -> Timestamp,
        uptime: @escaping @Sendable () -> Duration,
        random: @escaping @Sendable (ClosedRange<Int>) -> Int = { Int.random(in: $0) }
    ) {
        (self.now, self.uptime, self.random) = (now, uptime, random)
    }
}
