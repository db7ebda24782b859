extension Limits {
    /// Calls to other services.
    package struct Client: Sendable, Equatable {
        /// Requests in progress at once; further ones wait.
        package var concurrent = 8
        package var connectMilliseconds = 5_000
        /// A whole request unless it says otherwise, in milliseconds.
        package var requestMilliseconds = 10_000
        /// A response's headers, in bytes.
        package var headerBytes = 65_536
        /// A response's body, in bytes.
        package var responseBytes = 16_777_216
        package init() {}
    }
}
