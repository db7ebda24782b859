import Chat

/// Open effects that come before others in their lanes and were not read when those were: an order is given when writing begins,
/// and what is committed slowly shows up later than what was read from there on.
struct EarlierEffects: Sendable {
    private struct Place: Hashable {
        let destination: Effect.Destination
        let lane: String

        init(_ row: OutboxRow) { (destination, lane) = (row.destination, row.lane) }
    }

    private var rows: [Place: [OutboxRow]] = [:]
    /// There may be more.
    var isCutOff = false

    var isNone: Bool { rows.isEmpty && !isCutOff }

    mutating func add(_ row: OutboxRow) { rows[Place(row), default: []].append(row) }

    enum Turn: Equatable {
        case now
        /// Also of none, where not all were read.
        case after([OutboxRow])
        /// Which has taken their shard over.
        case afterAnotherNode
    }

    /// When one of those others may be begun.
    ///
    /// - Parameter tokens: of the leases, by shard.
    func turn(of row: OutboxRow, _ tokens: [Int: Int64]) -> Turn {
        let earlier = rows[Place(row), default: []]
        if earlier.contains(where: { $0.token > tokens[$0.shard] ?? 0 }) { return .afterAnotherNode }
        return earlier.isEmpty && !isCutOff ? .now : .after(earlier)
    }
}
