package import Chat

/// Keeps accepted deliveries until they are processed.
///
/// Every call but ``waitForWork()`` blocks the calling thread, for a disk write at most, and may come from any thread.
/// What is taken, the delays of what was put back and the counts of failures live in memory: after a restart
/// everything unacknowledged is given again, so whoever takes must tolerate what it has seen before.
package protocol EventQueue: Sendable {
    /// Keeps all of `deliveries` or none; durable on return. Gives their sequence numbers, in order and never reused.
    func append(_ deliveries: [Delivery]) throws(QueueError) -> [Int64]

    /// The next deliveries in order of arrival whose lane does not wait, marked as taken: at least one if there is any.
    ///
    /// A lane with taken deliveries is not held back: who puts a delivery back also puts back the later ones of its
    /// lane that it holds.
    func take(events: Int, bytes: Int) throws(QueueError) -> [TakenDelivery]

    /// Forgets deliveries that are stored elsewhere; sequences that are not taken are ignored.
    func acknowledge(_ sequences: [Int64]) throws(QueueError)

    /// Gives taken deliveries back. Nothing of their lanes, and only of theirs, is taken until `delay` is over.
    func putBack(_ sequences: [Int64], for delay: Duration, countFailure: Bool) throws(QueueError)

    /// Moves one delivery out of its lane to the parked ones, atomically; one that is not waiting is ignored.
    func park(_ sequence: Int64, reason: String) throws(QueueError)

    /// The first parked deliveries in order of arrival.
    func parked(limit: Int) throws(QueueError) -> [ParkedDelivery]

    /// Forgets parked deliveries that are stored elsewhere.
    func unpark(_ sequences: [Int64]) throws(QueueError)

    /// Erases every matching delivery, waiting, taken or parked, also from the file's free space. Gives their number.
    func remove(where matches: (Delivery) -> Bool) throws(QueueError) -> Int

    /// Never blocks on the disk.
    var status: QueueStatus { get }

    /// Returns when ``take(events:bytes:)`` may give something, or when the task is cancelled.
    func waitForWork() async
}

/// How much a queue holds.
package struct QueueStatus: Sendable, Equatable {
    /// Deliveries waiting, those taken included.
    package var rows: Int
    /// Bytes of their bodies.
    package var bytes: Int64
    /// When the first of them was received.
    package var oldest: Timestamp?
    package var parked: Int
    package var taken: Int

    package init(rows: Int = 0, bytes: Int64 = 0, oldest: Timestamp? = nil, parked: Int = 0, taken: Int = 0) {
        self.rows = rows
        self.bytes = bytes
        self.oldest = oldest
        self.parked = parked
        self.taken = taken
    }
}
