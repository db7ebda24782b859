extension Limits {
    /// `ALERT_WEBHOOK_URL`.
    package struct Alert: Sendable, Equatable {
        /// MongoDB unreachable for this long, in seconds.
        package var mongoDownSeconds = 120
        /// Share of the queue's limit in use.
        package var queueShare = 0.5
        /// Rejections within a minute.
        package var rejectionsPerMinute = 30
        /// No event for this long although events came before, in seconds (`ALERT_SILENCE_SECONDS`).
        package var silenceSeconds = 3_600
        /// A destination of effects left alone for this long, in seconds.
        package var destinationStoppedSeconds = 60
        /// The same alert again no sooner than this, in seconds.
        package var repeatSeconds = 900
        package init() {}
    }
}
