extension Limits {
    /// The live feed of a node.
    package struct Live: Sendable, Equatable {
        /// Readers at once (`LIVE_READERS`); more are told to come again.
        package var readers = 200
        /// What one who is turned away is told to wait, in seconds (`Retry-After`), and how long a client waits before it
        /// connects anew, in milliseconds (`retry:`).
        package var retryAfterSeconds = 10
        package var reconnectMilliseconds = 2_000
        /// A stream that has nothing to say says so this often, in seconds.
        package var heartbeatSeconds = 30
        /// How often figures are sent, in seconds.
        package var figuresSeconds = 1
        /// How often the review queue is counted for them, in seconds, and how far.
        package var reviewSeconds = 5
        package var reviewsCounted = 10_000
        /// Seconds that the rate is taken over.
        package var rateSeconds = 10
        /// Events that wait for one reader; one who falls further behind is dropped.
        package var eventsPerReader = 4_000
        /// Events remembered for whoever comes back, and for how long, in seconds.
        package var eventsKept = 2_000
        package var keptSeconds: Int64 = 300
        /// Events between MongoDB and the readers.
        package var eventsInHand = 4_000
        /// Events whose messages are looked up together.
        package var batch = 1_000
        /// Least time from one batch to the next, in milliseconds: in between they gather, and each write carries more.
        package var paceMilliseconds = 25
        /// Of a message's text, in characters.
        package var textCharacters = 2_000
        /// How long MongoDB waits for something new before it says that there is nothing, in milliseconds.
        package var waitMilliseconds = 500
        /// How long the log is still followed when nobody reads any more, in seconds.
        package var lingerSeconds = 30
        /// How far back a reader may go on, in seconds: further back it is told that events are lost to it.
        package var reachSeconds: UInt64 = 21_600
        /// Readers that catch up with the log at once, and events they read at a time.
        package var catchingUp = 4
        package var catchUpEvents = 500
        /// After a failure of MongoDB, in milliseconds.
        package var retryMilliseconds = 500
        package init() {}
    }
}
