import Analytics
import Chat
import Limits
import MongoDB

extension HistoryQueries {
    /// Members of a scope with most first, and of each its parts in the order of time; of months of which little has changed since,
    /// only that is counted again.
    func volumeByMember(_ selection: RollupSelection, _ range: FigureRange) throws(MongoError) -> Figures {
        let (memory, end, versions) = (store.members, end, try versions(of: range.quarters))
        let names = store.names.names()
        var (sums, unknown) = (MemberSums(parts: range.parts.count), [RollupPeriod: [FigurePiece]]())
        func keep(_ counts: MemberCounts, _ piece: FigurePiece) {
            sums.add(counts, in: piece.part)
            memory.keep(
                counts,
                .init(selection, in: piece.quarters),
                version: versions.of(.members, piece.quarters),
                numbers: versions.ofMembers(piece.quarters),
                names
            )
        }
        for piece in range.pieces(byDay: false) {
            let (key, version) = (
                MemberMemory.Key(selection, in: piece.quarters), versions.of(.members, piece.quarters)
            )
            if let known = memory.counts(key, version: version, names) {
                sums.add(known, in: piece.part)
            } else if let former = memory.former(key, names),
                let counts = try until(end).counts(former, of: selection, in: piece, versions, names)
            {
                keep(counts, piece)
            } else {
                unknown[RollupPeriod(of: piece.quarters.lowerBound, byDay: false), default: []].append(piece)
            }
        }
        for pieces in unknown.values {
            for (piece, counts) in zip(pieces, try until(end).counts(of: selection, in: pieces, names)) {
                keep(counts, piece)
            }
        }
        return sums.figures(names.all, range)
    }

    /// What was known, with members counted again that have changed since; `nil` where they are not told.
    private func counts(
        _ former: MemberMemory.Known,
        of selection: RollupSelection,
        in piece: FigurePiece,
        _ versions: FigureVersions,
        _ names: FigureNames
    ) throws(MongoError) -> MemberCounts? {
        let numbers = versions.ofMembers(piece.quarters)
        guard former.numbers.keys.allSatisfy({ numbers[$0] != nil }) else { return nil }
        let changed = numbers.filter { former.numbers[$0.key] != $0.value }.keys.sorted()
        guard changed.count <= limits.memberDaysChanged, let members = try members(changed, since: former.numbers)
        else {
            return nil
        }
        var selection = selection
        selection.quarters = piece.quarters
        let ids = try ids(selection, members)
        var counts = former.counts.without(Set(ids.map(names.number)))
        guard !ids.isEmpty else { return counts }
        try forEachCount(selection, of: ids) { document in
            counts.add(document.counts.reduce(0) { $0 + $1.count }, of: names.number(of: document.id))
        }
        return counts
    }

    /// Members of any scope whose counts have changed on days since they had other numbers.
    ///
    /// - Parameter days: documents of `figure_days`.
    private func members(
        _ days: [String],
        since numbers: [String: Int64]
    ) throws(MongoError) -> Set<FigureDays.Member>? {
        var filter = BSONDocument()
        filter.append("_id", in: days)
        let number = FigureDays.Kind.members.rawValue
        var members: Set<FigureDays.Member>? = []
        try forEach(.figureDays, filter, .only(number, LatestChanges.field)) { document in
            let changes = LatestChanges(document, number: number).since(numbers[document.string("_id") ?? ""] ?? 0)
            if let changes { members?.formUnion(changes.compactMap(FigureDays.Member.init)) } else { members = nil }
        }
        return members
    }

    /// Members of the selection's scope among them, and objects that channels among them are about.
    private func ids(
        _ selection: RollupSelection,
        _ members: Set<FigureDays.Member>
    ) throws(MongoError) -> [String] {
        var ids = Set(members.lazy.filter { $0.scope == selection.scope }.map(\.id))
        let channels = members.filter { $0.scope == .channel }.map(\.id)
        if let field = selection.scope.kind?.field, !channels.isEmpty, let period = selection.periods.first {
            try forEach(.rollups, RollupDocument.filter(.channel, period, ids: channels), .only(field)) { document in
                if let id = document.string(field) { ids.insert(id) }
            }
        }
        return Array(ids)
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
