import Analytics
import Chat
import Limits
package import MongoDB

extension HistoryQueries {
    /// How long answers took, by when they were given.
    ///
    /// - Parameter first: only the first answer in a channel.
    package func replies(_ question: DatedQuestion, first: Bool) throws(MongoError) -> Figures {
        let figures = try latencies(first ? .firstAnswers : .answers, question)
        try requireKept(.answers, question.range.quarters)
        return figures
    }

    /// How long messages waited for their channel's seller to read them, by when they were read.
    package func readLatency(_ question: DatedQuestion) throws(MongoError) -> Figures {
        try latencies(.reads, question)
    }

    private func latencies(_ kind: LatencyKind, _ question: DatedQuestion) throws(MongoError) -> Figures {
        guard question.isRemembered, kind == .reads ? store.settings.keepsFigures : true else {
            return try countedLatencies(kind, question)
        }
        return try question.grouping == nil ? rememberedLatencies(kind, question) : groupedLatencies(kind, question)
    }

    /// One by one.
    private func countedLatencies(_ kind: LatencyKind, _ question: DatedQuestion) throws(MongoError) -> Figures {
        var rows = DatedRows(question)
        var filter = kind.filter(question.range.quarters)
        if let (place, id) = question.place, place == .channel { filter.append("cid", id) }
        try forEach(kind.collection, filter, kind.fields(isDivided: !question.isUndivided)) { document in
            guard let (at, asked) = kind.times(document) else { return }
            let (isWanted, group) = question.group(document, user: kind.userField)
            guard isWanted else { return }
            let took = at.milliseconds - asked.milliseconds
            let counted = question.hours?.milliseconds(from: asked.milliseconds, to: at.milliseconds)
            rows.add(DatedRow(at: at, milliseconds: counted ?? took, group: group))
        }
        return rows.latencies
    }

    /// All together; days of which nothing has changed since are not counted again.
    private func rememberedLatencies(_ kind: LatencyKind, _ question: DatedQuestion) throws(MongoError) -> Figures {
        let (range, memory, end) = (question.range, store.latencies, end)
        let versions = try versions(of: range.quarters)
        var (parts, unknown) = (
            [LatencyTimes](repeating: LatencyTimes(), count: range.parts.count), [FigurePiece]()
        )
        func key(_ piece: FigurePiece) -> LatencyMemory.TimesKey {
            LatencyMemory.TimesKey(kind: kind, target: question.target, quarters: piece.quarters)
        }
        for piece in range.pieces(byDay: true) {
            if let known = memory.times(key(piece), version: versions.of(kind.figures, piece.quarters)) {
                parts[piece.part].add(known)
            } else {
                unknown.append(piece)
            }
        }
        for run in unknown.runs(of: limits.latencyDaysAtOnce) {
            var latencies = [LatencyTimes](repeating: LatencyTimes(), count: run.count)
            try until(end).forEachLatency(kind, in: run, isDivided: false) { piece, _, took in
                latencies[piece].add(took, target: question.target)
            }
            for (piece, latencies) in zip(run, latencies) {
                parts[piece.part].add(latencies)
                memory.keep(latencies, key(piece), version: versions.of(kind.figures, piece.quarters))
            }
        }
        let rows = zip(range.parts, parts).map {
            FigureRow($0, .latency(LatencySummary($1.sketch, within: $1.within)))
        }
        return Figures(rows, total: nil)
    }

    /// - Parameters:
    ///   - run: without gaps.
    ///   - body: gets the piece's place in the run.
    func forEachLatency(
        _ kind: LatencyKind,
        in run: ArraySlice<FigurePiece>,
        isDivided: Bool,
        _ body: (_ piece: Int, BSONDocument, _ milliseconds: Int64) -> Void
    ) throws(MongoError) {
        guard let start = run.first?.quarters.lowerBound, let end = run.last?.quarters.upperBound else { return }
        try forEach(kind.collection, kind.filter(start..<end), kind.fields(isDivided: isDivided)) { document in
            guard let (at, asked) = kind.times(document), let piece = run.index(of: Quarter(at)) else { return }
            body(piece - run.startIndex, document, at.milliseconds - asked.milliseconds)
        }
    }
}

extension DatedQuestion {
    /// About all of a range, or by what ``LatencyRows`` tell.
    fileprivate var isRemembered: Bool {
        hours == nil && place == nil && range.isRemembered
            && [nil, .user, .channel, .channelType, .listing].contains(grouping)
    }
}
