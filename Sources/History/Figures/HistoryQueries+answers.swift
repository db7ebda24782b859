import Analytics
import Chat
import Limits
import MongoDB

extension HistoryQueries {
    /// How long all answers took, by when they were given; days of which nothing has changed since are not counted again.
    ///
    /// - Parameter first: only the first answer in a channel.
    func answers(_ question: DatedQuestion, first: Bool) throws(MongoError) -> Figures {
        let (range, memory, end) = (question.range, store.figures, end)
        let versions = try versions(of: range.quarters)
        var (parts, unknown) = ([AnswerTimes](repeating: AnswerTimes(), count: range.parts.count), [FigurePiece]())
        func key(_ piece: FigurePiece) -> FigureMemory.AnswersKey {
            FigureMemory.AnswersKey(first: first, target: question.target, quarters: piece.quarters)
        }
        for piece in range.pieces(byDay: true) {
            if let known = memory.answers(key(piece), version: versions.ofAnswers(piece.quarters)) {
                parts[piece.part].add(known)
            } else {
                unknown.append(piece)
            }
        }
        for run in unknown.runs(of: limits.answerDaysAtOnce) {
            for (piece, answers) in zip(run, try until(end).answers(in: run, question.target, first: first)) {
                parts[piece.part].add(answers)
                memory.keep(answers, key(piece), version: versions.ofAnswers(piece.quarters))
            }
        }
        let rows = zip(range.parts, parts).map {
            FigureRow($0, .latency(LatencySummary($1.sketch, within: $1.within)))
        }
        return Figures(rows, total: nil)
    }

    /// - Parameter run: without gaps.
    private func answers(
        in run: ArraySlice<FigurePiece>,
        _ target: Int64,
        first: Bool
    ) throws(MongoError) -> [AnswerTimes] {
        var answers = [AnswerTimes](repeating: AnswerTimes(), count: run.count)
        guard let start = run.first?.quarters.lowerBound, let end = run.last?.quarters.upperBound else {
            return answers
        }
        var filter = (start..<end).filter("at")
        if first { filter.append("index", Int64(1)) }
        // Without the id, an index tells it all.
        var fields = BSONDocument.only("at", "asked")
        fields.append("_id", Int32(0))
        try forEach(.turns, filter, fields) { document in
            guard let at = document.date("at"), let asked = document.date("asked"),
                let piece = run.index(of: Quarter(Timestamp(milliseconds: at)))
            else { return }
            answers[piece - run.startIndex].add(at - asked, target: target)
        }
        return answers
    }
}
