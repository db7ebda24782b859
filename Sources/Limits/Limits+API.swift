extension Limits {
    /// The REST interface, webhooks aside.
    package struct API: Sendable, Equatable {
        /// A request's body, in bytes.
        package var bodyBytes = 65_536
        /// Requests waiting for their turn at MongoDB; more are told to come again.
        package var waiting = 256
        /// What a client is told to wait when MongoDB is out of reach, in seconds (`Retry-After`); nobody waits for it
        /// meanwhile.
        package var retryAfterSeconds = 2
        /// How often a write that met another one is tried.
        package var writeAttempts = 8
        /// First wait before it is tried again, in milliseconds; it doubles each time.
        package var writeRetryMilliseconds = 10
        /// How long a key's role is remembered, in seconds: this long a revoked key may still be served elsewhere.
        package var keyCacheSeconds = 5
        /// Keys remembered.
        package var keysCached = 1_024
        /// Keys listed.
        package var keysListed = 1_000
        /// A key's name, in bytes.
        package var keyNameBytes = 128
        /// An answer that is sent compressed to whoever takes that, at least, in bytes.
        package var gzipBytes = 2_048
        /// How long a browser remembers what another site's pages may ask, in seconds.
        package var preflightSeconds = 600
        /// The reason of a flag, in characters.
        package var reasonCharacters = 500
        package init() {}
    }
}
