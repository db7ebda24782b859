import Analytics
import Chat
import Limits
import MongoDB

extension HistoryQueries {
    /// How long answers or readings took, by whose they are, by channel, its type, or listing; days of which nothing has changed
    /// since are not read again.
    ///
    /// - Throws: a refusal where there are too many.
    func groupedLatencies(_ kind: LatencyKind, _ question: DatedQuestion) throws(MongoError) -> Figures {
        let (memory, end, versions) = (store.figures, end, try versions(of: question.range.quarters))
        let names = store.names.names()
        var (groups, unknown, known) = (LatencyGroups(question, names), [FigurePiece](), 0)
        for piece in question.range.pieces(byDay: true) {
            let version = versions.of(kind.figures, piece.quarters)
            if let rows = memory.rows(.init(kind: kind, quarters: piece.quarters), version: version, names) {
                groups.add(rows, in: piece.part)
                known += rows.count
            } else {
                unknown.append(piece)
            }
        }
        try until(end).requireFew(kind, in: unknown, besides: known)
        for run in unknown.runs(of: limits.latencyDaysAtOnce) {
            for (piece, rows) in zip(run, try until(end).latencyRows(kind, in: run, names)) {
                groups.add(rows, in: piece.part)
                let version = versions.of(kind.figures, piece.quarters)
                memory.keep(rows, .init(kind: kind, quarters: piece.quarters), version: version, names)
            }
        }
        return groups.figures
    }

    /// Counted before they are read: what does not fit into the memory would be read in vain.
    private func requireFew(_ kind: LatencyKind, in pieces: [FigurePiece], besides known: Int) throws(MongoError) {
        var count = known
        for run in pieces.runs {
            guard let start = run.first?.quarters.lowerBound, let end = run.last?.quarters.upperBound else { continue }
            let stages = [
                Expression.stage("$match", .document(kind.filter(start..<end))),
                Expression.stage("$limit", .int64(Int64(limits.latencyRowsMost) + 1)),
                Expression.stage("$count", .string("n")),
            ]
            let found = try aggregate(kind.collection, stages, milliseconds: limits.milliseconds)
            count += Int(found.first?.int64("n") ?? 0)
        }
        guard count <= limits.latencyRowsMost else {
            throw .refusal(
                "group \(kind == .reads ? "readings" : "answers"): there are more than \(limits.latencyRowsMost) in the range. "
                    + "Narrow it, or ask of all of them together."
            )
        }
    }

    /// - Parameter run: without gaps.
    private func latencyRows(
        _ kind: LatencyKind,
        in run: ArraySlice<FigurePiece>,
        _ names: FigureNames
    ) throws(MongoError) -> [LatencyRows] {
        var rows = [LatencyRows](repeating: LatencyRows(), count: run.count)
        try forEachLatency(kind, in: run, isDivided: true) { piece, document, took in
            rows[piece].add(
                by: document.string(kind.userField).map(names.number),
                in: document.string("cid").map(names.number),
                about: document.string("listing_id").map(names.number),
                took: took
            )
        }
        return rows
    }
}

/// Rows of latencies by what a question groups them by.
private struct LatencyGroups {
    private let question: DatedQuestion
    private let names: FigureNames
    private var latencies: GroupedLatencies
    /// By channel.
    private var types: [Int32: Int32] = [:]

    init(_ question: DatedQuestion, _ names: FigureNames) {
        (self.question, self.names) = (question, names)
        latencies = GroupedLatencies(target: question.target)
    }

    mutating func add(_ rows: LatencyRows, in part: Int) {
        let groups =
            switch question.grouping {
            case .user: rows.users
            case .channel: rows.channels
            case .channelType: typesOfChannels(rows)
            default: rows.listings
            }
        latencies.add(rows, by: groups, in: part)
    }

    private mutating func typesOfChannels(_ rows: LatencyRows) -> [Int32] {
        let unknown = Set(rows.channels.filter { $0 >= 0 && types[$0] == nil })
        if !unknown.isEmpty {
            let all = names.all
            for channel in unknown {
                types[channel] = names.number(of: Channel.parts(ofCID: all[Int(channel)]).type)
            }
        }
        return rows.channels.map { types[$0] ?? -1 }
    }

    var figures: Figures { latencies.figures(names.all, question.range.parts) }
}
