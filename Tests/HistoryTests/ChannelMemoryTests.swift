import Analytics
import Chat
import Limits
import MongoDB
import TestSupport
import Testing

@testable import History

/// What is remembered of channels holds as long as nothing tells otherwise, and takes bounded memory.
struct ChannelMemoryTests {
    private static func day(_ day: Int64) -> Range<Quarter> { Quarter(day: day)..<Quarter(day: day + 1) }

    /// As a node's document tells them.
    private static func versions(_ number: Int64, _ latest: [(cid: String, step: Int64)] = []) -> MemberVersions {
        var (document, versions) = (BSONDocument(), MemberVersions())
        document.append("_id", "members/3")
        document.append("n", number)
        document.append("l") { (array: inout BSONArray) in
            for (cid, step) in latest {
                array.append {
                    $0.append("c", cid)
                    if step != 0 { $0.append("s", step) }
                }
            }
        }
        versions.add(document)
        return versions
    }

    @Test func changesAreFoundBackToWhatIsKnown() {
        // Three transactions: of one channel, of two, of one.
        let versions = Self.versions(60, [("a", 10), ("b", 20), ("c", 0), ("d", 30)])
        func since(_ number: Int64?) -> Set<String>? {
            versions.channels(since: number.map { ["members/3": $0] } ?? [:])
        }
        #expect(since(60) == [] && since(30) == ["d"] && since(10) == ["b", "c", "d"])
        #expect(since(0) == ["a", "b", "c", "d"] && since(nil) == since(0))
        // A failover took numbers back, or the list does not reach so far.
        for number in [-1, 5, 29, 31, 61] as [Int64] { #expect(since(number) == nil) }
        #expect(Self.versions(60, [("c", 0), ("d", 30)]).channels(since: ["members/3": 10]) == nil)
        #expect(Self.versions(60).channels(since: ["members/3": 30]) == nil)
        // Of a part that is gone nothing is known; another one is new.
        #expect(versions.channels(since: ["members/3": 60, "members/4": 1]) == nil)
        #expect(MemberVersions().channels(since: [:]) == [])
    }

    @Test func whatIsOlderIsNotKept() {
        let memory = ChannelMemory(Limits.Figures())
        let names = FigureNames()
        let pairs = memory.pairs(names)
        let (one, two) = (pairs.names.number(of: "a"), pairs.names.number(of: "b"))
        let (first, second) = (Self.versions(10, [("a", 10)]), Self.versions(30, [("a", 10), ("b", 20)]))
        #expect(memory.members(first, pairs).isEmpty)
        memory.keep(members: [one: [1], two: [2, 3]], first, pairs)
        #expect(memory.members(first, pairs) == [one: [1], two: [2, 3]])
        #expect(memory.reaches(second) && memory.members(second, pairs) == [one: [1]])
        // Another question, which asked for numbers before, comes with what it read.
        memory.keep(members: [two: [2, 3]], first, pairs)
        #expect(memory.members(second, pairs) == [one: [1]])
        #expect(!memory.reaches(first) && memory.members(first, pairs).isEmpty)
    }

    @Test func aSetHasEachPairOnce() {
        var random = SeededRandom()
        for count in [0, 1, 2, 300] {
            let numbers = (0..<count).map { _ in Int32.random(in: 0...100_000, using: &random) }
            var found: [Int32] = []
            PairSet(numbers + numbers.shuffled(using: &random)).forEach { found.append($0) }
            #expect(found == Set(numbers).sorted(), "TEST_SEED=\(random.seed)")
        }
        #expect(PairSet(Array(0..<1_000)).room < 1_100)
    }

    @Test func memoryIsBounded() {
        var limits = Limits.Figures()
        (limits.channelWriterBytesKept, limits.channelMembersKept, limits.channelPairsKept) = (200, 10, 5)
        let memory = ChannelMemory(limits)
        let names = FigureNames()
        let pairs = memory.pairs(names)
        let (two, most) = (PairSet([2, 1, 2]), PairSet(Array(0..<70)))
        #expect(two.room == 66 && most.room == 134)
        memory.keep(writers: two, Self.day(1), version: 7, pairs)
        #expect(memory.writers(Self.day(1), version: 7, pairs) == two)
        #expect(memory.writers(Self.day(1), version: 8, pairs) == nil)
        #expect(memory.writers(Self.day(2), version: 7, pairs) == nil)
        // The same again takes no more room; too much for all of it is not kept; for others, what was not asked for longest goes.
        for version in 0..<9 as Range<Int64> { memory.keep(writers: two, Self.day(1), version: version, pairs) }
        memory.keep(writers: PairSet(Array(0..<137)), Self.day(2), version: 0, pairs)
        #expect(memory.writers(Self.day(1), version: 8, pairs) != nil)
        memory.keep(writers: most, Self.day(2), version: 0, pairs)
        #expect(memory.writers(Self.day(1), version: 8, pairs) != nil)
        memory.keep(writers: PairSet([200]), Self.day(3), version: 0, pairs)
        #expect(memory.writers(Self.day(1), version: 8, pairs) == two)
        #expect(memory.writers(Self.day(2), version: 0, pairs) == nil)
        #expect(memory.writers(Self.day(3), version: 0, pairs) == PairSet([200]))

        let versions = Self.versions(10, [("a", 10)])
        _ = memory.members(versions, pairs)
        for _ in 0..<3 { memory.keep(members: [7: [1, 2, 3], 8: []], versions, pairs) }
        #expect(memory.members(versions, pairs).count == 2)
        memory.keep(members: [9: .init(repeating: 0, count: 10)], versions, pairs)
        #expect(memory.members(versions, pairs).count == 2)
        memory.keep(members: [9: [1, 2, 3, 4, 5]], versions, pairs)
        #expect(memory.members(versions, pairs) == [9: [1, 2, 3, 4, 5]])

        // Other numbers stand for something else.
        for user in ["u1", "u2", "u1", "u3", "u4"] { _ = pairs.number(channel: 1, user: user) }
        #expect(memory.pairs(names) === pairs && pairs.count == 4)
        #expect(pairs.number(channel: 2, user: "u1") == 4 && pairs.channelOfEach == [1, 1, 1, 1, 2])
        let others = memory.pairs(names)
        #expect(others !== pairs && memory.writers(Self.day(2), version: 0, others) == nil)
        #expect(memory.members(versions, others).isEmpty)
        memory.keep(writers: two, Self.day(3), version: 0, pairs)
        memory.keep(members: [1: [1]], versions, pairs)
        #expect(memory.writers(Self.day(3), version: 0, others) == nil && memory.members(versions, others).isEmpty)
        memory.keep(writers: two, Self.day(3), version: 0, others)
        #expect(memory.writers(Self.day(3), version: 0, pairs) == nil && memory.members(versions, pairs).isEmpty)
    }

    @Test func whoWritesRaisesTheHoursNumber() async throws {
        try await withFreshDatabase { pool, database in
            let history = try FigureTests.open(pool, database)
            let queries = HistoryQueries(history.store, limits: Limits.Query())
            let quarters = Quarter(day: 20_000)..<Quarter(day: 20_003)
            let hours = quarters.pieces(byDay: true).flatMap { $0.quarters.pieces(today: $0.quarters.lowerBound.day) }
            #expect(hours.count == 72)
            func raised(_ note: (inout FigureDays) -> Void) throws -> [Int] {
                let before = try queries.versions(of: quarters)
                var plan = WritePlan()
                note(&plan.days)
                _ = try plan.execute(history.writer.connection, nil, database, part: Int.random(in: 0..<16))
                let after = try queries.versions(of: quarters)
                return hours.indices.filter { hour in
                    after.ofWriters(hours[hour].quarters) > before.ofWriters(hours[hour].quarters)
                }
            }
            let first = Hour(quarters.lowerBound)
            #expect(try raised { _ in } == [])
            #expect(try raised { $0.noteWriters(in: [first, Hour(first.number + 71)]) } == [0, 71])
            #expect(try raised { $0.noteWriters(in: [Hour(first.number + 23), Hour(first.number + 24)]) } == [23, 24])
            #expect(try raised { $0.noteEveryWriter() } == Array(0..<72))
            #expect(try raised { $0.note(.answers, in: nil) } == [])
            // Of a quarter-hour its hour's, of more than an hour their sum.
            let versions = try queries.versions(of: quarters)
            let every = versions.ofWriters(hours[5].quarters)
            let quarter = Quarter(quarters.upperBound.number - 1)..<quarters.upperBound
            #expect(versions.ofWriters(quarter) == versions.ofWriters(hours[71].quarters))
            #expect(
                versions.ofWriters(quarters) - every
                    == [0, 23, 24, 71].reduce(0) { $0 + versions.ofWriters(hours[$1].quarters) - every }
            )
        }
    }

    /// Whoever writes in a channel is told of by the hours of a message before and after its change.
    @Test func aMessageTellsOfItsHours() {
        func state(_ change: (inout MessageRecord) -> Void = { _ in }) -> MessageState {
            var record = MessageRecord(id: "m")
            (record.cid, record.sender) = ("messaging:a", "ada")
            record.created = CreationTime(Timestamp(milliseconds: 3_600_000), from: .event)
            change(&record)
            return MessageState(record: record, context: BusinessContext())
        }
        func hours(_ before: MessageState?, _ after: MessageState) -> Set<Int64> {
            var rollups = Rollups()
            rollups.add(before, after)
            return Set(rollups.writingHours.map(\.number))
        }
        func facts(_ type: String) -> Register<MessageFacts> {
            var facts = MessageFacts()
            facts.type = type
            return Register(facts, at: Stamp(time: .distantPast, tieBreak: 0))
        }
        func at(_ milliseconds: Int64) -> (inout MessageRecord) -> Void {
            { $0.created = CreationTime(Timestamp(milliseconds: milliseconds), from: .message) }
        }
        #expect(hours(nil, state()) == [1] && hours(state { $0.sender = nil }, state()) == [1])
        #expect(hours(state(), state(at(7_199_999))) == [] && hours(state(), state(at(7_200_000))) == [1, 2])
        #expect(hours(state(), state(at(-1))) == [-1, 1])
        #expect(hours(state(), state { $0.sender = "bob" }) == [1] && hours(state(), state { $0.cid = "b:c" }) == [1])
        #expect(hours(state(), state { $0.facts = facts("system") }) == [1])
        #expect(hours(state { $0.facts = facts("system") }, state { $0.facts = facts("regular") }) == [1])
        #expect(hours(nil, state { $0.facts = facts("system") }) == [])
        // Its text, type and deletion change nobody who wrote.
        #expect(hours(state(), state { $0.facts = facts("deleted") }) == [])
    }

    @Test func todayIsRememberedByTheHour() {
        let quarters = Quarter(20_000 * 96 - 3)..<Quarter(20_002 * 96 + 7)
        let pieces = quarters.pieces(today: 20_002)
        let lengths = pieces.map { $0.quarters.upperBound.number - $0.quarters.lowerBound.number }
        #expect(lengths == [3, 96, 96, 4, 3] && pieces.runs.count == 1)
        #expect(quarters.pieces(today: 20_001).count == 2 + 24 + 2)
        // So is what is not all of a day.
        #expect(quarters.pieces(today: 19_999).map(\.quarters) == pieces.map(\.quarters))
        let days = Self.day(5).lowerBound..<Self.day(7).upperBound
        #expect(days.pieces(today: 8).map(\.quarters) == days.pieces(byDay: true).map(\.quarters))
        #expect((Quarter(5)..<Quarter(5)).pieces(today: 0).isEmpty)
    }
}
