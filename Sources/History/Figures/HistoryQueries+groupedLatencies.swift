import Analytics
import Chat
import Limits
import MongoDB

extension HistoryQueries {
    /// How long answers or readings took, by whose they are, by channel, its type, or listing; days of which nothing has changed
    /// since are not read again.
    func groupedLatencies(_ kind: LatencyKind, _ question: DatedQuestion) throws(MongoError) -> Figures {
        let (memory, end, versions) = (store.figures, end, try versions(of: question.range.quarters))
        let names = memory.rowNames()
        var (groups, unknown) = (LatencyGroups(question, names), [FigurePiece]())
        for piece in question.range.pieces(byDay: true) {
            let version = versions.of(kind.figures, piece.quarters)
            if let known = memory.rows(.init(kind: kind, quarters: piece.quarters), version: version, names) {
                groups.add(known, in: piece.part)
            } else {
                unknown.append(piece)
            }
        }
        for run in unknown.runs(of: limits.latencyDaysAtOnce) {
            for (piece, rows) in zip(run, try until(end).latencyRows(kind, in: run, names)) {
                groups.add(rows, in: piece.part)
                let version = versions.of(kind.figures, piece.quarters)
                memory.keep(rows, .init(kind: kind, quarters: piece.quarters), version: version, names)
            }
        }
        return groups.figures
    }

    /// - Parameter run: without gaps.
    private func latencyRows(
        _ kind: LatencyKind,
        in run: ArraySlice<FigurePiece>,
        _ names: MemberNames
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
    private let names: MemberNames
    private var latencies: GroupedLatencies
    /// By channel.
    private var types: [Int32: Int32] = [:]

    init(_ question: DatedQuestion, _ names: MemberNames) {
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
        for (group, latency) in zip(groups, rows.milliseconds) where group >= 0 {
            latencies.add(latency, of: group, in: part)
        }
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
