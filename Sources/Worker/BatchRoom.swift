import Limits

/// How many events go into one transaction: fewer once MongoDB gives it up again and again, more again as it goes well.
///
/// A transaction that has no room in MongoDB's cache fails with the same error as one that met another writer, and the
/// same one fails each time.
struct BatchRoom {
    private let limits: Limits.Worker
    /// At most.
    private(set) var events: Int
    private var successes = 0

    init(_ limits: Limits.Worker) {
        self.limits = limits
        events = limits.batchEvents
    }

    /// MongoDB gave up a batch as often as it is tried whole.
    mutating func gaveUp(_ count: Int) {
        events = min(events, (count + 1) / 2)
        successes = 0
    }

    mutating func stored() {
        successes += 1
        guard events < limits.batchEvents, successes >= limits.batchesPerGrowth else { return }
        events = min(limits.batchEvents, events * 2)
        successes = 0
    }
}
