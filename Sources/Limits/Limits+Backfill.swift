extension Limits {
    /// Reading back from the provider what webhooks have not brought.
    package struct Backfill: Sendable, Equatable {
        /// Without an event for longer than this, what came meanwhile is read back, in seconds
        /// (`BACKFILL_AFTER_GAP_SECONDS`); 0 is never.
        package var afterGapSeconds = 0
        /// How long after it happened something may still come by webhook, in seconds (`BACKFILL_SETTLE_SECONDS`): the
        /// provider repeats itself within 15 s.
        package var settleSeconds = 30
        /// How far a back-fill after a gap reaches before the gap, in seconds.
        package var overlapSeconds = 60
        /// How often to look whether there is a gap, in seconds.
        package var pollSeconds = 1
        /// Wait after a back-fill by itself that failed, in seconds.
        package var retrySeconds = 30
        /// A back-fill that has not moved for this long may be taken over by another node, in seconds.
        package var leaseSeconds = 300
        /// How long after its beginning an interrupted one may be gone on with, in seconds.
        package var resumeSeconds: Int64 = 86_400
        /// Calls of one page that the provider did not answer, or transactions that MongoDB did not take, until it ends.
        package var attempts = 8
        /// First and longest wait between them, in milliseconds.
        package var retryFloorMilliseconds = 250
        package var retryCeilingMilliseconds = 30_000
        package init() {}
    }
}
