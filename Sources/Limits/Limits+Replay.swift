extension Limits {
    /// The `replay` command.
    package struct Replay: Sendable, Equatable {
        /// Connections one may ask for (`--connections`).
        package var connections = 4_096
        /// Events one may ask for (`--generate`).
        package var events = 1_000_000_000
        /// One event's body, in bytes: more than the receiver takes, so that its refusal can be tried.
        package var bodyBytes = 16_777_216
        /// Files of one folder.
        package var files = 100_000
        /// Bodies held back to be sent a second time.
        package var duplicatesHeld = 256
        /// A response's status line and headers, in bytes.
        package var responseHeaderBytes = 16_384
        /// Kept of a refusal's body to show one example, in bytes.
        package var refusalBytes = 512
        /// First and longest wait before an event is sent again, in milliseconds.
        package var retryFloorMilliseconds = 100
        package var retryCeilingMilliseconds = 2_000
        /// How long a replay waits for its first connection, in seconds.
        package var connectSeconds = 3
        /// Without any answer for this long, sending stops, in seconds.
        package var silenceSeconds = 15
        package init() {}
    }
}
