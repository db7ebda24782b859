import Analytics

/// Latencies by group and part, as exact as ``DatedRows`` tells them and some ten times as fast where there are very many.
struct GroupedLatencies {
    private struct Cell: Hashable {
        let group: Int32
        let part: Int
    }

    private let target: Int64
    private var cells: [Cell] = []
    private var places: [Cell: Int] = [:]
    private var placeOfEach: [Int] = []
    private var milliseconds: [Int64] = []

    init(target: Int64) { self.target = target }

    mutating func add(_ latency: Int64, of group: Int32, in part: Int) {
        let cell = Cell(group: group, part: part)
        let place: Int
        if let known = places[cell] {
            place = known
        } else {
            place = cells.count
            places[cell] = place
            cells.append(cell)
        }
        placeOfEach.append(place)
        milliseconds.append(latency)
    }

    /// The group with most first, and of each its parts in the order of time.
    func figures(_ names: [String], _ parts: [Range<Quarter>]) -> Figures {
        let (starts, sorted) = sorted()
        var counts: [Int32: Int] = [:]
        for (place, cell) in cells.enumerated() { counts[cell.group, default: 0] += starts[place + 1] - starts[place] }
        let order = cells.indices.map { (place: $0, cell: cells[$0], count: counts[cells[$0].group] ?? 0) }.sorted {
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

    /// All latencies, cell by cell in the order of their length, and where each cell begins.
    private func sorted() -> (starts: [Int], milliseconds: [Int64]) {
        var starts = [Int](repeating: 0, count: cells.count + 1)
        for place in placeOfEach { starts[place + 1] += 1 }
        for place in cells.indices { starts[place + 1] += starts[place] }
        var (next, sorted) = (starts, [Int64](repeating: 0, count: milliseconds.count))
        for (place, latency) in zip(placeOfEach, milliseconds) {
            sorted[next[place]] = latency
            next[place] += 1
        }
        for place in cells.indices { sorted[starts[place]..<starts[place + 1]].sort() }
        return (starts, sorted)
    }
}
