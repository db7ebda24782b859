import Limits

/// How many events go into one transaction: as many as make so many writes, going by the batch before, since what a batch takes of
/// memory is its writes; fewer once MongoDB gives it up again and again, more again as it goes well.
///
/// A transaction that has no room in MongoDB's cache fails with the same error as one that met another writer, and the
/// same one fails each time.
struct BatchRoom {
    private let limits: Limits.Worker
    /// What MongoDB has taken at once; those of a larger batch are stored in halves.
    private(set) var most: Int
    /// What makes ``Limits/Worker/batchWrites``.
    private var expected: Int
    private var successes = 0

    init(_ limits: Limits.Worker) {
        self.limits = limits
        most = limits.batchEvents
        // Little is known yet of what comes.
        expected = limits.batchWrites / limits.writesPerEventAtFirst
    }

    /// The next batch's.
    var events: Int { min(most, max(1, expected)) }

    /// MongoDB gave up a batch as often as it is tried whole.
    mutating func gaveUp(_ count: Int) {
        most = min(most, (count + 1) / 2)
        successes = 0
    }

    mutating func stored(_ events: Int, writes: Int) {
        if writes > 0 { expected = events * limits.batchWrites / writes }
        successes += 1
        guard most < limits.batchEvents, successes >= limits.batchesPerGrowth else { return }
        most = min(limits.batchEvents, most * 2)
        successes = 0
    }
}
