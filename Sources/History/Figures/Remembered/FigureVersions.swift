import Analytics
import MongoDB

/// Numbers that change when figures of some days do; see ``FigureDays``.
struct FigureVersions {
    private let first: Int64
    /// Of all days before each, from the first on; of writers of all hours.
    private var (members, answers, writers): ([Int64], [Int64], [Int64])
    private var (everyAnswer, everyWriter): (Int64, Int64) = (0, 0)

    fileprivate struct Count {
        let day: Int64?
        let members, answers: Int64
        /// By the hour of the day.
        let writers: [(hour: Int64, number: Int64)]

        init(_ document: BSONDocument) {
            day = document.int64(FigureDays.dayField)
            members = document.int64(FigureDays.memberField) ?? 0
            answers = document.int64(FigureDays.answerField) ?? 0
            let hours = document.document(FigureDays.writerField) ?? BSONDocument()
            writers = hours.elements.compactMap { element in
                guard let hour = element.keyNumber, let number = element.value.int64 else { return nil }
                return (hour, number)
            }
        }

        static let fields = BSONDocument.only(
            FigureDays.dayField,
            FigureDays.memberField,
            FigureDays.answerField,
            FigureDays.writerField
        )
    }

    fileprivate init(_ quarters: Range<Quarter>, _ counts: [Count]) {
        first = quarters.lowerBound.day
        let days = Int(Quarter(quarters.upperBound.number - 1).day - first + 1)
        (members, answers) = ([Int64](repeating: 0, count: days + 1), [Int64](repeating: 0, count: days + 1))
        writers = [Int64](repeating: 0, count: days * Int(Hour.perDay) + 1)
        for count in counts {
            guard let day = count.day else {
                everyAnswer += count.answers
                everyWriter += count.writers.reduce(0) { $0 + $1.number }
                continue
            }
            guard 0..<days ~= Int(day - first) else { continue }
            members[Int(day - first) + 1] += count.members
            answers[Int(day - first) + 1] += count.answers
            for (hour, number) in count.writers { writers[Int((day - first) * Hour.perDay + hour) + 1] += number }
        }
        for index in 0..<days {
            members[index + 1] += members[index]
            answers[index + 1] += answers[index]
        }
        for index in writers.indices.dropLast() { writers[index + 1] += writers[index] }
    }

    /// Of what is counted of scopes' members.
    func ofMembers(_ quarters: Range<Quarter>) -> Int64 { sum(members, quarters) }

    func ofAnswers(_ quarters: Range<Quarter>) -> Int64 { sum(answers, quarters) + everyAnswer }

    /// Of who wrote in which channel.
    func ofWriters(_ quarters: Range<Quarter>) -> Int64 {
        let (start, last) = (first * Hour.perDay, Hour(Quarter(quarters.upperBound.number - 1)).number)
        return writers[Int(last - start) + 1] - writers[Int(Hour(quarters.lowerBound).number - start)] + everyWriter
    }

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
        var counts: [FigureVersions.Count] = []
        try forEach(.figureDays, filter, FigureVersions.Count.fields) { counts.append(FigureVersions.Count($0)) }
        return FigureVersions(quarters, counts)
    }
}
