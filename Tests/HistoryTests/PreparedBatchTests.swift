import Chat
import MongoDB
import TestSupport
import Testing

@testable import History

/// Batches folded ahead store what batches folded in their transaction store, whoever else writes meanwhile.
struct PreparedBatchTests {
    @Test func aheadOrInVainTheHistoryIsTheSame() async throws {
        let random = SeededRandom()
        try await blocking {
            var random = random
            var outcomes: Set<Bool> = []
            for story in 0..<6 { outcomes.formUnion(try Self.tell(story, isErasing: story % 2 == 1, &random)) }
            #expect(outcomes == [true, false], "TEST_SEED=\(random.seed)")
        }
    }

    /// - Returns: whether batches were written as prepared.
    private static func tell(_ story: Int, isErasing: Bool, _ random: inout SeededRandom) throws -> Set<Bool> {
        let seed = random.seed
        var generator = RandomStory(random, isErasing: isErasing)
        let events = generator.events(40)
        random = generator.random
        let pool = try sharedMongoPool()
        let database = freshDatabaseName()
        defer { try? dropDatabase(database, in: pool) }
        let stored = try StoredHistory.open(pool, database, weights: ConvergenceTests.settings().weights)
        let other = try HistoryWriter(stored.store)
        let preparer = BatchPreparer(stored.store)

        var outcomes: Set<Bool> = []
        var previous: PreparedBatch?
        var rest = events.map { ReceivedEvent($0, generator.bodies) }.shuffled(using: &random)[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(Int.random(in: 1...5, using: &random)))
            rest = rest.dropFirst(batch.count)
            let isEarly = Bool.random(using: &random)
            let early = isEarly ? try preparer.prepare(batch, after: previous) : nil
            if let previous { outcomes.insert(try stored.retrying { try stored.writer.commit(previous) }.wasAhead) }
            switch Int.random(in: 0..<5, using: &random) {
            case 0: try stored.sweep(steps: 1)
            case 1: _ = try stored.retrying { try other.commit(Array(rest.prefix(2)) + batch.prefix(1)) }
            default: break
            }
            previous = try early ?? preparer.prepare(batch, after: previous)
        }
        if let previous { outcomes.insert(try stored.retrying { try stored.writer.commit(previous) }.wasAhead) }
        try stored.sweep()

        let expected = try StoredConvergenceTests.memory(of: events, stored.store.settings)
        let found = try stored.snapshot()
        let differing = Set(expected.keys).union(found.keys).filter { expected[$0] != found[$0] }.sorted()
        try #require(
            differing == [],
            "story \(story), TEST_SEED=\(seed): \(differing.prefix(3).map { (expected[$0], found[$0]) })"
        )
        var differences: [Difference] = []
        _ = try Verifier(stored.store).run { differences.append($0) }
        try #require(differences == [], "story \(story), TEST_SEED=\(seed)")
        return outcomes
    }
}
