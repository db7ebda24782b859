extension Limits {
    /// The audit trail.
    package struct Audit: Sendable, Equatable {
        /// Values of one entry.
        package var values = 16
        /// Longest of them, in UTF-8 bytes; the rest is left out.
        package var valueBytes = 4_096
        /// Entries chained by one command.
        package var batch = 512
        /// Answers waiting for their entries; more are told to come again.
        package var waiting = 4_096
        /// How often a place in the chain is tried for when other nodes take it first.
        package var attempts = 200
        /// First and longest wait between two attempts, in milliseconds.
        package var retryFloorMilliseconds = 2
        package var retryCeilingMilliseconds = 50
        /// How often a node notes how far the chain has come, in seconds.
        package var headSeconds = 1
        /// Entries read at a time when the chain is walked.
        package var pageRows = 1_000
        /// Faults told of one by one; further ones are counted.
        package var faultsShown = 1_000
        package init() {}
    }
}
