import Chat
import SQLite

/// The one connection that changes `queue.sqlite`, so that writers never meet SQLite's lock but only ours.
final class QueueWriter {
    /// Free bytes in an empty file that are worth giving back.
    private static let shrinkBytes: Int64 = 64 * 1_048_576

    let connection: SQLiteConnection
    private(set) var counters: QueueCounters

    private let insertWaiting: SQLiteStatement
    private let deleteWaiting: SQLiteStatement
    private let firstWaiting: SQLiteStatement
    private let bodyBytes: SQLiteStatement
    private let insertParked: SQLiteStatement
    private let deleteParked: SQLiteStatement
    private let updateCounters: SQLiteStatement
    private var isDurable = true

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        self.connection = connection
        let marks = { (count: Int32) in Array(repeating: "?", count: Int(count)).joined(separator: ", ") }
        insertWaiting = try connection.prepare(
            """
            INSERT INTO waiting (sequence, end_offset, \(QueueSchema.fields))
            VALUES (?, ?, \(marks(QueueSchema.fieldCount)))
            """
        )
        deleteWaiting = try connection.prepare("DELETE FROM waiting WHERE sequence BETWEEN ? AND ?")
        firstWaiting = try connection.prepare("SELECT received FROM waiting ORDER BY sequence LIMIT 1")
        bodyBytes = try connection.prepare("SELECT length(body) FROM waiting WHERE sequence = ?")
        insertParked = try connection.prepare(
            """
            INSERT OR REPLACE INTO parked (sequence, failures, reason, parked_at, \(QueueSchema.fields))
            SELECT sequence, ?2, ?3, ?4, \(QueueSchema.fields) FROM waiting WHERE sequence = ?1
            """
        )
        deleteParked = try connection.prepare("DELETE FROM parked WHERE sequence = ?")
        updateCounters = try connection.prepare(
            """
            UPDATE counters
            SET last_sequence = ?, last_offset = ?, removed_rows = ?, removed_bytes = ?, parked = ?
            """
        )
        counters = QueueCounters()
        counters = try loadCounters()
    }

    /// When the first waiting delivery was received.
    func oldest() throws(SQLiteError) -> Timestamp? {
        guard try firstWaiting.step() else { return nil }
        defer { firstWaiting.reset() }
        return Timestamp(nanoseconds: firstWaiting.integer(at: 0))
    }

    /// Inserts `deliveries`, synced to the disk on return.
    ///
    /// Gives their sequences.
    func append(_ deliveries: [Delivery]) throws(SQLiteError) -> [Int64] {
        try setDurable(true)
        var next = counters
        var sequences: [Int64] = []
        sequences.reserveCapacity(deliveries.count)
        try connection.transaction { () throws(SQLiteError) in
            for delivery in deliveries {
                next.lastSequence += 1
                next.lastOffset += Int64(delivery.body.count)
                sequences.append(next.lastSequence)
                try insert(delivery, sequence: next.lastSequence, endOffset: next.lastOffset)
            }
        }
        counters = next
        return sequences
    }

    /// Deletes rows of these sequences, ascending, whose bodies have `bytes` together.
    ///
    /// Not synced: after a power failure the rows may be back, and are then processed once more.
    func remove(_ sequences: [Int64], bytes: Int64) throws(SQLiteError) {
        try setDurable(false)
        try change { next throws(SQLiteError) in
            var deleted: Int64 = 0
            for range in Self.ranges(of: sequences) { deleted += try delete(range) }
            next.removedRows += deleted
            next.removedBytes += bytes
            // Rows that went another way (an erasure at the same time, a repaired file) make `bytes` wrong.
            if deleted != sequences.count { try recount(&next) }
        }
    }

    /// Moves one row; nothing happens when it is not waiting.
    ///
    /// Not synced, as for ``remove(_:bytes:)``.
    func park(_ sequence: Int64, failures: Int, reason: String, at time: Timestamp) throws(SQLiteError) {
        try setDurable(false)
        try change { next throws(SQLiteError) in
            guard let bytes = try bodyBytes(of: sequence) else { return }
            try insertParked.bind(1, sequence)
            try insertParked.bind(2, Int64(failures))
            try insertParked.bind(3, reason)
            try insertParked.bind(4, time.nanoseconds)
            try insertParked.run()
            next.removedRows += try delete(sequence...sequence)
            next.removedBytes += bytes
            next.parked += 1
        }
    }

    /// Deletes parked rows; those that are not there are ignored.
    ///
    /// Not synced, as for ``remove(_:bytes:)``.
    func unpark(_ sequences: [Int64]) throws(SQLiteError) {
        try setDurable(false)
        try change { next throws(SQLiteError) in
            for sequence in sequences { next.parked -= try deleteParkedRow(sequence) }
        }
    }

    /// Deletes waiting and parked rows and overwrites what they held, synced to the disk on return.
    ///
    /// - Returns: how many rows were still there.
    func erase(_ sequences: [Int64]) throws(SQLiteError) -> Int {
        try setDurable(true)
        try connection.execute("PRAGMA secure_delete = ON")
        // Cannot fail: it only sets a flag of the connection.
        defer { try? connection.execute("PRAGMA secure_delete = OFF") }
        var count: Int64 = 0
        try change { next throws(SQLiteError) in
            for sequence in sequences {
                let bytes = try bodyBytes(of: sequence) ?? 0
                let waiting = try delete(sequence...sequence)
                // A row may have been parked since it was found: look in both places.
                let parked = try deleteParkedRow(sequence)
                next.removedRows += waiting
                next.removedBytes += bytes
                next.parked -= parked
                count += waiting + parked
            }
        }
        return Int(count)
    }

    /// Inserts rows under their own sequences, as found in a damaged file, and counts anew.
    func restore(waiting: [TakenDelivery], parked: [ParkedDelivery]) throws(SQLiteError) {
        try connection.transaction { () throws(SQLiteError) in
            for row in waiting { try insert(row.delivery, sequence: row.sequence, endOffset: 0) }
            for row in parked { try restore(row) }
        }
    }

    /// Counts every row, which reads the whole file: for when the counters cannot be right.
    func recount(lastSequence: Int64) throws(SQLiteError) {
        try setDurable(true)
        try change { next throws(SQLiteError) in
            next.lastSequence = max(next.lastSequence, lastSequence)
            try recount(&next)
        }
    }

    /// Whether the counters agree with the rows at the ends, as far as these can tell.
    func isPlausible() throws(SQLiteError) -> Bool {
        let first = try connection.integer("SELECT min(sequence) FROM waiting")
        let last = try connection.integer("SELECT max(sequence) FROM waiting")
        guard let first, let last else { return counters.rows == 0 && counters.bytes == 0 && counters.parked >= 0 }
        return (1...last - first + 1).contains(Int64(counters.rows)) && counters.bytes >= 0 && counters.parked >= 0
    }

    /// Gives the disk back what a long queue has left in the file; free of cost only while nothing is queued.
    func shrinkIfEmpty() throws(SQLiteError) {
        guard counters.rows == 0, counters.parked == 0, try freeBytes() > Self.shrinkBytes else { return }
        try connection.execute("VACUUM")
    }

    /// Whole pages that the file no longer uses, in bytes.
    func freeBytes() throws(SQLiteError) -> Int64 {
        (try connection.integer("PRAGMA freelist_count") ?? 0) * QueueSchema.pageBytes
    }
}

// MARK: Parts

extension QueueWriter {
    /// One transaction that also stores the counters; they change in memory only when it is committed.
    private func change(_ body: (inout QueueCounters) throws(SQLiteError) -> Void) throws(SQLiteError) {
        var next = counters
        try connection.transaction { () throws(SQLiteError) in
            next = counters
            try body(&next)
            try updateCounters.bind(1, next.lastSequence)
            try updateCounters.bind(2, next.lastOffset)
            try updateCounters.bind(3, next.removedRows)
            try updateCounters.bind(4, next.removedBytes)
            try updateCounters.bind(5, next.parked)
            try updateCounters.run()
        }
        counters = next
    }

    private func insert(_ delivery: Delivery, sequence: Int64, endOffset: Int64) throws(SQLiteError) {
        try insertWaiting.bind(1, sequence)
        try insertWaiting.bind(2, endOffset)
        try QueueSchema.bind(delivery, to: insertWaiting, from: 3)
        try insertWaiting.run()
    }

    private func restore(_ row: ParkedDelivery) throws(SQLiteError) {
        let restored = try connection.prepare(
            """
            INSERT OR REPLACE INTO parked (sequence, failures, reason, parked_at, \(QueueSchema.fields))
            VALUES (?, ?, ?, ?, \(Array(repeating: "?", count: Int(QueueSchema.fieldCount)).joined(separator: ", ")))
            """
        )
        try restored.bind(1, row.sequence)
        try restored.bind(2, Int64(row.delivery.failures))
        try restored.bind(3, row.reason)
        try restored.bind(4, row.parkedAt.nanoseconds)
        try QueueSchema.bind(row.delivery, to: restored, from: 5)
        try restored.run()
    }

    private func recount(_ next: inout QueueCounters) throws(SQLiteError) {
        let rows = try connection.integer("SELECT count(*) FROM waiting") ?? 0
        let bytes = try connection.integer("SELECT sum(length(body)) FROM waiting") ?? 0
        let last = try connection.integer("SELECT max(sequence) FROM waiting") ?? 0
        next.lastSequence = max(next.lastSequence, last)
        next.removedRows = next.lastSequence - rows
        next.lastOffset = max(next.lastOffset, bytes)
        next.removedBytes = next.lastOffset - bytes
        next.parked = try connection.integer("SELECT count(*) FROM parked") ?? 0
    }

    /// The size of a waiting row's body; `nil` when there is no such row.
    private func bodyBytes(of sequence: Int64) throws(SQLiteError) -> Int64? {
        try bodyBytes.bind(1, sequence)
        guard try bodyBytes.step() else { return nil }
        defer { bodyBytes.reset() }
        return bodyBytes.integer(at: 0)
    }

    private func delete(_ range: ClosedRange<Int64>) throws(SQLiteError) -> Int64 {
        try deleteWaiting.bind(1, range.lowerBound)
        try deleteWaiting.bind(2, range.upperBound)
        try deleteWaiting.run()
        return Int64(connection.changes)
    }

    private func deleteParkedRow(_ sequence: Int64) throws(SQLiteError) -> Int64 {
        try deleteParked.bind(1, sequence)
        try deleteParked.run()
        return Int64(connection.changes)
    }

    /// A commit is synced, or left to the next one that is.
    private func setDurable(_ durable: Bool) throws(SQLiteError) {
        guard durable != isDurable else { return }
        try connection.execute(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL")
        isDurable = durable
    }

    private func loadCounters() throws(SQLiteError) -> QueueCounters {
        let row = try connection.prepare(
            """
            SELECT max(last_sequence, ifnull((SELECT max(sequence) FROM waiting), 0)),
                   max(last_offset, ifnull((SELECT end_offset FROM waiting ORDER BY sequence DESC LIMIT 1), 0)),
                   removed_rows, removed_bytes, parked
            FROM counters
            """
        )
        guard try row.step() else { return QueueCounters() }
        return QueueCounters(
            lastSequence: row.integer(at: 0),
            lastOffset: row.integer(at: 1),
            removedRows: row.integer(at: 2),
            removedBytes: row.integer(at: 3),
            parked: row.integer(at: 4)
        )
    }

    /// Runs of neighbours, so that what was taken in order is deleted in one sweep.
    static func ranges(of sequences: [Int64]) -> [ClosedRange<Int64>] {
        sequences.reduce(into: []) { ranges, sequence in
            if let last = ranges.last, last.upperBound + 1 == sequence {
                ranges[ranges.count - 1] = last.lowerBound...sequence
            } else {
                ranges.append(sequence...sequence)
            }
        }
    }
}
