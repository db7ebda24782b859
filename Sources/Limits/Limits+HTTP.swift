extension Limits {
    /// The HTTP server, before any route is known.
    package struct HTTP: Sendable, Equatable {
        /// Connections open at once (`HTTP_CONNECTIONS`); further ones wait in the kernel's backlog.
        package var connections = 2_048
        /// Connections open at once from one address (`HTTP_CONNECTIONS_PER_ADDRESS`); 0 is no limit.
        package var connectionsPerAddress = 0
        /// Request line and headers together, in bytes; each open connection takes this much memory and a page.
        package var headerBytes = 16_384
        /// A request body where no route says otherwise, in bytes.
        package var bodyBytes = 1_048_576
        /// From the first byte of a request to its last, in seconds (`HTTP_REQUEST_SECONDS`): drops slow senders.
        package var requestSeconds = 10
        /// A connection with no traffic, in seconds.
        ///
        /// The provider keeps connections 55–59 s.
        package var idleSeconds = 75
        /// Finishing the requests in progress at shutdown, in seconds.
        package var drainSeconds = 5
        /// Of an answer that comes in pieces: what waits to be sent, in bytes; its producer waits beyond.
        package var streamBytes = 262_144
        /// Of the same: how long its reader may take nothing while something waits, in seconds; then it is dropped.
        package var streamStallSeconds = 30
        package init() {}
    }
}
