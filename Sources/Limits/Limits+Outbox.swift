extension Limits {
    /// Effects on the outside world.
    package struct Outbox: Sendable, Equatable {
        /// Parts that the lanes are divided into, each of which one node performs at a time; the same on every node.
        package static let shards = 16

        /// Calls under way at once, by destination.
        package var providerCalls = 64
        package var emailCalls = 4
        package var webhookCalls = 8
        /// Effects of one action, at one destination, held in memory, and the bytes of their payloads; more wait in MongoDB.
        package var rowsPerAction = 4_000
        package var bytesPerAction = 16_777_216
        /// Effects of one lane held in memory.
        package var rowsPerLane = 64
        /// Lanes of one destination of which is known that more waits in MongoDB; the others wait until these are fewer.
        package var gapsKnown = 100_000
        /// Read at a time.
        package var pageRows = 1_000
        /// Pages read before what they hold is begun.
        package var pagesPerRound = 4
        /// Lanes that are looked at together for what comes before their first effects.
        package var lanesPerLook = 256
        /// Effects found too old that are written down at a time.
        package var staleRows = 500
        /// How often to look for what other nodes wrote, in milliseconds.
        package var pollMilliseconds = 250
        /// How often to look for what was committed out of order, in milliseconds.
        package var rescanMilliseconds = 2_000
        /// How far a look at what is new goes back, in milliseconds: as long as a commit takes that is not slow.
        package var lateMilliseconds = 250
        /// A node that has not renewed its lease for this long is replaced, in seconds.
        package var leaseSeconds = 10
        /// How often it renews, in seconds.
        package var renewSeconds = 3
        /// First and longest wait after a failure, in milliseconds.
        package var retryFloorMilliseconds = 500
        package var retryCeilingMilliseconds = 300_000
        /// The longest wait that a destination may ask for, in seconds.
        package var retryAfterMostSeconds = 3_600
        /// Failures, at a destination that is well otherwise, after which an effect is dead.
        package var attempts = 10
        /// Failures in a row after which a destination is left alone for a while.
        package var circuitFailures = 5
        /// First and longest such while, in milliseconds.
        package var circuitFloorMilliseconds = 1_000
        package var circuitCeilingMilliseconds = 30_000
        /// Entries kept of an effect's timeline, the latest.
        package var timelineEntries = 50
        /// Longest of an answer or reason that is kept, in bytes.
        package var answerBytes = 1_024
        /// Longest key of one effect, in bytes.
        package var keyBytes = 4_096
        /// Largest payload of one effect, in bytes.
        package var payloadBytes = 1_048_576
        /// Scheduled effects whose time has come, moved at a time.
        package var promotedRows = 1_000
        /// How long finished effects are kept, in days (`OUTBOX_RETENTION_DAYS`): as long, nothing acts twice.
        package var retentionDays = 90
        /// Finished effects removed at a time.
        package var removedRows = 5_000
        package init() {}
    }
}
