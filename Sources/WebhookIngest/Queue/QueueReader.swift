import Chat
import SQLite

/// The connection that reads `queue.sqlite`; it sees what was committed when a look began, and holds up no writer.
final class QueueReader {
    /// Rows read at once by a scan of everything, so that neither the log nor those who take wait for all of it.
    static let pieceRows = 1_000

    private let waitingFrom: SQLiteStatement
    private let parkedFrom: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        waitingFrom = try connection.prepare(
            "SELECT sequence, \(QueueSchema.fields) FROM waiting WHERE sequence >= ? ORDER BY sequence"
        )
        parkedFrom = try connection.prepare(
            """
            SELECT sequence, failures, reason, parked_at, \(QueueSchema.fields)
            FROM parked WHERE sequence >= ? ORDER BY sequence
            """
        )
    }

    /// A row at which ``scanWaiting(from:_:)`` has arrived; what it gives is read when asked for, so
    /// it is good for the duration of a visit.
    struct Row {
        fileprivate let statement: SQLiteStatement
        var sequence: Int64 { statement.integer(at: 0) }
        var lane: String { statement.text(at: 1 + QueueSchema.laneField) }
        var bodyBytes: Int { statement.byteCount(at: 1 + QueueSchema.bodyField) }
        func delivery() throws(SQLiteError) -> Delivery { try QueueSchema.delivery(in: statement, from: 1) }
    }

    /// Visits waiting rows in order until `visit` gives `false`.
    ///
    /// - Returns: whether the end was reached.
    func scanWaiting(
        from sequence: Int64,
        _ visit: (Row) throws(SQLiteError) -> Bool
    ) throws(SQLiteError) -> Bool {
        try waitingFrom.bind(1, sequence)
        // Leaving early must end the read, else the log could never start over.
        defer { waitingFrom.reset() }
        while try waitingFrom.step() {
            guard try visit(Row(statement: waitingFrom)) else { return false }
        }
        return true
    }

    func parked(from sequence: Int64, limit: Int) throws(SQLiteError) -> [ParkedDelivery] {
        try parkedFrom.bind(1, sequence)
        defer { parkedFrom.reset() }
        var result: [ParkedDelivery] = []
        while result.count < limit, try parkedFrom.step() {
            var delivery = try QueueSchema.delivery(in: parkedFrom, from: 4)
            delivery.failures = Int(parkedFrom.integer(at: 1))
            result.append(
                ParkedDelivery(
                    sequence: parkedFrom.integer(at: 0),
                    delivery: delivery,
                    reason: parkedFrom.text(at: 2),
                    parkedAt: Timestamp(nanoseconds: parkedFrom.integer(at: 3))
                )
            )
        }
        return result
    }
}
