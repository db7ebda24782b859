extension Limits {
    /// Queue to MongoDB.
    package struct Worker: Sendable, Equatable {
        /// How far the worker's threads step back (`nice(1)`) while all cores are busy: an event must be accepted within
        /// seconds or it is lost, and can be stored later.
        package static let niceness: Int32 = 10
        /// Sessions of MongoDB whose ids are kept, so that a crash leaves no transaction open: of this process, and of the one
        /// before.
        package static let sessionsNoted = 512

        /// Events of one transaction: the more, the fewer writes of the same counters.
        package var batchEvents = 3_000
        /// Documents that one transaction is meant to write, going by how many the one before wrote for each event: what a
        /// batch takes of memory.
        package var batchWrites = 16_000
        /// Documents that an event is thought to write before any was stored.
        package var writesPerEventAtFirst = 16
        /// Bytes of one transaction's bodies.
        package var batchBytes = 8_388_608
        /// Deliveries a second beyond which storing waits for the burst to pass: about what can be stored in that time.
        package var burstEventsPerSecond = 10_000
        /// How long it waits at most, in seconds.
        package var burstSeconds = 5
        /// How often it looks meanwhile, in milliseconds.
        package var burstPollMilliseconds = 50
        /// Batches not merged ahead after one for which it was in vain, since others write to the same history.
        package var vainPause = 16
        /// First and longest wait after a failed batch, in milliseconds.
        package var retryFloorMilliseconds = 50
        package var retryCeilingMilliseconds = 5_000
        /// Attempts at one batch that MongoDB gives up, until its halves are stored on their own.
        package var attemptsPerBatch = 4
        /// Batches stored until one may have twice as many events again.
        package var batchesPerGrowth = 16
        /// Reasons to wait for MongoDB that are logged until storing goes on.
        package var reasonsLogged = 8
        /// How often one event alone is put back before it becomes a dead letter.
        package var attemptsPerEvent = 5
        /// Messages recomputed in one transaction after a truncation, deletion or change of context.
        package var sweepMessages = 500
        /// How often maintenance (erasing, rebuilding) tries a failed transaction again, with the waits above.
        package var upkeepRetries = 12
        /// How often an erasure looks again for what came in beside it.
        package var erasureRounds = 3
        /// Documents that verification and export read at a time.
        package var scanDocuments = 1_000
        /// Counters replaced in one transaction of a rebuild.
        package var rebuildCounters = 100
        /// Batches stored, while events wait, for each step of what can be done later.
        package var batchesPerSweep = 8
        /// Conversations gone through again at a time, and messages read for them.
        package var walkedChannels = 100
        package var walkedMessages = 5_000
        /// Longest identifier accepted, in UTF-8 bytes; the provider's own limit is 255.
        package var identifierBytes = 1_024
        /// User ids remembered of one event for erasure; the provider sends at most 50 members.
        package var userIDsPerEvent = 512
        /// Fields of one event that were left out for their type and are named.
        package var faultsPerEvent = 64
        /// How long the raw body of an event is kept, in days (`RAW_RETENTION_DAYS`).
        package var rawRetentionDays = 90
        /// How long figures of each level are kept, in days; 0 keeps them for good (`FIGURES_TOTALS_RETENTION_DAYS`,
        /// `FIGURES_OBJECTS_RETENTION_DAYS`, `FIGURES_ANSWERS_RETENTION_DAYS`).
        package var totalsRetentionDays = 0
        package var objectsRetentionDays = 0
        package var answersRetentionDays = 0
        /// Figures of one kind removed at a time.
        package var droppedFigures = 5_000
        package init() {}
    }
}
