import Analytics
import Chat
import Limits
import MongoDB
import TestSupport
import Testing

@testable import History

/// What is past its retention goes; what is left stays right, also when something comes late.
struct FigureRetentionTests {
    private static let starts: [FigureLevel: Quarter] = [
        .totals: day("2026-03-29"), .objects: day("2026-03-01"), .answers: day("2026-04-04"),
    ]

    private static func day(_ date: String) -> Quarter {
        Quarter(Timestamp(rfc3339: date + "T00:00:00Z") ?? .distantPast)
    }

    @Test func objectsGoByWholeMonths() {
        let now = Timestamp(rfc3339: "2026-05-10T18:30:00Z") ?? .distantPast
        for (level, days, start) in [
            (FigureLevel.totals, 1, "2026-05-09"), (.totals, 40, "2026-03-31"), (.answers, 40, "2026-03-31"),
            (.objects, 9, "2026-05-01"), (.objects, 10, "2026-04-01"), (.objects, 40, "2026-03-01"),
        ] {
            #expect(level.start(keeping: days, at: now) == Self.day(start), "\(level) \(days)")
        }
        for level in FigureLevel.allCases { #expect(level.start(keeping: 0, at: now) == nil) }
    }

    @Test func whatIsLeftIsRightAndTheRestIsRefused() async throws {
        let random = SeededRandom()
        try await withFreshDatabase { pool, database in
            let history = try FigureTests.open(pool, database)
            var story = FigureStory(random)
            var events = story.events(messages: 80)
            var random = story.random
            events.shuffle(using: &random)
            let comment = "TEST_SEED=\(random.seed)"
            try Self.apply(events.dropFirst(60), story, history)

            let before = try Self.answers(history)
            try Self.drop(history)
            #expect(try Self.answers(history) == before, "\(comment)")
            try Self.expectRefused(history)
            try FigureTests.expectVerified(history, comment)

            // What comes late for that time counts nowhere, and does not stay.
            try Self.apply(events.prefix(60), story, history)
            try FigureTests.expectVerified(history, comment + ", late")
            let late = try Self.answers(history)
            try Self.drop(history)
            #expect(try Self.answers(history) == late, "\(comment)")
            try Self.expectNothingOlder(history, comment)
            try FigureTests.expectVerified(history, comment + ", late, dropped")

            // A rebuild leaves alone what is past its retention as well.
            #expect(try Rebuilder(history.store, keeping: { Self.starts }) { _ in }.run() == 0)
            try Self.expectRefused(history)
            // The messages are there: after a longer retention all is counted again, and refused until it is whole.
            let wouldMend = try Self.differences(history, keeping: [:])
            var mended = 0
            let rebuilder = Rebuilder(history.store) { _ in
                if mended.isMultiple(of: 20) { #expect(throws: Never.self) { try Self.expectRefused(history) } }
                mended += 1
            }
            #expect(try rebuilder.run() == mended)
            #expect(mended > 0 && wouldMend > 0, "\(comment)")
            try FigureTests.compareAll(history, comment, &random)
            try FigureTests.expectVerified(history, comment + ", rebuilt")

            // What a node removes meanwhile, because it keeps less, stays refused.
            try Self.drop(history)
            var isFirst = true
            let interrupted = Rebuilder(history.store) { _ in
                guard isFirst else { return }
                isFirst = false
                #expect(throws: Never.self) { try Self.drop(history) }
            }
            #expect(try interrupted.run() > 0)
            try Self.expectRefused(history)
            try FigureTests.expectVerified(history, comment + ", dropped meanwhile")
        }
    }

    /// The reference's figures of a listing are counted from its messages where counts are gone.
    @Test func figuresOfMessagesGoOn() async throws {
        let random = SeededRandom()
        try await withFreshDatabase { pool, database in
            let history = try FigureTests.open(pool, database)
            var story = FigureStory(random)
            try Self.apply(story.events(messages: 60)[...], story, history)
            func figures(_ listing: String?) throws -> MessageFigures {
                let (from, to) = (Self.day("2026-01-01").start, Self.day("2027-01-01").start)
                return try Self.queries(history).figures(from: from, to: to, in: .utc, listing: listing)
            }
            let before = (try figures(nil), try figures("7"))
            #expect(before.0.total > 0)
            try Self.drop(history)
            #expect(try figures(nil) == before.0)
            #expect(try figures("7") == before.1)
        }
    }

    private static func differences(_ history: StoredHistory, keeping kept: [FigureLevel: Quarter]) throws -> Int {
        var count = 0
        _ = try Verifier(history.store, keeping: kept).run { _ in count += 1 }
        return count
    }

    private static func apply(_ events: ArraySlice<ChatEvent>, _ story: FigureStory, _ history: StoredHistory) throws {
        try history.apply(events.map { ReceivedEvent($0, story.bodies) })
        try history.sweep()
    }

    private static func drop(_ history: StoredHistory) throws {
        while try history.writer.dropFigures(before: starts, most: 7) {}
    }

    // MARK: Questions

    private static func queries(_ history: StoredHistory) -> HistoryQueries {
        HistoryQueries(history.store, limits: Limits.Query())
    }

    private static func ask(_ level: FigureLevel, from start: Quarter, _ history: StoredHistory) throws -> [Figures] {
        let range = try #require(FigureRange(start..<day("2027-01-01"), every: .month, in: .utc, most: 100))
        let scopes = RollupScope.ofMessages.filter { $0.level == level }
        var figures: [Figures] = []
        for measure in RollupMeasure.ofMessages {
            for scope in scopes {
                var question = VolumeQuestion(measure, in: range)
                question.group = .scope(scope)
                figures.append(try queries(history).volume(question))
            }
        }
        guard level == .answers else { return figures }
        for grouping in [nil, FigureGrouping.user] {
            let question = DatedQuestion(
                range,
                grouping: grouping,
                target: 3_600_000,
                now: range.quarters.upperBound.start
            )
            for first in [false, true] { figures.append(try queries(history).replies(question, first: first)) }
        }
        return figures
    }

    private static func answers(_ history: StoredHistory) throws -> [FigureLevel: [Figures]] {
        var answers: [FigureLevel: [Figures]] = [:]
        for (level, start) in starts { answers[level] = try ask(level, from: start, history) }
        return answers
    }

    private static func expectRefused(_ history: StoredHistory) throws {
        for (level, start) in starts {
            let error = #expect(throws: MongoError.self) {
                try ask(level, from: Quarter(start.number - 1), history)
            }
            #expect(error?.isRefusal == true)
            #expect(error?.description.contains("figures of \(level.rawValue) are kept from then on") == true)
            #expect(error?.description.contains(start.start.rfc3339) == true)
        }
    }

    private static func expectNothingOlder(_ history: StoredHistory, _ comment: String) throws {
        try history.forEach(.turns) { turn in
            #expect(turn.date("at") ?? 0 >= starts[.answers]?.start.milliseconds ?? 0, "\(comment)")
        }
        try history.forEach(.rollups) { rollup in
            let scope = rollup.string("_id")?.split(separator: "/").first.flatMap { RollupScope(rawValue: String($0)) }
            guard let level = scope?.level else { return }
            #expect(rollup.int64("p") ?? 0 >= starts[level]?.number ?? 0, "\(level) \(comment)")
        }
    }
}
