import Analytics
import Chat
import Limits
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

    /// A channel, or an object that messages outside of channels are about.
    struct Member: Hashable, Sendable {
        let scope: RollupScope
        let id: String
    }

    private var days: [Kind: Set<Int64>] = [:]
    /// Whose counts of a day change; `nil` once they are too many to be told.
    private var members: [Int64: Set<Member>]? = [:]
    /// Hours in which others write than before, or more: of a day that is not over yet, most hours stay as they are.
    private var writers: Set<Hour> = []
    /// Of any day they may be others.
    private var every: Set<Kind> = []
    private var everyWriter = false

    static let (writerField, dayField) = ("w", "d")
    static let everyID = "every"
    static let steps: ClosedRange<Int64> = 1...(1 << 20)
    /// Changed members are told of so many a day, and of so few days: where events come in, not where a history is read in.
    private static let (membersTold, daysTold) = (Limits.Figures().memberCountsTold, 2)
    fileprivate static let (scopeField, idField) = ("k", "c")
    /// Of more days than this one does not tell the days.
    private static let most: Int64 = 40

    var isEmpty: Bool { allDays.isEmpty && every.isEmpty && !everyWriter }

    private var allDays: Set<Int64> { days.values.reduce(into: Set(writers.map(\.day))) { $0.formUnion($1) } }

    mutating func note(_ key: RollupKey, _ cells: some Sequence<RollupCell>) {
        guard !key.scope.isShared else { return }
        let start = key.period.start.number
        for cell in cells {
            let day = Quarter(start + Int64(cell.slot)).day
            note(.members, day)
            note(Member(scope: key.scope, id: key.id), day)
        }
    }

    private mutating func note(_ member: Member, _ day: Int64) {
        members?[day, default: []].insert(member)
        guard let members, members.count > Self.daysTold || members[day, default: []].count > Self.membersTold else {
            return
        }
        self.members = nil
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
            if self.days[.members]?.contains(day) == true {
                LatestChanges.note(members?[day] ?? [], step: step, most: Self.membersTold, in: &change) {
                    member,
                    entry in
                    if member.scope != .channel { entry.append(Self.scopeField, member.scope.rawValue) }
                    entry.append(Self.idField, member.id)
                }
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

extension FigureDays.Member {
    /// As it is noted.
    init?(_ change: BSONDocument) {
        guard let id = change.string(FigureDays.idField) else { return nil }
        let scope = change.string(FigureDays.scopeField).map(RollupScope.init(rawValue:)) ?? .channel
        guard let scope else { return nil }
        self.init(scope: scope, id: id)
    }
}
