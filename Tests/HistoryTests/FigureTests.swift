import Analytics
import Chat
import Foundation
import Limits
import MongoDB
import TestSupport
import Testing

@testable import History

/// Figures equal what going through the history with a calendar gives, whatever came late, twice or out of order.
struct FigureTests {
    /// Stories of a usual run; `FIGURE_STORIES` sets another number.
    private static let stories = ProcessInfo.processInfo.environment["FIGURE_STORIES"].flatMap { Int($0) } ?? 1

    /// - Parameter disorder: how far an event may come from its place.
    @Test(arguments: [3, Int.max]) func equalTheHistory(disorder: Int) async throws {
        let random = SeededRandom()
        try await blocking {
            var random = random
            for story in 0..<Self.stories { try Self.tell(story, disorder, &random) }
        }
    }

    /// Without figures a history is all else that it is with them; wanted again, they are counted by a rebuild.
    @Test func areKeptOnlyWhereTheyAreWanted() async throws {
        let random = SeededRandom()
        try await withFreshDatabase { pool, database in
            var (random, history) = (random, try Self.open(pool, database, keepsFigures: false))
            var story = FigureStory(random)
            let events = story.events(messages: 40)
            random = story.random
            let comment = "TEST_SEED=\(random.seed)"
            for event in events.prefix(60) { try history.apply([ReceivedEvent(event, story.bodies)]) }
            try history.sweep()
            try Self.expectNone(history, comment)
            try Self.expectVerified(history, comment)
            #expect(try Rebuilder(history.store) { _ in }.run() == 0)
            #expect(try !HistoryQueries(history.store, limits: Limits.Query()).figureState().isComplete)

            history = try Self.open(pool, database)
            #expect(try !HistoryQueries(history.store, limits: Limits.Query()).figureState().isComplete)
            for event in events.dropFirst(60) { try history.apply([ReceivedEvent(event, story.bodies)]) }
            #expect(try Rebuilder(history.store) { _ in }.run() > 0)
            #expect(try HistoryQueries(history.store, limits: Limits.Query()).figureState().isComplete)
            try Self.expectVerified(history, comment)
            try Self.compareAll(history, comment, &random)

            history = try Self.open(pool, database, keepsFigures: false)
            try Self.expectNone(history, comment)
            #expect(try history.store.indexDifference().isEmpty)
        }
    }

    private static func tell(_ number: Int, _ disorder: Int, _ random: inout SeededRandom) throws {
        let pool = try sharedMongoPool()
        let database = freshDatabaseName()
        defer { try? dropDatabase(database, in: pool) }
        let history = try open(pool, database)
        var story = FigureStory(random)
        var events = story.events(messages: 90)
        random = story.random
        events += events.filter { _ in Int.random(in: 0..<6, using: &random) == 0 }
        if disorder == .max {
            events.shuffle(using: &random)
        } else {
            events.sort { ($0.createdAt ?? .distantPast) < ($1.createdAt ?? .distantPast) }
            let places = events.indices.map { $0 + Int.random(in: 0...disorder, using: &random) }
            events = zip(places, events).sorted { $0.0 < $1.0 }.map(\.1)
        }
        var rest = events[...]
        while !rest.isEmpty {
            let size = Int.random(in: 1...40, using: &random)
            try history.apply(rest.prefix(size).map { ReceivedEvent($0, story.bodies) })
            rest = rest.dropFirst(size)
            try history.sweep(steps: Int.random(in: 0...2, using: &random))
            // What is remembered now is another later.
            if Bool.random(using: &random) { try ask(history) }
        }
        try history.sweep()
        let comment = "story \(number), TEST_SEED=\(random.seed)"
        try compareAll(history, comment, &random)
        try expectVerified(history, comment)
        // What a rebuild makes of nothing is the same.
        for collection in FigureNote.collections.map(\.rawValue) {
            _ = try history.writer.connection.delete([(filter: BSONDocument(), limit: 0)], in: collection, of: database)
        }
        let mended = try Rebuilder(history.store) { _ in }.run()
        #expect(mended > 0)
        try expectVerified(history, comment + ", rebuilt")
        try compareAll(history, comment + ", rebuilt", &random, zones: FigureStory.zones.suffix(1))
    }

    /// Years by month, of what is remembered month by month and day by day.
    private static func ask(_ history: StoredHistory) throws {
        let queries = HistoryQueries(history.store, limits: Limits.Query())
        for name in years {
            let range = try year(of: name)
            for measure in RollupMeasure.ofMessages {
                for grouping in Figure.messages.definition.groups {
                    var question = VolumeQuestion(measure, in: range)
                    question.group = grouping.scope.map(VolumeGroup.scope)
                    _ = try queries.volume(question)
                }
            }
            let now = range.quarters.upperBound.start
            let question = DatedQuestion(range, grouping: nil, target: 3_600_000, now: now)
            for grouping in [nil, .user, .channel, .listing] as [FigureGrouping?] {
                var question = question
                question.grouping = grouping
                for first in [false, true] { _ = try queries.replies(question, first: first) }
                _ = try queries.readLatency(question)
            }
            if let whole = FigureRange(range.quarters, every: .none, in: range.zone, most: 1) {
                _ = try queries.people(.active, whole, now: now)
            }
        }
    }

    private static let years = ["UTC", "Europe/Oslo", "America/New_York"]

    private static func year(of name: String) throws -> FigureRange {
        let zone = try #require(Zone(name))
        let start = CalendarInterval.month.firstDay(of: zone.day(of: Timestamp(milliseconds: 1_767_300_000_000)))
        let quarters = Quarter(zone.start(ofDay: start))..<Quarter(zone.start(ofDay: start + 365))
        return try #require(FigureRange(quarters, every: .month, in: zone, most: 100))
    }

    /// A message can tell of its listing without telling its channel.
    @Test func listingsOfMessagesWithoutChannelCount() async throws {
        try await withFreshDatabase { pool, database in
            let history = try Self.open(pool, database)
            var make = SignedEvents()
            let message = "\"user\":{\"id\":\"ben\"},\"created_at\":\"\(SignedEvents.time(100))\",\"text\":\"hi\""
            let listing = "\"listing_id\":\"L1\""
            try history.apply([
                make.event("message.new", at: 100, "\"message\":{\"id\":\"m1\",\(message),\(listing)}"),
                make.message("message.new", "m2", by: "ben", in: "messaging:c", at: 101, text: "hi", ",\(listing)"),
            ])
            let start = Quarter(day: 20_458)
            let range = try #require(FigureRange(start..<Quarter(day: 20_459), every: .none, in: .utc, most: 1))
            for (scope, counts) in [(RollupScope.listing, ["L1": 2]), (.channel, ["messaging:c": 1])] {
                for id in [nil] + counts.keys.map(Optional.some) {
                    var question = VolumeQuestion(.messages, in: range)
                    (question.scope, question.id, question.group) = (scope, id, .scope(scope))
                    let rows = try HistoryQueries(history.store, limits: Limits.Query()).volume(question).rows
                    let found = rows.map { ($0.group ?? "", Int($0.value.number ?? 0)) }
                    #expect(Dictionary(found) { $0 + $1 } == counts, "\(scope) \(id ?? "all")")
                }
            }
            var differences: [Difference] = []
            _ = try Verifier(history.store).run { differences.append($0) }
            #expect(differences == [])
        }
    }

    static func open(_ pool: MongoPool, _ database: String, keepsFigures: Bool = true) throws -> StoredHistory {
        let store = try HistoryStore.open(
            pool: pool,
            database: database,
            app: AppIdentity(id: nil, apiKeys: ["key"]),
            patterns: ContextPatterns(),
            weights: EngagementWeights(),
            // The others are counted when they are asked for.
            zones: ["UTC", "Australia/Lord_Howe", "Europe/Oslo"].compactMap { Zone($0) },
            keepsFigures: keepsFigures
        )
        return StoredHistory(store: store, writer: try HistoryWriter(store))
    }

    private static func expectNone(_ history: StoredHistory, _ comment: String) throws {
        for collection in FigureNote.collections {
            try history.forEach(collection) { _ in Issue.record("\(collection.rawValue) \(comment)") }
        }
        try history.forEach(.channels) { #expect($0[ConversationRecord.field] == nil, "\(comment)") }
    }

    static func expectVerified(_ history: StoredHistory, _ comment: String) throws {
        var differences: [Difference] = []
        _ = try Verifier(history.store).run { differences.append($0) }
        try #require(differences == [], "\(comment)")
    }

    // MARK: Comparing

    static func compareAll(
        _ history: StoredHistory,
        _ comment: String,
        _ random: inout SeededRandom,
        zones: ArraySlice<(name: String, changes: [String])> = FigureStory.zones[...]
    ) throws {
        let queries = HistoryQueries(history.store, limits: Limits.Query())
        let all = try NaiveFigures(history, zone: "UTC")
        for (name, changes) in zones {
            let (naive, zone) = (all.of(name), try #require(Zone(name)))
            for change in changes {
                let day = zone.day(of: try #require(Timestamp(rfc3339: change)))
                for interval in FigureInterval.allCases {
                    // Of short parts a few days, or going through them one by one takes long.
                    let most: Int64 = interval == .hour || interval == .quarterHour ? 1 : 20
                    let first = day - Int64.random(in: 0...most, using: &random)
                    let last = day + Int64.random(in: 0...most, using: &random)
                    let quarters = Quarter(zone.start(ofDay: first))..<Quarter(zone.start(ofDay: last + 1))
                    let range = try #require(FigureRange(quarters, every: interval, in: zone, most: 10_000))
                    let comment = "\(comment), \(name) \(first)...\(last) \(interval)"
                    let now = Quarter(
                        Int64.random(in: quarters.lowerBound.number...quarters.upperBound.number, using: &random)
                    )
                    try compareVolume(queries, naive, range, now: now.start, comment)
                    try comparePeople(queries, naive, range, now: now.start, comment)
                    try ConversationFigureTests.compare(queries, naive, range, comment)
                    try MemberFigureTests.compare(queries, naive, range, comment)
                }
            }
        }
        // Whole months, of which the numbers of active users are kept.
        for name in years {
            let range = try year(of: name)
            #expect(range.wholePeriods?.count == 12)
            let comment = "\(comment), year of \(name)"
            let now = range.quarters.upperBound.start
            try comparePeople(queries, all.of(name), range, now: now, comment)
            try MemberFigureTests.compare(queries, all, range, comment)
            try compareVolume(queries, all.of(name), range, now: now, comment)
            try ConversationFigureTests.compare(queries, all, range, comment)
        }
    }

    private static func compareVolume(
        _ queries: HistoryQueries,
        _ naive: NaiveFigures,
        _ range: FigureRange,
        now: Timestamp,
        _ comment: String
    ) throws {
        for figure in Figure.allCases {
            guard let measure = figure.measure else { continue }
            let counted = naive.counted(figure).filter { range.contains($0.time) }
            var question = VolumeQuestion(measure, in: range)
            let found = try queries.volume(question)
            var expected = [Int64](repeating: 0, count: range.parts.count)
            for item in counted { expected[range.naivePart(item.time)] += item.amount }
            try #require(found.rows.map(\.value) == expected.map { .count($0) }, "\(figure) \(comment)")
            try #require(found.total == expected.reduce(0, +), "\(figure) \(comment)")
            for grouping in figure.definition.groups where grouping != .user {
                try compare(&question, figure, grouping, counted, queries, naive, comment)
            }
            guard figure == .messages else { continue }
            try compareUsers(queries, counted, range, now: now, comment)
        }
    }

    static func compareUsers(
        _ queries: HistoryQueries,
        _ counted: [NaiveFigures.Counted],
        _ range: FigureRange,
        now: Timestamp,
        _ comment: String
    ) throws {
        let users = try queries.messagesByUser(range, now: now)
        let expected = expectedRows(counted, .user, range)
        try #require(rows(users) == expected, "users \(comment)")
        try #require(users.total == expected.values.reduce(0, +), "users \(comment)")
    }

    private static func compare(
        _ question: inout VolumeQuestion,
        _ figure: Figure,
        _ grouping: FigureGrouping,
        _ counted: [NaiveFigures.Counted],
        _ queries: HistoryQueries,
        _ naive: NaiveFigures,
        _ comment: String
    ) throws {
        let range = question.range
        if grouping == .weekdayHour {
            guard range.interval == .none else { return }
            question.group = .weekdayHour
            var expected: [String: Int64] = [:]
            for item in counted { expected[naive.weekdayHour(item.time), default: 0] += item.amount }
            let found = try queries.volume(question).rows
            try #require(found.count == 168, "\(figure) \(comment)")
            for row in found {
                try #require(row.value == .count(expected[row.group ?? "", default: 0]), "\(figure) \(row) \(comment)")
            }
            return
        }
        question.group = grouping == .type ? .type : grouping.scope.map(VolumeGroup.scope)
        let found = rows(try queries.volume(question))
        try #require(found == expectedRows(counted, grouping, range), "\(figure) by \(grouping) \(comment)")
    }

    private static func rows(_ figures: Figures) -> [String: Int64] {
        var rows: [String: Int64] = [:]
        for row in figures.rows {
            if case .count(let count) = row.value {
                rows["\(row.quarters.lowerBound.number) \(row.group ?? "")"] = count
            }
        }
        return rows
    }

    private static func expectedRows(
        _ counted: [NaiveFigures.Counted],
        _ grouping: FigureGrouping,
        _ range: FigureRange
    ) -> [String: Int64] {
        var rows: [String: Int64] = [:]
        for item in counted where item.amount != 0 {
            guard let group = item.groups[grouping] else { continue }
            rows["\(range.parts[range.naivePart(item.time)].lowerBound.number) \(group)", default: 0] += item.amount
        }
        return rows
    }

    static func comparePeople(
        _ queries: HistoryQueries,
        _ naive: NaiveFigures,
        _ range: FigureRange,
        now: Timestamp,
        _ comment: String
    ) throws {
        var times: [String: [Timestamp]] = [:]
        for state in naive.messages {
            if let sender = state.record.sender, let time = state.record.created?.time {
                times[sender, default: []].append(time)
            }
        }
        var active = [Set<String>](repeating: [], count: range.parts.count)
        var (new, sent) = (active, [Int](repeating: 0, count: range.parts.count))
        for (user, times) in times {
            for time in times where range.contains(time) {
                active[range.naivePart(time)].insert(user)
                sent[range.naivePart(time)] += 1
            }
            if let first = times.min(), range.contains(first) { new[range.naivePart(first)].insert(user) }
        }
        func values(_ measure: PeopleMeasure) throws -> [FigureValue] {
            try queries.people(measure, range, now: now).rows.map(\.value)
        }
        try #require(values(.active) == active.map { .count(Int64($0.count)) }, "active \(comment)")
        try #require(values(.new) == new.map { .count(Int64($0.count)) }, "new \(comment)")
        let returning = zip(active, new).map { FigureValue.count(Int64($0.subtracting($1).count)) }
        try #require(values(.returning) == returning, "returning \(comment)")
        let each = zip(sent, active).map { FigureValue.ratio($1.isEmpty ? nil : Double($0) / Double($1.count)) }
        try #require(values(.messagesEach) == each, "messages each \(comment)")
        guard range.interval.calendar != nil else { return }
        let cohorts = range.parts.indices.map { cohort in
            let counts = (cohort..<range.parts.count).map { Int64(new[cohort].intersection(active[$0]).count) }
            return FigureValue.matrix(size: Int64(new[cohort].count), counts)
        }
        try #require(queries.cohorts(range).rows.map(\.value) == cohorts, "cohorts \(comment)")
        try compareParts(naive, range, comment)
    }

    /// The parts themselves are what a calendar says: every instant lies in the part of its day, week or month.
    private static func compareParts(_ naive: NaiveFigures, _ range: FigureRange, _ comment: String) throws {
        var names: [Int: String] = [:]
        for state in naive.messages {
            guard let time = state.record.created?.time, range.contains(time) else { continue }
            let (part, name) = (range.naivePart(time), naive.period(range.interval, time))
            try #require(names[part] == nil || names[part] == name, "\(comment) \(time.rfc3339)")
            names[part] = name
        }
        try #require(Set(names.values).count == names.count, "\(comment)")
    }
}

extension FigureRange {
    func contains(_ time: Timestamp) -> Bool {
        quarters.lowerBound.start <= time && time < quarters.upperBound.start
    }

    /// By looking at every part.
    func naivePart(_ time: Timestamp) -> Int {
        parts.firstIndex { $0.lowerBound.start <= time && time < $0.upperBound.start } ?? -1
    }
}
