import Analytics
import Chat
import TestSupport
import Testing

@testable import History

/// Design promise 3: order, repetition and the cutting into batches do not show in the result.
struct ConvergenceTests {
    static func settings() throws -> FoldSettings {
        var weights = EngagementWeights()
        weights.read = 2
        return FoldSettings(patterns: try ContextPatterns(), weights: weights, salt: [1, 2, 3])
    }

    /// 500 stories, 20 orders each; in half of them users are deleted for good.
    ///
    /// On a thread of its own: a minute of computing would keep other tests from the few threads of Swift's pool.
    @Test(arguments: [false, true]) func anyOrderGivesTheSameHistory(isErasing: Bool) async throws {
        try await blocking { try compareOrders(isErasing: isErasing) }
    }

    private func compareOrders(isErasing: Bool) throws {
        var random = SeededRandom()
        let seed = random.seed
        for story in 0..<250 {
            var generator = RandomStory(random, isErasing: isErasing)
            let events = generator.events(18)
            random = generator.random
            let expected = try history(of: events.map { [$0] })
            let recount = expected.recount()
            let miscounted = expected.counted.filter { recount[$0.key] != $0.value }.map {
                "\($0) is \(recount[$0.key, default: TallyChange()])"
            }
            try #require(miscounted == [], "story \(story), TEST_SEED=\(seed)")
            let snapshot = expected.snapshot()
            let traces = expected.erasedUsers.flatMap { user in expected.documents(holding: user) }
            try #require(traces == [], "story \(story), TEST_SEED=\(seed)")
            for order in 0..<20 {
                let other = try history(of: cut(shuffled(events, &random), &random), &random).snapshot()
                let difference = Set(snapshot.keys).union(other.keys).filter { snapshot[$0] != other[$0] }.sorted()
                try #require(
                    difference == [],
                    "story \(story), order \(order), TEST_SEED=\(seed): \(difference.prefix(3).map { (snapshot[$0], other[$0]) })"
                )
            }
        }
    }

    private func history(of batches: [[ChatEvent]]) throws -> MemoryHistory {
        let history = MemoryHistory(settings: try Self.settings())
        for batch in batches { try history.apply(batch) }
        history.sweep()
        return history
    }

    /// Sweeps run at random moments, and at the end.
    private func history(of batches: [[ChatEvent]], _ random: inout SeededRandom) throws -> MemoryHistory {
        let history = MemoryHistory(settings: try Self.settings())
        for batch in batches {
            try history.apply(batch)
            if Bool.random(using: &random) { history.sweep() }
        }
        history.sweep()
        return history
    }

    private func shuffled(_ events: [ChatEvent], _ random: inout SeededRandom) -> [ChatEvent] {
        let repeated = events.filter { _ in Int.random(in: 0..<5, using: &random) == 0 }
        return (events + repeated).shuffled(using: &random)
    }

    private func cut(_ events: [ChatEvent], _ random: inout SeededRandom) -> [[ChatEvent]] {
        var batches: [[ChatEvent]] = []
        var rest = events[...]
        while !rest.isEmpty {
            let size = Int.random(in: 1...6, using: &random)
            batches.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return batches
    }
}
