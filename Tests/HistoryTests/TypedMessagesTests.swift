import Analytics
import Chat
import Limits
import MongoDB
import TestSupport
import Testing

@testable import History

/// Messages of a type are found by what figures tell of when they were sent, and are those that going through all of them gives.
struct TypedMessagesTests {
    @Test func pagesAreWhatIsStored() async throws {
        let random = SeededRandom()
        try await withFreshDatabase { pool, database in
            var random = random
            let history = try FigureTests.open(pool, database)
            var story = FigureStory(random)
            let events = story.events(messages: 120)
            random = story.random
            try history.apply(events.map { ReceivedEvent($0, story.bodies) })
            try history.sweep()
            let naive = try NaiveFigures(history, zone: "UTC")
            for _ in 0..<60 {
                let query = query(&random)
                try compare(query, history, naive, "\(query), TEST_SEED=\(random.seed)", &random)
            }
        }
    }

    @Test func figuresTellOnlyOfWhatTheyCover() async throws {
        try await withFreshDatabase { pool, database in
            let queries = HistoryQueries(try FigureTests.open(pool, database).store, limits: Limits.Query())
            var query = MessageQuery()
            (query.from, query.to) = (Timestamp(milliseconds: 0), Timestamp(milliseconds: 86_400_000))
            #expect(try queries.times(of: query) == nil)
            query.type = "offer"
            #expect(try queries.times(of: query)?.spans == [])
            var others = [query, query, query, query, query]
            (others[0].to, others[1].channel, others[2].deleted, others[3].isFlagged) = (nil, "c", .only, true)
            others[4].type = String(repeating: "x", count: 257)
            for other in others { #expect(try queries.times(of: other) == nil, "\(other)") }
            let bare = try FigureTests.open(pool, database, keepsFigures: false).store
            #expect(try HistoryQueries(bare, limits: Limits.Query()).times(of: query) == nil)
        }
    }

    private func query(_ random: inout SeededRandom) -> MessageQuery {
        var query = MessageQuery()
        let types = ["offer", "question", "regular", "reply", "system", "unknown", String(repeating: "x", count: 300)]
        query.type = types[Int.random(in: 0..<types.count, using: &random)]
        query.deleted = MessageQuery.Deleted.allCases[Int.random(in: 0..<3, using: &random)]
        query.order = Bool.random(using: &random) ? .newest : .oldest
        // Of 2026, at any millisecond.
        let from = 1_767_000_000_000 + Int64.random(in: 0..<20_000_000_000, using: &random)
        query.from = Timestamp(milliseconds: from)
        query.to = Timestamp(milliseconds: from + Int64.random(in: 1...15_000_000_000, using: &random))
        return query
    }

    private func compare(
        _ query: MessageQuery,
        _ history: StoredHistory,
        _ naive: NaiveFigures,
        _ comment: String,
        _ random: inout SeededRandom
    ) throws {
        var expected = naive.messages.filter { matches(query, $0) }.map { ($0.record.created?.time, $0.record.id) }
            .map { (($0?.milliseconds ?? 0), $1) }.sorted { $0 < $1 }.map(\.1)
        if query.order == .newest { expected.reverse() }
        let limit = Int.random(in: 1...12, using: &random)
        var (limits, query, found) = (Limits.Query(), query, [String]())
        repeat {
            limits.typedMessagesMost = [0, 20_000][Int.random(in: 0...1, using: &random)]
            let page = try HistoryQueries(history.store, limits: limits).page(query, limit: limit)
            found += page.messages.compactMap { $0.document.string("_id") }
            try #require(page.messages.count <= limit, "\(comment)")
            if limits.typedMessagesMost > 0 { try #require(page.total == Int64(expected.count), "\(comment)") }
            query.after = page.next
        } while query.after != nil
        try #require(found == expected, "\(comment)")
    }

    private func matches(_ query: MessageQuery, _ state: MessageState) -> Bool {
        let facts = state.record.facts?.value
        guard let time = state.record.created?.time.roundedDownToMilliseconds, let from = query.from, let to = query.to,
            from <= time, time < to, (facts?.businessType ?? facts?.type) == query.type
        else { return false }
        return query.deleted == .include || (state.deletedAt != nil) == (query.deleted == .only)
    }
}
