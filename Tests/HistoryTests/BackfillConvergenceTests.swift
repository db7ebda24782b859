import Chat
import MongoDB
import TestSupport
import Testing

@testable import Backfill
@testable import History

/// Design promise 3 for what is read back: whenever the provider is read, and in whatever order that meets the webhooks,
/// the history is what the webhooks alone would have made it, and each message is counted once.
struct BackfillConvergenceTests {
    @Test func readingBackAddsNothingToWhatWebhooksBrought() async throws {
        let random = SeededRandom()
        try await blocking {
            var random = random
            for number in 0..<40 {
                let story = try ProviderStory(random, steps: 30, isHealable: false)
                random = story.random
                let expected = try Self.history(of: [story.events]).snapshot()
                let readBack = story.views.flatMap { Self.page($0).events }
                for order in 0..<6 {
                    let all = (story.events + readBack).shuffled(using: &random)
                    let found = try Self.history(of: Self.cut(all, &random)).snapshot()
                    let differing = Set(expected.keys).union(found.keys).filter { expected[$0] != found[$0] }.sorted()
                    try #require(
                        differing == [],
                        "story \(number), order \(order), TEST_SEED=\(random.seed): \(differing.prefix(3).map { (expected[$0], found[$0]) })"
                    )
                }
            }
        }
    }

    @Test func whatWasLostIsCountedAndHealed() async throws {
        let random = SeededRandom()
        try await blocking {
            var random = random
            for number in 0..<150 {
                let story = try ProviderStory(random, steps: 40, isHealable: true)
                random = story.random
                try Self.lose(some: story, &random, "story \(number), TEST_SEED=\(random.seed)")
            }
        }
    }

    private static func lose(some story: ProviderStory, _ random: inout SeededRandom, _ comment: String) throws {
        let expected = try history(of: [story.events])
        let delivered = story.events.filter { _ in Int.random(in: 0..<3, using: &random) > 0 }
        let history = try history(of: cut(delivered.shuffled(using: &random), &random))
        let page = page(try #require(story.last))
        let told = Set(delivered.flatMap { $0.claims.messages.map(\.id) })
        let (news, counts) = page.compare(with: history.stored(page))
        let shown = Set(page.events.flatMap { $0.claims.messages.map(\.id) })
        try #require(counts.messages == shown.count, "\(comment)")
        try #require(counts.missing == shown.subtracting(told).count, "\(comment)")
        try history.apply(news)
        history.sweep()
        let (found, wanted) = (history.visible(), expected.visible())
        let differing = Set(found.keys).union(wanted.keys).filter { found[$0] != wanted[$0] }.sorted()
        try #require(differing == [], "\(comment): \(differing.prefix(3).map { (wanted[$0], found[$0]) })")
        try #require(page.compare(with: history.stored(page)).news.isEmpty, "\(comment)")

        // And if they come after all, late:
        try history.apply(story.events)
        history.sweep()
        try #require(history.snapshot() == expected.snapshot(), "\(comment)")
    }

    private static func page(_ state: ChannelState) -> PageReading {
        PageReading(
            state,
            isFirst: true,
            through: .distantFuture,
            provider: StreamProvider(),
            readAt: Timestamp(milliseconds: 1_900_000_000_000)
        )
    }

    private static func history(of batches: [[ReceivedEvent]]) throws -> MemoryHistory {
        let history = MemoryHistory(settings: try ConvergenceTests.settings())
        for batch in batches { try history.apply(batch) }
        history.sweep()
        return history
    }

    private static func cut(_ events: [ReceivedEvent], _ random: inout SeededRandom) -> [[ReceivedEvent]] {
        var (batches, rest): ([[ReceivedEvent]], _) = ([], events[...])
        while !rest.isEmpty {
            let size = Int.random(in: 1...8, using: &random)
            batches.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return batches
    }
}

extension MemoryHistory {
    /// What a page is compared with.
    func stored(_ page: PageReading) -> StoredPage {
        var stored = StoredPage()
        for event in page.events {
            let claims = event.claims
            for record in load(ChannelRecord.self, Set(claims.channels.map(\.cid))) {
                stored.channels[record.cid] = record
            }
            for record in load(MemberRecord.self, Set(claims.members.map(\.key))) {
                stored.members[record.key] = record
            }
            for state in load(MessageState.self, Set(claims.messages.map(\.id))) {
                stored.messages[state.record.id] = state.record
            }
            for record in load(UserRecord.self, Set(claims.users.map(\.id))) { stored.users[record.id] = record }
        }
        return stored
    }

    /// Messages, members and counters as anybody sees them: without stamps, which tell who said it, and without earlier
    /// texts, which nobody shows any more.
    func visible() -> [String: Snapshot] {
        var result: [String: Snapshot] = [:]
        for (name, snapshot) in snapshot() {
            switch snapshot {
            case .document(let document) where name.hasPrefix("messages ") || name.hasPrefix("members "):
                result[name] = .document(document.visible)
            case .counters: result[name] = snapshot
            default: break
            }
        }
        return result
    }
}

extension BSONDocument {
    /// Of what was deleted before it was ever read, the provider tells the end alone: not its type, nor its last text.
    fileprivate var visible: BSONDocument {
        let isDeleted = self["deletedAt"] != nil
        let left = isDeleted ? ["v", "type", "text", "updatedAt", "text_updated_at"] : ["v"]
        var document = BSONDocument()
        for (key, value) in self where !left.contains(key) { document.append(key, value: value) }
        return document
    }
}
