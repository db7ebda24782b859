extension Limits {
    /// JSON Web Tokens that the app's users present.
    package struct Token: Sendable, Equatable {
        /// A whole token, in bytes.
        package var bytes = 8_192
        /// By how much clocks may differ, in seconds.
        package var leewaySeconds = 30
        package init() {}
    }
}
