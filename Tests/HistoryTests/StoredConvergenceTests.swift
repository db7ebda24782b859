import Analytics
import Chat
import MongoDB
import TestSupport
import Testing

@testable import History

/// Design promise 3 against MongoDB: what ``ConvergenceTests`` shows of the pure merge holds for what is stored.
struct StoredConvergenceTests {
    /// 12 stories, 3 orders each, every one in a database of its own.
    @Test(arguments: [false, true]) func anyOrderStoresTheSameHistory(isErasing: Bool) async throws {
        let random = SeededRandom()
        try await blocking {
            var random = random
            for story in 0..<6 { try Self.tell(story, isErasing, &random) }
        }
    }

    private static func tell(_ story: Int, _ isErasing: Bool, _ random: inout SeededRandom) throws {
        let seed = random.seed
        var generator = RandomStory(random, isErasing: isErasing)
        let events = generator.events(24)
        random = generator.random
        let settings = try ConvergenceTests.settings()
        let orders = (0..<3).map { _ in EventOrder(events, &random) }
        let pool = try sharedMongoPool()
        for (index, order) in orders.enumerated() {
            let database = freshDatabaseName()
            defer { try? dropDatabase(database, in: pool) }
            let stored = try StoredHistory.open(pool, database, weights: settings.weights)
            for (batch, sweeps) in order.batches {
                try stored.apply(batch.map { ReceivedEvent($0, generator.bodies) })
                try stored.sweep(steps: sweeps)
            }
            try stored.sweep()
            // Each database has a salt of its own, and so pseudonyms of its own.
            let expected = try memory(of: events, stored.store.settings)
            let comment = "story \(story), order \(index), TEST_SEED=\(seed)"
            let found = try stored.snapshot()
            let differing = Set(expected.keys).union(found.keys).filter { expected[$0] != found[$0] }.sorted()
            try #require(
                differing == [],
                "\(comment): \(differing.prefix(3).map { (expected[$0], found[$0]) })"
            )
            var differences: [Difference] = []
            let report = try Verifier(stored.store).run { differences.append($0) }
            try #require(differences == [], "\(comment)")
            try #require(report.waitingSweeps == [], "\(comment)")
        }
    }

    static func memory(of events: [ChatEvent], _ settings: FoldSettings) throws -> [String: MemoryHistory
        .Snapshot]
    {
        let history = MemoryHistory(settings: settings)
        try history.apply(events)
        history.sweep()
        var result = history.snapshot()
        for (key, change) in history.counted {
            result["counters \(key.scope) \(key.id)"] = .counters(change.visible(key.scope))
        }
        for version in history.versions {
            result["version \(version.messageID) \(version.at) \(version.version)"] = nil
            result["edit \(joinedID(version.messageID, "\(version.at.nanoseconds)", "\(version.version)"))"] = .text(
                version.text
            )
        }
        return result
    }
}

/// Events shuffled, some of them repeated, cut into batches, with some steps of sweeping after each.
private struct EventOrder {
    var batches: [(events: [ChatEvent], sweeps: Int)] = []

    init(_ events: [ChatEvent], _ random: inout SeededRandom) {
        let repeated = events.filter { _ in Int.random(in: 0..<5, using: &random) == 0 }
        var rest = (events + repeated).shuffled(using: &random)[...]
        while !rest.isEmpty {
            let size = Int.random(in: 1...6, using: &random)
            batches.append((Array(rest.prefix(size)), Int.random(in: 0...3, using: &random)))
            rest = rest.dropFirst(size)
        }
    }
}

extension ReceivedEvent {
    convenience init(_ event: ChatEvent, _ bodies: [EventID: [UInt8]]) {
        self.init(event: event, body: bodies[event.id] ?? [], signature: [])
    }
}
