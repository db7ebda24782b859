extension Limits {
    /// The app's own data for effects and rules.
    package struct Facts: Sendable, Equatable {
        /// Facts set in one request.
        package var bulkItems = 1_000
        /// The body of such a request, in bytes.
        package var bulkBytes = 4_194_304
        /// A kind's name, in bytes.
        package var kindBytes = 64
        /// Fields of one thing.
        package var fields = 64
        /// A field's name, in bytes.
        package var fieldNameBytes = 128
        /// One text, in bytes.
        package var textBytes = 8_192
        /// Texts of one list.
        package var listTexts = 256
        /// All fields of one thing as JSON, in bytes.
        package var recordBytes = 32_768
        /// Kinds that the configuration maps to the app's database.
        package var mappings = 64
        /// Connections to the app's database, besides one for each mapped collection that is watched.
        package var poolConnections = 4
        /// Things asked for in one query.
        package var queryKeys = 1_000
        /// MongoDB's time for one query, in milliseconds: a batch of events waits for it.
        package var queryMilliseconds = 2_000
        /// Looking for a server of the app's database, in milliseconds.
        package var serverSelectionMilliseconds = 1_000
        /// How long an unreachable source is left alone, in seconds: a batch that needs it is told at once.
        package var retrySeconds = 2
        /// How long what was found is remembered, in seconds (`FACTS_CACHE_SECONDS`); changes are noticed sooner where
        /// they can be watched.
        package var cacheSeconds = 60
        /// How long it is remembered that there was nothing, in seconds.
        package var missingSeconds = 5
        /// Things remembered.
        package var cacheEntries = 100_000
        /// Their size in memory, in bytes.
        package var cacheBytes = 67_108_864
        /// How long a watch waits for a change before it looks whether it shall stop, and how often one that is not needed
        /// looks whether it is, in milliseconds.
        package var watchMilliseconds = 500
        /// First and longest wait before a watch is opened again, in milliseconds.
        package var watchRetryFloorMilliseconds = 500
        package var watchRetryCeilingMilliseconds = 30_000
        /// Wait before it is tried again to watch what may not be watched, in seconds.
        package var watchRefusedSeconds = 300
        package init() {}
    }
}
