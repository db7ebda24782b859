extension Limits {
    /// The durable queue between receiver and MongoDB.
    package struct Queue: Sendable, Equatable {
        /// Events waiting (`QUEUE_ROWS`).
        package var rows = 5_000_000
        /// Bytes of waiting bodies (`QUEUE_BYTES`).
        package var bytes: Int64 = 16 * 1_073_741_824
        /// Free disk space below which nothing more is accepted, in bytes; a tenth of a smaller disk.
        package var freeDiskBytes: Int64 = 64 * 1_048_576
        /// Requests committed together.
        package var appendBatch = 1_024
        /// Bytes of their bodies; one larger body is committed alone.
        package var appendBytes: Int64 = 16 * 1_048_576
        /// Least time from the start of one commit to the next, in microseconds: syncs without a pause keep the disk and
        /// a core so busy that some of them take many times as long.
        package var appendPace = 1_000
        /// So many requests do not wait for that.
        package var appendCompany = 16
        /// Requests waiting for a commit; more are told that the queue is full.
        package var appendBacklog = 8_192
        /// Write-ahead log size at which it is copied into the file in the background, in bytes.
        package var checkpointBytes: Int64 = 32 * 1_048_576
        /// Write-ahead log size at which the appender itself waits for a checkpoint, in bytes.
        package var walBytes: Int64 = 512 * 1_048_576
        /// Parked events kept until MongoDB takes them as dead letters.
        package var parkedRows = 100_000
        package init() {}
    }
}
