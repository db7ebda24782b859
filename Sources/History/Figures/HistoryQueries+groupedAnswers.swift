import Analytics
import Chat
import Limits
import MongoDB

extension HistoryQueries {
    /// How long all answers took, by who gave them, by channel or by listing; days of which nothing has changed since are not
    /// read again.
    func groupedAnswers(_ question: DatedQuestion) throws(MongoError) -> Figures {
        let (memory, end, versions) = (store.figures, end, try versions(of: question.range.quarters))
        let names = memory.answerNames()
        var (groups, unknown) = (AnswerGroups(question, names), [FigurePiece]())
        for piece in question.range.pieces(byDay: true) {
            let version = versions.ofAnswers(piece.quarters)
            if let known = memory.answerRows(piece.quarters, version: version, names) {
                groups.add(known, in: piece.part)
            } else {
                unknown.append(piece)
            }
        }
        for run in unknown.runs(of: limits.answerDaysAtOnce) {
            for (piece, rows) in zip(run, try until(end).answerRows(in: run, names)) {
                groups.add(rows, in: piece.part)
                memory.keep(rows, piece.quarters, version: versions.ofAnswers(piece.quarters), names)
            }
        }
        return groups.figures
    }

    /// - Parameter run: without gaps.
    private func answerRows(
        in run: ArraySlice<FigurePiece>,
        _ names: MemberNames
    ) throws(MongoError) -> [AnswerRows] {
        var rows = [AnswerRows](repeating: AnswerRows(), count: run.count)
        guard let start = run.first?.quarters.lowerBound, let end = run.last?.quarters.upperBound else { return rows }
        let fields = BSONDocument.only("cid", "at", "asked", "by", "listing_id")
        try forEach(.turns, (start..<end).filter("at"), fields) { document in
            guard let at = document.date("at"), let asked = document.date("asked"), let user = document.string("by"),
                let channel = document.string("cid"),
                let piece = run.index(of: Quarter(Timestamp(milliseconds: at)))
            else { return }
            rows[piece - run.startIndex].add(
                by: names.number(of: user),
                in: names.number(of: channel),
                about: document.string("listing_id").map(names.number),
                took: at - asked
            )
        }
        return rows
    }
}

extension DatedQuestion {
    /// About all answers, by what ``AnswerRows`` tell.
    var isOfGroupedAnswers: Bool {
        hours == nil && place == nil && range.isRemembered && [.user, .channel, .listing].contains(grouping)
    }
}

/// Rows of answers by what a question groups them by.
private struct AnswerGroups {
    private let question: DatedQuestion
    private let names: MemberNames
    private var latencies: GroupedLatencies

    init(_ question: DatedQuestion, _ names: MemberNames) {
        (self.question, self.names) = (question, names)
        latencies = GroupedLatencies(target: question.target)
    }

    mutating func add(_ rows: AnswerRows, in part: Int) {
        let groups =
            switch question.grouping {
            case .user: rows.users
            case .channel: rows.channels
            default: rows.listings
            }
        for (group, latency) in zip(groups, rows.milliseconds) where group >= 0 {
            latencies.add(latency, of: group, in: part)
        }
    }

    var figures: Figures { latencies.figures(names.all, question.range.parts) }
}
