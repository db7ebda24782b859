import Analytics
import MongoDB

/// Numbers that change when figures of some days do; see ``FigureDays``.
struct FigureVersions {
    private let first: Int64
    /// Of all days before each, from the first on.
    private var days: [FigureDays.Kind: [Int64]]
    /// Likewise of hours.
    private var writers: [Int64]
    /// Of days that are not told.
    private var every: [FigureDays.Kind: Int64] = [:]
    private var everyWriter: Int64 = 0

    /// Of members, document by document.
    private var documents: [(id: String, day: Int64?, number: Int64)] = []

    fileprivate struct Count {
        let id: String
        let day: Int64?
        let numbers: [FigureDays.Kind: Int64]
        /// By the hour of the day.
        let writers: [(hour: Int64, number: Int64)]

        init(_ document: BSONDocument) {
            (id, day) = (document.string("_id") ?? "", document.int64(FigureDays.dayField))
            var numbers: [FigureDays.Kind: Int64] = [:]
            for kind in FigureDays.Kind.allCases { numbers[kind] = document.int64(kind.rawValue) }
            self.numbers = numbers
            let hours = document.document(FigureDays.writerField) ?? BSONDocument()
            writers = hours.elements.compactMap { element in
                guard let hour = element.keyNumber, let number = element.value.int64 else { return nil }
                return (hour, number)
            }
        }

        static var fields: BSONDocument {
            var fields = BSONDocument.only(FigureDays.dayField, FigureDays.writerField)
            for kind in FigureDays.Kind.allCases { fields.append(kind.rawValue, Int32(1)) }
            return fields
        }
    }

    fileprivate init(_ quarters: Range<Quarter>, _ counts: [Count]) {
        first = quarters.lowerBound.day
        let count = Int(Quarter(quarters.upperBound.number - 1).day - first + 1)
        days = Dictionary(
            uniqueKeysWithValues: FigureDays.Kind.allCases.map { ($0, [Int64](repeating: 0, count: count + 1)) }
        )
        writers = [Int64](repeating: 0, count: count * Int(Hour.perDay) + 1)
        for noted in counts {
            if let number = noted.numbers[.members] { documents.append((noted.id, noted.day, number)) }
            guard let day = noted.day else {
                every.merge(noted.numbers, uniquingKeysWith: +)
                everyWriter += noted.writers.reduce(0) { $0 + $1.number }
                continue
            }
            guard 0..<count ~= Int(day - first) else { continue }
            for (kind, number) in noted.numbers { days[kind]?[Int(day - first) + 1] += number }
            for (hour, number) in noted.writers { writers[Int((day - first) * Hour.perDay + hour) + 1] += number }
        }
        for kind in FigureDays.Kind.allCases { days[kind]?.addUp() }
        writers.addUp()
    }

    /// - Parameter quarters: not empty, and of the range.
    func of(_ kind: FigureDays.Kind, _ quarters: Range<Quarter>) -> Int64 {
        guard let sums = days[kind] else { return 0 }
        let last = Quarter(quarters.upperBound.number - 1).day
        return sums[Int(last - first) + 1] - sums[Int(quarters.lowerBound.day - first)] + (every[kind] ?? 0)
    }

    /// The numbers that ``of(_:_:)`` adds up for members, by their documents.
    func ofMembers(_ quarters: Range<Quarter>) -> [String: Int64] {
        let days = quarters.lowerBound.day...Quarter(quarters.upperBound.number - 1).day
        let those = documents.lazy.filter { $0.day.map(days.contains) ?? true }
        return Dictionary(those.map { ($0.id, $0.number) }) { $1 }
    }

    /// Of who wrote, and in which channel.
    func ofWriters(_ quarters: Range<Quarter>) -> Int64 {
        let (start, last) = (first * Hour.perDay, Hour(Quarter(quarters.upperBound.number - 1)).number)
        return writers[Int(last - start) + 1] - writers[Int(Hour(quarters.lowerBound).number - start)] + everyWriter
    }
}

extension [Int64] {
    /// Each becomes the sum of all up to it.
    fileprivate mutating func addUp() {
        for index in indices.dropFirst() { self[index] += self[index - 1] }
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
            for (first, last) in [(text(quarters.lowerBound), text(last)), (FigureDays.everyID, FigureDays.everyID)] {
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
