import Analytics
import Chat
import Limits
import MongoDB
import TestSupport
import Testing

@testable import History

/// What is remembered of figures holds as long as nothing of its days changes, and takes bounded memory.
struct FigureMemoryTests {
    private static func quarters(_ from: Int64, _ to: Int64) -> Range<Quarter> { Quarter(day: from)..<Quarter(day: to) }

    private static func counts(_ count: Int) -> MemberCounts {
        var counts = MemberCounts()
        for member in 0..<count { counts.add(1, of: Int32(member)) }
        return counts
    }

    private static func key(_ from: Int64, _ scope: RollupScope = .channel) -> MemberMemory.Key {
        let quarters = quarters(from, from + 1)
        return MemberMemory.Key(RollupSelection(.messages, of: scope, in: quarters), in: quarters)
    }

    @Test func anotherVersionIsAnotherAnswer() {
        let memory = LatencyMemory(Limits.Figures())
        let key = LatencyMemory.TimesKey(kind: .answers, target: 60_000, quarters: Self.quarters(1, 2))
        var answers = LatencyTimes()
        answers.add(30_000, target: 60_000)
        answers.add(90_000, target: 60_000)
        memory.keep(answers, key, version: 7)
        #expect(memory.times(key, version: 7) == answers && answers.within == 1 && answers.sketch.count == 2)
        #expect(memory.times(key, version: 8) == nil)
        let first = LatencyMemory.TimesKey(kind: .firstAnswers, target: 60_000, quarters: key.quarters)
        #expect(memory.times(first, version: 7) == nil)
    }

    @Test func whatIsNotAskedForGoesFirst() {
        var remembered = Remembered<String, Int>(most: 16)
        func known(_ version: Int64 = 0) -> [String] {
            // Asks for none: that would be a use.
            let copy = remembered
            return "abcdefg".map(String.init).filter {
                var copy = copy
                return copy.value($0, version: version) != nil
            }
        }
        for (key, room) in [("a", 4), ("b", 4), ("c", 4), ("d", 4)] {
            remembered.keep(room, taking: room, key, version: 0)
        }
        #expect(known() == ["a", "b", "c", "d"] && remembered.value("a", version: 0) == 4)
        // Another version is no use of it.
        #expect(remembered.value("b", version: 1) == nil)
        remembered.keep(1, taking: 1, "e", version: 0)
        #expect(known() == ["a", "c", "d", "e"])
        // Again what is there takes no more room; what is too much for all of it is not kept.
        for version in 1...9 as ClosedRange<Int64> { remembered.keep(4, taking: 4, "c", version: version) }
        remembered.keep(17, taking: 17, "f", version: 0)
        #expect(known() == ["a", "d", "e"] && known(9) == ["c"])
        remembered.keep(12, taking: 12, "f", version: 0)
        #expect(known() == ["f"] && known(9) == ["c"])
        remembered.keep(16, taking: 16, "g", version: 0)
        #expect(known() == ["g"] && known(9) == [])
        remembered.forgetAll()
        #expect(known() == [])
        for key in ["a", "b", "c", "d"] { remembered.keep(4, taking: 4, key, version: 0) }
        #expect(known() == ["a", "b", "c", "d"])
    }

    @Test func memoryIsBounded() {
        var limits = Limits.Figures()
        (limits.latencyDaysKept, limits.memberCountsKept, limits.namesKept) = (10, 100, 5)
        let latencies = LatencyMemory(limits)
        func key(_ day: Int64) -> LatencyMemory.TimesKey {
            LatencyMemory.TimesKey(kind: .answers, target: 0, quarters: Self.quarters(day, day + 1))
        }
        for day in 0..<11 as Range<Int64> { latencies.keep(LatencyTimes(), key(day), version: 0) }
        let known = (0..<11 as Range<Int64>).filter { latencies.times(key($0), version: 0) != nil }
        #expect(known == Array(1..<11))

        let (pool, memory) = (FigureNamePool(limits), MemberMemory(limits))
        let names = pool.names()
        #expect(pool.names() === names)
        for day in 0..<3 as Range<Int64> { memory.keep(Self.counts(40), Self.key(day), version: 0, names) }
        #expect(
            (0..<3 as Range<Int64>).map { memory.counts(Self.key($0), version: 0, names)?.members.count } == [
                nil, 40, 40,
            ]
        )
        // Nothing takes room, too.
        memory.keep(Self.counts(60), Self.key(2), version: 1, names)
        for day in 10..<51 as Range<Int64> { memory.keep(MemberCounts(), Self.key(day), version: 1, names) }
        #expect(memory.counts(Self.key(2), version: 1, names) == nil)
        memory.keep(Self.counts(60), Self.key(2), version: 1, names)

        // Other names: numbers mean something else.
        for name in 0..<5 { #expect(names.number(of: "c\(name)") == Int32(name)) }
        #expect(names.number(of: "c3") == 3 && names.all.count == 5)
        let others = pool.names()
        #expect(others !== names && memory.counts(Self.key(2), version: 1, others) == nil)
        #expect(memory.counts(Self.key(2), version: 1, names) != nil)
        memory.keep(Self.counts(1), Self.key(3), version: 1, others)
        #expect(memory.counts(Self.key(2), version: 1, names) == nil)
        #expect(memory.counts(Self.key(2), version: 1, others) == nil)
        // A question that began with those before comes too late.
        memory.keep(Self.counts(1), Self.key(2), version: 1, names)
        #expect(memory.counts(Self.key(2), version: 1, names) == nil)
        #expect(memory.counts(Self.key(3), version: 1, others)?.members.count == 1)
    }

    @Test func rowsOfAnswersAreBounded() {
        var limits = Limits.Figures()
        (limits.latencyRowsKept, limits.latencyPlacesKept) = (120, 3)
        let memory = LatencyMemory(limits)
        let names = FigureNames()
        let places = memory.places(names)
        func rows(_ count: Int) -> LatencyRows {
            var rows = LatencyRows()
            for _ in 0..<count { rows.add(5, at: 0) }
            return rows
        }
        func key(_ day: Int64) -> LatencyMemory.RowsKey { .init(kind: .answers, quarters: Self.quarters(day, day + 1)) }
        func known(_ version: Int64, _ places: LatencyPlaces) -> [Int?] {
            (0..<4 as Range<Int64>).map { memory.rows(key($0), version: version, places)?.count }
        }
        for day in 0..<3 as Range<Int64> { memory.keep(rows(40), key(day), version: 0, places) }
        #expect(known(0, places) == [nil, 40, 40, nil] || known(0, places) == [nil, nil, 40, nil])
        #expect(known(1, places) == [nil, nil, nil, nil])

        // Other numbers stand for something else.
        for user in [7, 8, 7, 9] as [Int32] {
            #expect(memory.places(names) === places)
            #expect(places.number(of: LatencyPlace(user: user, channel: 1, listing: -1)) == (user - 7))
        }
        let others = memory.places(names)
        #expect(others !== places && known(0, others) == [nil, nil, nil, nil])
        memory.keep(rows(2), key(0), version: 1, others)
        memory.keep(rows(1), key(2), version: 1, places)
        #expect(known(1, others) == [2, nil, nil, nil] && known(1, places) == [nil, nil, nil, nil])
        // Of a question that began before others were in use nothing is kept.
        let later = memory.places(FigureNames(generation: 1))
        #expect(memory.places(FigureNames(generation: 1)) !== later)
        let early = memory.places(names)
        memory.keep(rows(2), key(0), version: 1, early)
        #expect(known(1, early) == [nil, nil, nil, nil])
    }

    /// Very many latencies are told as few are.
    @Test func groupsAreToldAlike() throws {
        var random = SeededRandom()
        let names = ["ann", "bob", "cy", "di"]
        let quarters = Self.quarters(20_000, 20_005)
        let zone = try #require(Zone("UTC"))
        let range = try #require(FigureRange(quarters, every: .day, in: zone, most: 100))
        for _ in 0..<50 {
            let question = DatedQuestion(range, grouping: .user, target: 1_000, now: quarters.upperBound.start)
            var (rows, grouped) = (DatedRows(question), GroupedLatencies(target: question.target))
            var days = [LatencyRows](repeating: LatencyRows(), count: 5)
            // Some are of no group; some take weeks.
            let groups: [Int32] = [2, 0, -1, 3, 1, 0]
            for _ in 0..<Int.random(in: 0...300, using: &random) {
                let place = Int.random(in: 0..<groups.count, using: &random)
                let day = Int64.random(in: 0..<5, using: &random)
                let latency = Int64.random(in: 0...(1 << Int64.random(in: 0...40, using: &random)), using: &random)
                let at = Quarter(day: 20_000 + day).start
                if groups[place] >= 0 {
                    rows.add(DatedRow(at: at, milliseconds: latency, group: names[Int(groups[place])]))
                }
                days[Int(day)].add(latency, at: Int32(place))
            }
            for (day, latencies) in days.enumerated() { grouped.add(latencies, in: day) }
            let all = rows.latencies
            #expect(grouped.figures(groups, names, range.parts, 0..<Int.max) == all, "TEST_SEED=\(random.seed)")
            // Of some of them, as of all.
            let start = Int.random(in: 0...25, using: &random)
            let wanted = start..<start + Int.random(in: 1...20, using: &random)
            let some = grouped.figures(groups, names, range.parts, wanted)
            #expect(some.rows == Array(all.rows.prefix(wanted.upperBound).dropFirst(start)), "TEST_SEED=\(random.seed)")
            #expect(some.count == all.count && some.first == min(start, all.count), "TEST_SEED=\(random.seed)")
        }
    }

    @Test func theFirstOfManyAreFoundWithoutSortingAll() {
        var random = SeededRandom()
        for count in [0, 1, 31, 32, 33, 400, 2_000] {
            let numbers = (0..<count).shuffled(using: &random)
            for most in [0, 1, 2, 12, 60, 5_000] {
                let comment = "\(count) \(most) TEST_SEED=\(random.seed)"
                #expect(numbers.firstSorted(most, by: <) == Array(numbers.sorted().prefix(most)), "\(comment)")
                #expect(numbers.firstSorted(most, by: >) == Array(numbers.sorted(by: >).prefix(most)), "\(comment)")
            }
        }
    }

    /// What is remembered counts, too; all of them together are no question of rows.
    @Test func moreThanFitAreRefused() async throws {
        let random = SeededRandom()
        try await withFreshDatabase { pool, database in
            let history = try FigureTests.open(pool, database)
            var story = FigureStory(random)
            try history.apply(story.events(messages: 60).map { ReceivedEvent($0, story.bodies) })
            try history.sweep()
            let range = try #require(FigureRange(Self.quarters(20_000, 21_000), every: .none, in: .utc, most: 1))
            var question = DatedQuestion(range, grouping: .channel, target: 0, now: range.quarters.upperBound.start)
            var limits = Limits.Query()
            func answers(_ store: HistoryStore) throws -> Figures {
                try HistoryQueries(store, limits: limits).replies(question, first: false)
            }
            limits.latencyRowsMost = 0
            #expect(throws: MongoError.self, "TEST_SEED=\(random.seed)") { try answers(history.store) }
            limits.latencyRowsMost = Limits.Query().latencyRowsMost
            let rows = try answers(history.store).rows
            let count = rows.reduce(Int64(0)) {
                if case .latency(let summary) = $1.value { $0 + summary.count } else { $0 }
            }
            #expect(count > 1)
            limits.latencyRowsMost = Int(count)
            #expect(try answers(history.store).rows == rows)
            limits.latencyRowsMost = Int(count) - 1
            #expect(throws: MongoError.self, "TEST_SEED=\(random.seed)") { try answers(history.store) }

            // More than is read while somebody waits is read for whoever asks again.
            let other = try FigureTests.open(pool, database).store
            (limits.latencyRowsMost, limits.latencyRowsAtOnce) = (Int(count), Int(count) - 1)
            #expect(try answers(other) == .beingRead, "TEST_SEED=\(random.seed)")
            var later = Figures.beingRead
            while later.isBeingRead { later = try answers(other) }
            #expect(later.rows == rows, "TEST_SEED=\(random.seed)")

            question.grouping = nil
            #expect(try answers(history.store).rows.count == 1)
        }
    }

    @Test func piecesMakeUpTheRange() throws {
        let random = SeededRandom()
        var generator = random
        for zone in ["UTC", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia"].compactMap({ Zone($0) }) {
            for interval in [FigureInterval.none, .day, .week, .month] {
                let start = Int64.random(in: 1_900_000...1_950_000, using: &generator)
                let quarters = Quarter(start)..<Quarter(start + Int64.random(in: 1...20_000, using: &generator))
                let range = try #require(FigureRange(quarters, every: interval, in: zone, most: 10_000))
                for byDay in [true, false] {
                    let pieces = range.pieces(byDay: byDay)
                    let comment = "\(zone.identifier) \(interval) TEST_SEED=\(random.seed)"
                    #expect(pieces.runs.count == 1, "\(comment)")
                    #expect(pieces.first?.quarters.lowerBound == quarters.lowerBound, "\(comment)")
                    #expect(pieces.last?.quarters.upperBound == quarters.upperBound, "\(comment)")
                    for (index, piece) in pieces.enumerated() {
                        let last = Quarter(piece.quarters.upperBound.number - 1)
                        for quarter in [piece.quarters.lowerBound, last] {
                            #expect(
                                range.part(of: quarter) == piece.part && pieces.index(of: quarter) == index,
                                "\(comment)"
                            )
                        }
                        let (one, other) = (
                            RollupPeriod(of: piece.quarters.lowerBound, byDay: byDay),
                            RollupPeriod(of: last, byDay: byDay)
                        )
                        #expect(one == other, "\(comment)")
                    }
                    #expect(pieces.index(of: quarters.upperBound) == nil, "\(comment)")
                }
            }
        }
    }

    @Test func runsEndWhereAPieceIsMissing() throws {
        let range = try #require(FigureRange(Self.quarters(0, 10), every: .none, in: .utc, most: 10))
        var pieces = range.pieces(byDay: true)
        pieces.remove(at: 7)
        pieces.removeSubrange(2...3)
        #expect(pieces.runs.map { $0.map(\.quarters.lowerBound.day) } == [[0, 1], [4, 5, 6], [8, 9]])
        #expect(pieces.index(of: Quarter(day: 3)) == nil && pieces.index(of: Quarter(day: 4)) == 2)
        #expect([FigurePiece]().runs.isEmpty)
        #expect(pieces.runs(of: 2).map { $0.map(\.quarters.lowerBound.day) } == [[0, 1], [4, 5], [6], [8, 9]])
    }

    @Test func whatChangesADayRaisesItsNumber() async throws {
        try await withFreshDatabase { pool, database in
            let history = try FigureTests.open(pool, database)
            let queries = HistoryQueries(history.store, limits: Limits.Query())
            let year = Self.quarters(20_000, 20_365)
            func numbers() throws -> [[Int64]] {
                let versions = try queries.versions(of: year)
                let days = [20_000, 20_001, 20_002, 20_364] as [Int64]
                return days.map { day in
                    let quarters = Self.quarters(day, day + 1)
                    return FigureDays.Kind.allCases.map { versions.of($0, quarters) }
                }
            }
            func write(_ note: (inout FigureDays) -> Void) throws -> [[Bool]] {
                let before = try numbers()
                var plan = WritePlan()
                note(&plan.days)
                _ = try plan.execute(history.writer.connection, nil, database, part: Int.random(in: 0..<16))
                return zip(before, try numbers()).map { zip($0, $1).map { $0 < $1 } }
            }
            func answer(_ day: Int64) -> Int64 { Quarter(day: day).start.milliseconds + 86_399_999 }
            let (yes, no) = ([false, true, false], [false, false, false])
            let read = [false, false, true]
            #expect(try write { _ in } == [no, no, no, no])
            #expect(try write { $0.note(.answers, at: answer(20_001)) } == [no, yes, no, no])
            #expect(try write { $0.note(.answers, in: answer(20_000)...answer(20_001)) } == [yes, yes, no, no])
            #expect(try write { $0.note(.answers, in: answer(20_300)...answer(20_400)) } == [yes, yes, yes, yes])
            #expect(try write { $0.note(.answers, in: nil) } == [yes, yes, yes, yes])
            #expect(try write { $0.note(.reads, at: answer(20_364)) } == [no, no, no, read])
            #expect(try write { $0.note(.reads, in: nil) } == [read, read, read, read])
            let month = RollupPeriod(of: Quarter(day: 20_001), byDay: false)
            let slot = Int(Quarter(day: 20_001).number - month.start.number)
            let cells = [RollupCell(.messages, slot: slot), RollupCell(.edits, slot: slot + 95)]
            for (scope, changes) in [(RollupScope.channel, true), (.venue, true), (.all, false)] {
                let key = RollupKey(scope, "x", type: "t", period: month)
                #expect(try write { $0.note(key, cells) } == [no, [changes, false, false], no, no], "\(scope)")
            }
            // Whole ranges are sums.
            let versions = try queries.versions(of: year)
            #expect(versions.of(.members, year) == versions.of(.members, Self.quarters(20_001, 20_002)))
        }
    }
}
