import Analytics

/// Latencies by group and part, as exact as ``DatedRows`` tells them and some twenty times as fast where there are very many.
///
/// Groups with most come first, so all are counted; how long they took is looked at of those alone that are asked for.
struct GroupedLatencies {
    private let target: Int64
    private var pieces: [(rows: LatencyRows, part: Int)] = []

    init(target: Int64) { self.target = target }

    mutating func add(_ rows: LatencyRows, in part: Int) { pieces.append((rows, part)) }

    /// The group with most first, and of each its parts in the order of time.
    ///
    /// - Parameters:
    ///   - groups: each place's, by number; negative of those that have none.
    ///   - names: by the groups' numbers.
    ///   - wanted: of all rows.
    func figures(
        _ groups: [Int32],
        _ names: [String],
        _ parts: [Range<Quarter>],
        _ wanted: Range<Int>
    ) -> Figures {
        var cells = GroupedCells(groups: names.count, parts: parts.count)
        for (rows, part) in pieces {
            rows.places.withUnsafeBufferPointer { places in
                for place in places where groups[Int(place)] >= 0 { cells.count(groups[Int(place)], in: part) }
            }
        }
        let chosen = cells.inOrder(names, wanted.upperBound).dropFirst(wanted.lowerBound)
        let rows = zip(chosen, latencies(chosen, groups, cells)).map { cell, latencies in
            let summary = LatencySummary(sorted: latencies[...], target: target)
            return FigureRow(parts[cell.part], group: names[Int(cell.group)], .latency(summary))
        }
        return Figures(rows, from: min(wanted.lowerBound, cells.all.count), of: cells.all.count)
    }

    /// Each cell's, in the order of their length.
    private func latencies(
        _ chosen: ArraySlice<GroupedCells.Cell>,
        _ groups: [Int32],
        _ cells: GroupedCells
    ) -> [[Int64]] {
        var slots = [Int32](repeating: -1, count: cells.all.count)
        var isWanted = [Bool](repeating: false, count: (groups.max() ?? -1) < 0 ? 0 : Int(groups.max() ?? 0) + 1)
        for (slot, cell) in chosen.enumerated() {
            if let place = cells.place(of: cell.group, in: cell.part) { slots[place] = Int32(slot) }
            isWanted[Int(cell.group)] = true
        }
        let placeIsWanted = groups.map { $0 >= 0 && isWanted[Int($0)] }
        var latencies = [[Int64]](repeating: [], count: chosen.count)
        for (rows, part) in pieces {
            for (row, place) in rows.places.enumerated() where placeIsWanted[Int(place)] {
                guard let cell = cells.place(of: groups[Int(place)], in: part), slots[cell] >= 0 else { continue }
                latencies[Int(slots[cell])].append(rows.latency(row))
            }
        }
        for slot in latencies.indices { latencies[slot].sort() }
        return latencies
    }
}

/// Groups and parts that have any, in the order in which they were first seen, and how many each has.
private struct GroupedCells {
    struct Cell: Hashable {
        let group: Int32
        let part: Int
    }

    /// Of more than these a table of all there could be takes too much room.
    private static let tableMost = 1 << 21

    private(set) var all: [Cell] = []
    private var counts: [Int] = []
    private let parts: Int
    /// By group and part, one more than the place.
    private var table: [Int32] = []
    private var others: [Cell: Int] = [:]

    init(groups: Int, parts: Int) {
        self.parts = parts
        if groups * parts <= Self.tableMost { table = [Int32](repeating: 0, count: groups * parts) }
    }

    mutating func count(_ group: Int32, in part: Int) {
        if let place = place(of: group, in: part) {
            counts[place] += 1
            return
        }
        all.append(Cell(group: group, part: part))
        counts.append(1)
        if table.isEmpty {
            others[Cell(group: group, part: part)] = all.count - 1
        } else {
            table[Int(group) * parts + part] = Int32(all.count)
        }
    }

    func place(of group: Int32, in part: Int) -> Int? {
        guard !table.isEmpty else { return others[Cell(group: group, part: part)] }
        let place = Int(table[Int(group) * parts + part]) - 1
        return place < 0 ? nil : place
    }

    /// The first so many.
    func inOrder(_ names: [String], _ most: Int) -> [Cell] {
        var totals: [Int32: Int] = [:]
        for (cell, count) in zip(all, counts) { totals[cell.group, default: 0] += count }
        // Each group has a cell at least.
        let first = totals.map { (group: $0.key, name: names[Int($0.key)], count: $0.value) }.firstSorted(most) {
            ($1.count, $0.name) < ($0.count, $1.name)
        }
        let ranks = Dictionary(uniqueKeysWithValues: first.enumerated().map { ($1.group, $0) })
        let cells = all.compactMap { cell in ranks[cell.group].map { (rank: $0, cell: cell) } }
        let sorted = cells.sorted { ($0.rank, $0.cell.part) < ($1.rank, $1.cell.part) }
        return sorted.prefix(most).map(\.cell)
    }
}
