import Chat
import Crypto
import SQLite

/// Copies what can still be read of a damaged queue file into a new one.
struct QueueSalvage {
    private(set) var waiting = 0
    private(set) var parked = 0
    /// Rows that could be read but no longer have the digest they were stored with.
    private(set) var altered = 0
    private var lastSequence: Int64 = 0

    /// Rows copied in one transaction.
    private static let batchRows = 256
    /// A sequence beyond this is nonsense: three centuries at a million events a second.
    private static let sequenceCeiling: Int64 = 1 << 53

    /// - Throws: ``SQLiteError`` when the new file could not be written. Reading never fails: what is unreadable is
    ///   left out.
    mutating func copy(from damaged: String, to writer: QueueWriter) throws(SQLiteError) {
        if let connection = try? SQLiteConnection(path: damaged, access: .readWrite) {
            // Nothing may change the file that is set aside.
            connection.keepLogOnClose()
            if let reader = try? QueueReader(connection) { try copy(from: reader, to: writer) }
            let counted = (try? connection.integer("SELECT last_sequence FROM counters")) ?? 0
            if counted < Self.sequenceCeiling { lastSequence = max(lastSequence, counted) }
        }
        try writer.recount(lastSequence: lastSequence)
    }

    private mutating func copy(from reader: QueueReader, to writer: QueueWriter) throws(SQLiteError) {
        var waiting = 0
        try walk { (from, limit, rows: inout [TakenDelivery]) throws(SQLiteError) in
            _ = try reader.scanWaiting(from: from) { row throws(SQLiteError) in
                rows.append(TakenDelivery(sequence: row.sequence, delivery: try row.delivery()))
                return rows.count < limit
            }
        } keep: { rows throws(SQLiteError) in
            waiting += rows.count
            try writer.restore(waiting: rows, parked: [])
        }
        var parked = 0
        try walk { (from, limit, rows: inout [ParkedDelivery]) throws(SQLiteError) in
            rows = try reader.parked(from: from, limit: limit)
        } keep: { rows throws(SQLiteError) in
            parked += rows.count
            try writer.restore(waiting: [], parked: rows)
        }
        self.waiting = waiting
        self.parked = parked
    }

    // MARK: Around the damage

    private typealias Read<Row> = (_ from: Int64, _ limit: Int, _ rows: inout [Row]) throws(SQLiteError) -> Void

    /// Reads everything readable in order, stepping over what is not.
    private mutating func walk<Row: QueueRow>(
        _ read: Read<Row>,
        keep: ([Row]) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        var next: Int64 = 1
        while true {
            let (rows, isReadable) = Self.attempt(read, from: next, limit: Self.batchRows)
            let sound = rows.filter { SHA256.digest($0.delivery.body) == $0.delivery.id.bytes }
            altered += rows.count - sound.count
            try keep(sound)
            if let last = rows.last?.sequence {
                next = last + 1
                lastSequence = max(lastSequence, last)
            }
            if isReadable {
                if rows.count < Self.batchRows { return }
            } else {
                guard let beyond = Self.readable(read, after: next) else { return }
                next = beyond
            }
        }
    }

    /// The first sequence after `bad` from which reading works again: ever longer steps, then halving the last one.
    private static func readable<Row: QueueRow>(_ read: Read<Row>, after bad: Int64) -> Int64? {
        var bad = bad
        var step: Int64 = 1
        while !attempt(read, from: bad + step, limit: 1).isReadable {
            bad += step
            step *= 2
            guard bad + step < sequenceCeiling else { return nil }
        }
        var good = bad + step
        while good - bad > 1 {
            let middle = bad + (good - bad) / 2
            if attempt(read, from: middle, limit: 1).isReadable { good = middle } else { bad = middle }
        }
        return good
    }

    /// What could be read before the first error.
    ///
    /// Sequences that do not ascend are an error too.
    private static func attempt<Row: QueueRow>(
        _ read: Read<Row>,
        from: Int64,
        limit: Int
    ) -> (rows: [Row], isReadable: Bool) {
        var rows: [Row] = []
        var isReadable = true
        do throws(SQLiteError) { try read(from, limit, &rows) } catch { isReadable = false }
        var least = from
        let disorder = rows.firstIndex { row in
            defer { least = row.sequence + 1 }
            return row.sequence < least || row.sequence > sequenceCeiling
        }
        guard let disorder else { return (rows, isReadable) }
        return (Array(rows[..<disorder]), false)
    }
}

/// What waiting and parked rows have in common.
private protocol QueueRow {
    var sequence: Int64 { get }
    var delivery: Delivery { get }
}

extension TakenDelivery: QueueRow {}
extension ParkedDelivery: QueueRow {}
