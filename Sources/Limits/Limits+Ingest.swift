extension Limits {
    /// The webhook receiver.
    package struct Ingest: Sendable, Equatable {
        /// A delivery's body as sent, in bytes (`WEBHOOK_BODY_BYTES`); events with 50 members reach tens of kilobytes.
        package var bodyBytes = 4_194_304
        /// A delivery's body after inflating, in bytes (`WEBHOOK_INFLATED_BYTES`); inflating stops here.
        package var inflatedBytes = 8_388_608
        /// Rejected deliveries remembered for listing.
        package var rejectionsKept = 200
        /// Rejected deliveries examined for their cause each second, so that an attack does not buy work.
        package var examinationsPerSecond = 10
        /// A body examined for what a proxy may have done to it, in bytes; of a larger one only the headers are.
        package var examinedBytes = 262_144
        /// What a sender is told to wait when we are full or broken, in seconds (`Retry-After`).
        package var retryAfterSeconds = 2
        /// With `ACK=stored`: how long an answer waits for MongoDB, in seconds; the provider gives up after 6.
        package var storedAckSeconds = 5
        /// With `ACK=stored`: events remembered that MongoDB had before their answer asked for it.
        package var storedEarly = 16_384
        package init() {}
    }
}
