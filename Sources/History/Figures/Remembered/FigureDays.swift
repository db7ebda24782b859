import Analytics
import Chat
import MongoDB

/// UTC days of whose figures a transaction changes something.
///
/// Noted in the collection `figure_days`: whoever remembers figures of a day knows by its number whether they still are what
/// they were. Nodes raise numbers in parts of their own, so that they do not meet; a day's is their sum.
struct FigureDays: Sendable, Equatable {
    /// What of a day has a number, in the field of its name.
    enum Kind: String, CaseIterable {
        /// Counts of scopes' members.
        case members = "m"
        /// Answers, by when they were given.
        case answers = "t"
        /// Messages that their channel's seller read, by when that was.
        case reads = "r"
    }

    private var days: [Kind: Set<Int64>] = [:]
    /// Hours in which others write than before, or more: of a day that is not over yet, most hours stay as they are.
    private var writers: Set<Hour> = []
    /// Of any day they may be others.
    private var every: Set<Kind> = []
    private var everyWriter = false

    static let (writerField, dayField) = ("w", "d")
    static let everyID = "every"
    static let steps: ClosedRange<Int64> = 1...(1 << 20)
    /// Of more days than this one does not tell the days.
    private static let most: Int64 = 40

    var isEmpty: Bool { allDays.isEmpty && every.isEmpty && !everyWriter }

    private var allDays: Set<Int64> { days.values.reduce(into: Set(writers.map(\.day))) { $0.formUnion($1) } }

    mutating func note(_ key: RollupKey, _ cells: some Sequence<RollupCell>) {
        guard !key.scope.isShared else { return }
        let start = key.period.start.number
        for cell in cells { note(.members, Quarter(start + Int64(cell.slot)).day) }
    }

    mutating func note(_ kind: Kind, _ day: Int64) { days[kind, default: []].insert(day) }

    mutating func note(_ kind: Kind, at milliseconds: Int64) { note(kind, Self.day(milliseconds)) }

    /// Of a range of milliseconds; `nil` is all there are.
    mutating func note(_ kind: Kind, in range: ClosedRange<Int64>?) {
        guard let range, Self.day(range.upperBound) - Self.day(range.lowerBound) < Self.most else {
            every.insert(kind)
            return
        }
        days[kind, default: []].formUnion(Self.day(range.lowerBound)...Self.day(range.upperBound))
    }

    mutating func noteWriters(in hours: Set<Hour>) { writers.formUnion(hours) }

    mutating func noteEveryWriter() { everyWriter = true }

    /// - Parameter step: positive, and another each time: a number that a failover took back is then not reached again.
    func updates(part: Int, step: Int64) -> [MongoUpdate] {
        let hours = Dictionary(grouping: writers, by: \.day)
        let days = allDays.sorted().map { day in
            var change = BSONDocument()
            change.append("$inc") {
                for kind in Kind.allCases where self.days[kind]?.contains(day) == true {
                    $0.append(kind.rawValue, step)
                }
                for hour in hours[day] ?? [] { $0.append(Self.path(hour), step) }
            }
            change.append("$setOnInsert") { $0.append(Self.dayField, day) }
            let period = RollupPeriod(of: Quarter(day: day), byDay: true)
            return MongoUpdate(filter: .id("\(period.text)/\(part)"), update: change, upsert: true)
        }
        guard !every.isEmpty || everyWriter else { return days }
        var change = BSONDocument()
        change.append("$inc") {
            for kind in Kind.allCases where every.contains(kind) { $0.append(kind.rawValue, step) }
            if everyWriter { $0.append(Self.path(Hour(0)), step) }
        }
        return days + [MongoUpdate(filter: .id("\(Self.everyID)/\(part)"), update: change, upsert: true)]
    }

    /// By the hour of the day.
    private static func path(_ hour: Hour) -> String { "\(writerField).\(hour.number - hour.day * Hour.perDay)" }

    private static func day(_ milliseconds: Int64) -> Int64 { Quarter(Timestamp(milliseconds: milliseconds)).day }
}
