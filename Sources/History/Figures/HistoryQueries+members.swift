import Analytics
import MongoDB

extension HistoryQueries {
    /// Members of a scope with most first, and of each its parts in the order of time; months of which nothing has changed since
    /// are not counted again.
    func volumeByMember(_ selection: RollupSelection, _ range: FigureRange) throws(MongoError) -> Figures {
        let (memory, end, versions) = (store.members, end, try versions(of: range.quarters))
        let names = store.names.names()
        var (sums, unknown) = (MemberSums(parts: range.parts.count), [RollupPeriod: [FigurePiece]]())
        for piece in range.pieces(byDay: false) {
            let version = versions.of(.members, piece.quarters)
            if let known = memory.counts(.init(selection, in: piece.quarters), version: version, names) {
                sums.add(known, in: piece.part)
            } else {
                unknown[RollupPeriod(of: piece.quarters.lowerBound, byDay: false), default: []].append(piece)
            }
        }
        for pieces in unknown.values {
            for (piece, counts) in zip(pieces, try until(end).counts(of: selection, in: pieces, names)) {
                sums.add(counts, in: piece.part)
                let version = versions.of(.members, piece.quarters)
                memory.keep(counts, .init(selection, in: piece.quarters), version: version, names)
            }
        }
        return sums.figures(names.all, range)
    }

    /// - Parameter pieces: of one month, in the order of time.
    private func counts(
        of selection: RollupSelection,
        in pieces: [FigurePiece],
        _ names: FigureNames
    ) throws(MongoError) -> [MemberCounts] {
        var counts = [MemberCounts](repeating: MemberCounts(), count: pieces.count)
        guard let start = pieces.first?.quarters.lowerBound, let end = pieces.last?.quarters.upperBound else {
            return counts
        }
        var selection = selection
        selection.quarters = start..<end
        try forEachCount(selection) { document in
            let member = names.number(of: document.id)
            pieces.forEachSum(document.counts.lazy.map { ($0.quarter, $0.count) }) { piece, sum in
                counts[piece].add(sum, of: member)
            }
        }
        return counts
    }
}

/// Sums of members and parts.
private struct MemberSums {
    /// Of more parts than this most members have nothing in most.
    private static let partsInRows = 16

    private let parts: Int
    /// Where a member's parts begin in ``rows``, one more, by its number; 0 has none yet.
    private var starts: [Int32] = []
    private var members: [Int32] = []
    private var rows: [Int64] = []
    private var others: [Int: Int64] = [:]

    init(parts: Int) { self.parts = parts }

    mutating func add(_ counts: MemberCounts, in part: Int) {
        guard parts <= Self.partsInRows else {
            for (member, count) in zip(counts.members, counts.counts) {
                others[Int(member) * parts + part, default: 0] += count
            }
            return
        }
        for (member, count) in zip(counts.members, counts.counts) { rows[start(of: member) + part] += count }
    }

    private mutating func start(of member: Int32) -> Int {
        let index = Int(member)
        if index >= starts.count {
            starts.append(contentsOf: repeatElement(0, count: max(index + 1, starts.count * 2) - starts.count))
        }
        if starts[index] == 0 {
            starts[index] = Int32(rows.count) + 1
            members.append(member)
            rows.append(contentsOf: repeatElement(0, count: parts))
        }
        return Int(starts[index]) - 1
    }

    func figures(_ names: [String], _ range: FigureRange) -> Figures {
        let cells = cells
        var totals: [(member: Int, total: Int64, cells: Range<Int>)] = []
        var start = 0
        while start < cells.count {
            let member = cells[start].place / parts
            var (end, total) = (start, Int64(0))
            while end < cells.count, cells[end].place / parts == member {
                total += cells[end].count
                end += 1
            }
            if total != 0 { totals.append((member, total, start..<end)) }
            start = end
        }
        totals.sort { ($1.total, names[$0.member]) < ($0.total, names[$1.member]) }
        let rows = totals.flatMap { member, _, places in
            cells[places].map { FigureRow(range.parts[$0.place % parts], group: names[member], .count($0.count)) }
        }
        return Figures(rows, total: totals.reduce(0) { $0 + $1.total })
    }

    /// Those that are not 0, of one member after the other, in the order of time.
    private var cells: [(place: Int, count: Int64)] {
        guard parts <= Self.partsInRows else {
            return others.filter { $0.value != 0 }.map { ($0.key, $0.value) }.sorted { $0.place < $1.place }
        }
        return rows.indices.compactMap { row in
            guard rows[row] != 0 else { return nil }
            return (Int(members[row / parts]) * parts + row % parts, rows[row])
        }
    }
}
