extension Limits {
    /// Connections to MongoDB.
    package struct Mongo: Sendable, Equatable {
        package var poolConnections = 16
        package var connectMilliseconds = 5_000
        package var serverSelectionMilliseconds = 3_000
        package var socketMilliseconds = 10_000
        /// How often a commit whose result is unknown is asked for.
        package var commitAttempts = 3
        package init() {}
    }
}
