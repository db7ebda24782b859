/// Everything that was ever appended, less everything that was ever removed.
struct QueueCounters: Equatable {
    /// Sequences begin at 1 and leave none out, so this is also the number of rows ever appended.
    var lastSequence: Int64 = 0
    /// Bytes of all bodies ever appended.
    var lastOffset: Int64 = 0
    var removedRows: Int64 = 0
    var removedBytes: Int64 = 0
    var parked: Int64 = 0

    var rows: Int { Int(lastSequence - removedRows) }
    var bytes: Int64 { lastOffset - removedBytes }
}
