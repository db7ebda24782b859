import Analytics
import MongoDB

/// Numbers that change when figures of some days do; see ``FigureDays``.
struct FigureVersions {
    private let first: Int64
    /// Of all days before each, from the first on.
    private var members: [Int64]
    private var answers: [Int64]
    private var everyAnswer: Int64 = 0

    fileprivate init(_ quarters: Range<Quarter>, _ counts: [(day: Int64?, members: Int64, answers: Int64)]) {
        first = quarters.lowerBound.day
        let days = Int(Quarter(quarters.upperBound.number - 1).day - first + 1)
        (members, answers) = ([Int64](repeating: 0, count: days + 1), [Int64](repeating: 0, count: days + 1))
        for count in counts {
            guard let day = count.day else {
                everyAnswer += count.answers
                continue
            }
            guard 0..<days ~= Int(day - first) else { continue }
            members[Int(day - first) + 1] += count.members
            answers[Int(day - first) + 1] += count.answers
        }
        for index in 0..<days {
            members[index + 1] += members[index]
            answers[index + 1] += answers[index]
        }
    }

    /// Of what is counted of scopes' members.
    func ofMembers(_ quarters: Range<Quarter>) -> Int64 { sum(members, quarters) }

    func ofAnswers(_ quarters: Range<Quarter>) -> Int64 { sum(answers, quarters) + everyAnswer }

    /// - Parameter quarters: not empty, and of the range.
    private func sum(_ sums: [Int64], _ quarters: Range<Quarter>) -> Int64 {
        let last = Quarter(quarters.upperBound.number - 1).day
        return sums[Int(last - first) + 1] - sums[Int(quarters.lowerBound.day - first)]
    }
}

extension HistoryQueries {
    /// To be asked before the figures themselves: what changes in between is then taken for newer than it is, never for older.
    ///
    /// - Parameter quarters: not empty.
    func versions(of quarters: Range<Quarter>) throws(MongoError) -> FigureVersions {
        let last = Quarter(quarters.upperBound.number - 1)
        func text(_ quarter: Quarter) -> String { RollupPeriod(of: quarter, byDay: true).text }
        var filter = BSONDocument()
        filter.append("$or") { (either: inout BSONArray) in
            for (first, last) in [(text(quarters.lowerBound), text(last)), (FigureDays.every, FigureDays.every)] {
                either.append {
                    // A slash comes before a part, and zero after a slash.
                    $0.append("_id") {
                        $0.append("$gte", first + "/")
                        $0.append("$lt", last + "0")
                    }
                }
            }
        }
        var counts: [(day: Int64?, members: Int64, answers: Int64)] = []
        try forEach(.figureDays, filter, .only(FigureDays.dayField, FigureDays.memberField, FigureDays.answerField)) {
            counts.append(
                (
                    $0.int64(FigureDays.dayField), $0.int64(FigureDays.memberField) ?? 0,
                    $0.int64(FigureDays.answerField) ?? 0
                )
            )
        }
        return FigureVersions(quarters, counts)
    }
}
