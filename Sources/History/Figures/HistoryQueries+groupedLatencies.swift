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
        let (memory, end, versions) = (store.latencies, end, try versions(of: question.range.quarters))
        let places = memory.places(store.names.names())
        var (latencies, unknown, known) = (GroupedLatencies(target: question.target), [FigurePiece](), 0)
        for piece in question.range.pieces(byDay: true) {
            let version = versions.of(kind.figures, piece.quarters)
            if let rows = memory.rows(.init(kind: kind, quarters: piece.quarters), version: version, places) {
                latencies.add(rows, in: piece.part)
                known += rows.count
            } else {
                unknown.append(piece)
            }
        }
        // To count very many takes its time, too.
        if unknown.count > limits.latencyDaysAtOnce, !isPatient, store.reader.isReading(.latencies(kind)) {
            return .beingRead
        }
        let count = try until(end).count(kind, in: unknown, besides: known)
        guard count <= limits.latencyRowsAtOnce else {
            store.reader.read(.latencies(kind)) { [patient] () throws(MongoError) in
                _ = try patient.groupedLatencies(kind, question)
            }
            return .beingRead
        }
        for run in unknown.runs(of: limits.latencyDaysAtOnce) {
            for (piece, rows) in zip(run, try until(end).latencyRows(kind, in: run, places)) {
                latencies.add(rows, in: piece.part)
                let version = versions.of(kind.figures, piece.quarters)
                memory.keep(rows, .init(kind: kind, quarters: piece.quarters), version: version, places)
            }
        }
        let groups = places.groups(question.grouping)
        return latencies.figures(groups, places.names.all, question.range.parts, question.wanted)
    }

    /// Before they are read: what does not fit into the memory would be read in vain.
    ///
    /// - Throws: a refusal where there are too many.
    private func count(_ kind: LatencyKind, in pieces: [FigurePiece], besides known: Int) throws(MongoError) -> Int {
        var count = 0
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
        guard known + count <= limits.latencyRowsMost else {
            throw .refusal(
                "group \(kind == .reads ? "readings" : "answers"): there are more than \(limits.latencyRowsMost) in the range. "
                    + "Narrow it, or ask of all of them together."
            )
        }
        return count
    }

    /// - Parameter run: without gaps.
    private func latencyRows(
        _ kind: LatencyKind,
        in run: ArraySlice<FigurePiece>,
        _ places: LatencyPlaces
    ) throws(MongoError) -> [LatencyRows] {
        var rows = [LatencyRows](repeating: LatencyRows(), count: run.count)
        func number(_ name: String?) -> Int32 { name.map(places.names.number) ?? -1 }
        try forEachLatency(kind, in: run, isDivided: true) { piece, document, took in
            let place = LatencyPlace(
                user: number(document.string(kind.userField)),
                channel: number(document.string("cid")),
                listing: number(document.string("listing_id"))
            )
            rows[piece].add(took, at: places.number(of: place))
        }
        return rows
    }
}

extension LatencyPlaces {
    /// Of each place what a question groups by, as a number of ``names``; negative where it is none.
    fileprivate func groups(_ grouping: FigureGrouping?) -> [Int32] {
        switch grouping {
        case .user: all.map(\.user)
        case .channel: all.map(\.channel)
        case .channelType: types
        default: all.map(\.listing)
        }
    }

    private var types: [Int32] {
        let (all, known) = (all, names.all)
        var types: [Int32: Int32] = [:]
        for channel in Set(all.map(\.channel)) where channel >= 0 {
            types[channel] = names.number(of: Channel.parts(ofCID: known[Int(channel)]).type)
        }
        return all.map { types[$0.channel] ?? -1 }
    }
}
