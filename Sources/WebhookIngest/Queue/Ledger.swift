/// What a queue knows in memory alone: who has taken what, which lanes wait, and where the next look begins.
///
/// A pure value: time comes in as a parameter. Its size grows with what is taken and with the lanes that wait, never
/// with what is queued.
struct Ledger {
    struct Taken {
        let lane: String
        let bytes: Int
    }

    private struct Wait {
        var until: Duration
        /// The first sequence of the lane that was passed over or put back: where to look again afterwards.
        var from: Int64
    }

    /// The last sequence ever given.
    private(set) var last: Int64
    /// Everything before was looked at: it is taken, gone, or its lane waits.
    private(set) var cursor: Int64 = 1
    private var taken: [Int64: Taken] = [:]
    private var waits: [String: Wait] = [:]
    private var failures: [Int64: Int] = [:]

    init(last: Int64) { self.last = last }

    var takenCount: Int { taken.count }

    func taken(_ sequence: Int64) -> Taken? { taken[sequence] }
    func failures(of sequence: Int64) -> Int { failures[sequence] ?? 0 }

    mutating func appended(upTo sequence: Int64) { last = max(last, sequence) }

    // MARK: Taking

    /// Whether a look may find something at `time`.
    func mayHaveWork(at time: Duration) -> Bool {
        cursor <= last || waits.values.contains { $0.until <= time }
    }

    /// When the first lane stops waiting.
    var nextRelease: Duration? { waits.values.lazy.map(\.until).min() }

    /// Ends the waits that are over, so that the next look begins at what they held back.
    ///
    /// Gives where to begin.
    mutating func beginLook(at time: Duration) -> Int64 {
        for (lane, wait) in waits where wait.until <= time {
            cursor = min(cursor, wait.from)
            waits[lane] = nil
        }
        return cursor
    }

    /// Whether `sequence` may be taken now; if it may not because its lane waits, it is remembered for later.
    mutating func admits(_ sequence: Int64, lane: String) -> Bool {
        guard taken[sequence] == nil else { return false }
        guard let wait = waits[lane] else { return true }
        waits[lane]?.from = min(wait.from, sequence)
        return false
    }

    mutating func take(_ sequence: Int64, lane: String, bytes: Int) {
        taken[sequence] = Taken(lane: lane, bytes: bytes)
    }

    /// Everything before `sequence` was looked at.
    mutating func endLook(at sequence: Int64) { cursor = sequence }

    // MARK: Giving back

    /// Forgets what is no longer in the queue.
    mutating func removed(_ sequence: Int64) {
        taken[sequence] = nil
        failures[sequence] = nil
    }

    /// Gives `sequences` back; those that are not taken are ignored.
    mutating func putBack(_ sequences: [Int64], until time: Duration, countFailure: Bool) {
        for sequence in sequences {
            guard let lane = taken.removeValue(forKey: sequence)?.lane else { continue }
            if countFailure { failures[sequence, default: 0] += 1 }
            let known = waits[lane]
            waits[lane] = Wait(until: max(known?.until ?? time, time), from: min(known?.from ?? sequence, sequence))
        }
    }
}
