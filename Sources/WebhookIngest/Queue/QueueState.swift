import Chat

/// The part of a queue that is always in memory: the ledger and the counts that ``QueueStatus`` gives.
struct QueueState {
    var ledger: Ledger
    var rows = 0
    var bytes: Int64 = 0
    var oldest: Timestamp?
    var parked = 0

    var status: QueueStatus {
        QueueStatus(rows: rows, bytes: bytes, oldest: oldest, parked: parked, taken: ledger.takenCount)
    }

    /// What a waiting task sees at `time`.
    func look(at time: Duration) -> WorkSignal.Look {
        if ledger.mayHaveWork(at: time) { return .work }
        return .wait(atMost: ledger.nextRelease.map { $0 - time })
    }
}

extension QueueState {
    mutating func count(_ counters: QueueCounters) {
        rows = counters.rows
        bytes = counters.bytes
        parked = Int(counters.parked)
    }
}
