import Analytics

/// Latencies by group and part, as exact as ``DatedRows`` tells them and some twenty times as fast where there are very many.
struct GroupedLatencies {
    private struct Piece {
        let rows: LatencyRows
        let groups: [Int32]
        let part: Int
    }

    private let target: Int64
    private var pieces: [Piece] = []

    init(target: Int64) { self.target = target }

    /// - Parameter groups: each row's, by number; negative of those that have none.
    mutating func add(_ rows: LatencyRows, by groups: [Int32], in part: Int) {
        pieces.append(Piece(rows: rows, groups: groups, part: part))
    }

    /// The group with most first, and of each its parts in the order of time.
    func figures(_ names: [String], _ parts: [Range<Quarter>]) -> Figures {
        var cells = Cells(groups: names.count, parts: parts.count)
        let counts = counts(&cells)
        let (starts, sorted) = sorted(counts, &cells)
        var sums: [Int32: Int] = [:]
        for (cell, count) in zip(cells.all, counts) { sums[cell.group, default: 0] += count }
        let order = cells.all.enumerated().map { (place: $0, cell: $1, count: sums[$1.group] ?? 0) }.sorted {
            guard $0.cell.group == $1.cell.group else {
                return ($1.count, names[Int($0.cell.group)]) < ($0.count, names[Int($1.cell.group)])
            }
            return $0.cell.part < $1.cell.part
        }
        let rows = order.map { place, cell, _ in
            let summary = LatencySummary(sorted: sorted[starts[place]..<starts[place + 1]], target: target)
            return FigureRow(parts[cell.part], group: names[Int(cell.group)], .latency(summary))
        }
        return Figures(rows, total: nil)
    }

    /// How many there are in each cell.
    private func counts(_ cells: inout Cells) -> [Int] {
        var counts: [Int] = []
        for piece in pieces {
            for group in piece.groups where group >= 0 {
                let place = cells.place(of: group, in: piece.part)
                if place == counts.count { counts.append(0) }
                counts[place] += 1
            }
        }
        return counts
    }

    /// All latencies, cell by cell in the order of their length, and where each cell begins.
    private func sorted(_ counts: [Int], _ cells: inout Cells) -> (starts: [Int], milliseconds: [Int64]) {
        var starts = [0]
        starts.reserveCapacity(counts.count + 1)
        for count in counts { starts.append(starts[starts.count - 1] + count) }
        var (next, sorted) = (starts, [Int64](repeating: 0, count: starts[counts.count]))
        for piece in pieces {
            for (row, group) in piece.groups.enumerated() where group >= 0 {
                let place = cells.place(of: group, in: piece.part)
                sorted[next[place]] = piece.rows.latency(row)
                next[place] += 1
            }
        }
        for place in counts.indices { sorted[starts[place]..<starts[place + 1]].sort() }
        return (starts, sorted)
    }
}

/// Groups and parts that have any, in the order in which they were first seen.
private struct Cells {
    struct Cell: Hashable {
        let group: Int32
        let part: Int
    }

    /// Of more than these a table of all there could be takes too much room.
    private static let tableMost = 1 << 21

    private(set) var all: [Cell] = []
    private let parts: Int
    /// By group and part, one more than the place.
    private var table: [Int32] = []
    private var others: [Cell: Int] = [:]

    init(groups: Int, parts: Int) {
        self.parts = parts
        if groups * parts <= Self.tableMost { table = [Int32](repeating: 0, count: groups * parts) }
    }

    mutating func place(of group: Int32, in part: Int) -> Int {
        guard !table.isEmpty else { return placeInOthers(Cell(group: group, part: part)) }
        let index = Int(group) * parts + part
        if table[index] == 0 {
            all.append(Cell(group: group, part: part))
            table[index] = Int32(all.count)
        }
        return Int(table[index]) - 1
    }

    private mutating func placeInOthers(_ cell: Cell) -> Int {
        if let known = others[cell] { return known }
        others[cell] = all.count
        all.append(cell)
        return all.count - 1
    }
}
