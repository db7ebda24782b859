import Analytics
import Chat
import MongoDB

/// UTC days of whose figures a transaction changes something.
///
/// Noted in the collection `figure_days`: whoever remembers figures of a day knows by its number whether they still are what
/// they were. Nodes raise numbers in parts of their own, so that they do not meet; a day's is their sum.
struct FigureDays: Sendable, Equatable {
    /// Days in which a scope's members have other counts than before.
    private var members: Set<Int64> = []
    /// Days in which other answers were given than before.
    private var answers: Set<Int64> = []
    /// Hours in which others write in channels than before: of a day that is not over yet, most hours stay as they are.
    private var writers: Set<Hour> = []
    /// Of any day they may be others.
    private var (everyAnswer, everyWriter) = (false, false)

    static let (memberField, answerField, writerField, dayField) = ("m", "t", "w", "d")
    static let every = "every"
    static let steps: ClosedRange<Int64> = 1...(1 << 20)
    /// Of more days than this one does not tell the days.
    private static let most: Int64 = 40

    var isEmpty: Bool { days.isEmpty && !everyAnswer && !everyWriter }

    private var days: Set<Int64> { members.union(answers).union(writers.map(\.day)) }

    mutating func note(_ key: RollupKey, _ cells: some Sequence<RollupCell>) {
        guard !key.scope.isShared else { return }
        let start = key.period.start.number
        for cell in cells { members.insert(Quarter(start + Int64(cell.slot)).day) }
    }

    mutating func noteAnswer(at milliseconds: Int64) { answers.insert(Self.day(milliseconds)) }

    /// Of a range of milliseconds; `nil` is all there are.
    mutating func noteAnswers(in range: ClosedRange<Int64>?) {
        guard let range, Self.day(range.upperBound) - Self.day(range.lowerBound) < Self.most else {
            everyAnswer = true
            return
        }
        answers.formUnion(Self.day(range.lowerBound)...Self.day(range.upperBound))
    }

    mutating func noteWriters(in hours: Set<Hour>) { writers.formUnion(hours) }

    mutating func noteEveryWriter() { everyWriter = true }

    /// - Parameter step: positive, and another each time: a number that a failover took back is then not reached again.
    func updates(part: Int, step: Int64) -> [MongoUpdate] {
        let hours = Dictionary(grouping: writers, by: \.day)
        let days = self.days.sorted().map { day in
            var change = BSONDocument()
            change.append("$inc") {
                if members.contains(day) { $0.append(Self.memberField, step) }
                if answers.contains(day) { $0.append(Self.answerField, step) }
                for hour in hours[day] ?? [] { $0.append(Self.path(hour), step) }
            }
            change.append("$setOnInsert") { $0.append(Self.dayField, day) }
            let period = RollupPeriod(of: Quarter(day: day), byDay: true)
            return MongoUpdate(filter: .id("\(period.text)/\(part)"), update: change, upsert: true)
        }
        guard everyAnswer || everyWriter else { return days }
        var change = BSONDocument()
        change.append("$inc") {
            if everyAnswer { $0.append(Self.answerField, step) }
            if everyWriter { $0.append(Self.path(Hour(0)), step) }
        }
        return days + [MongoUpdate(filter: .id("\(Self.every)/\(part)"), update: change, upsert: true)]
    }

    /// By the hour of the day.
    private static func path(_ hour: Hour) -> String { "\(writerField).\(hour.number - hour.day * Hour.perDay)" }

    private static func day(_ milliseconds: Int64) -> Int64 { Quarter(Timestamp(milliseconds: milliseconds)).day }
}
