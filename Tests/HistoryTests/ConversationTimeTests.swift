import Analytics
import Chat
import MongoDB
import TestSupport
import Testing

@testable import History

/// Times that conversations are looked for by are those that conversations have.
struct ConversationTimeTests {
    private static let cid = "messaging:market"

    @Test func missingOnesAreFoundAndMended() async throws {
        try await withConversations { history in
            let kept = try Self.times(history)
            #expect(kept.map(\.kind).sorted { $0.rawValue < $1.rawValue } == [.answered, .started, .started, .waiting])
            for time in kept {
                try Self.remove(time, history)
                #expect(try Self.differences(history).map(\.collection) == [ConversationTime.collection.rawValue])
                #expect(try Rebuilder(history.store) { _ in }.run() > 0, "\(time)")
                #expect(try Self.differences(history) == [] && Self.times(history) == kept, "\(time)")
                #expect(try Rebuilder(history.store) { _ in }.run() == 0, "\(time)")
            }
        }
    }

    /// Of a channel that waits without a time nobody would know.
    @Test func oneThatIsDueIsFoundWithoutItsTime() async throws {
        try await withConversations { history in
            let kept = try Self.times(history)
            var events = SignedEvents()
            try history.apply([try events.message("message.new", "m0", by: "ben", in: Self.cid, at: 90, text: "Hello.")]
            )
            let due = try #require(Self.times(history).first { $0.kind == .due })
            #expect(try Self.differences(history) == [], "it waits")
            try Self.remove(due, history)
            #expect(try Self.differences(history).map(\.collection) == [ConversationTime.collection.rawValue])
            _ = try Rebuilder(history.store) { _ in }.run()
            #expect(try Self.differences(history) == [])
            #expect(try Self.times(history) == kept)
        }
    }

    /// Of another time, of no channel, and of no kind that there is.
    @Test func othersAreFoundAndRemoved() async throws {
        try await withConversations { history in
            let kept = try Self.times(history)
            var stray = ConversationTime.Kind.allCases.flatMap { kind in
                [Self.cid, "messaging:none"].map { ConversationTime(kind: kind, at: 5, cid: $0).document }
            }
            stray.append(.id("odd"))
            try history.writer.connection.insert(
                stray,
                into: ConversationTime.collection.rawValue,
                in: history.store.database
            )
            let found = try Self.differences(history)
            #expect(found.count == stray.count)
            #expect(found.allSatisfy { $0.collection == ConversationTime.collection.rawValue && $0.isMendable })
            #expect(try Rebuilder(history.store) { _ in }.run() > 0)
            #expect(try Self.differences(history) == [] && Self.times(history) == kept)
        }
    }

    /// The worker does not look for a channel that does not wait again and again.
    @Test func whatIsDueNowhereGoes() async throws {
        try await withConversations { history in
            let kept = try Self.times(history)
            for cid in [Self.cid, "messaging:none"] {
                try history.writer.connection.insert(
                    [ConversationTime(kind: .due, at: 5, cid: cid).document],
                    into: ConversationTime.collection.rawValue,
                    in: history.store.database
                )
            }
            try history.sweep()
            #expect(try Self.times(history) == kept)
        }
    }

    @Test func areFoundByKindAndTime() async throws {
        try await withFreshDatabase { pool, database in
            let history = try StoredHistory.open(pool, database, weights: EngagementWeights())
            let all = ConversationTime.Kind.allCases.flatMap { kind in
                [Int64.min, -1, 0, 5, .max].map { ConversationTime(kind: kind, at: $0, cid: Self.cid) }
            }
            let collection = ConversationTime.collection.rawValue
            try history.writer.connection.insert(all.map(\.document), into: collection, in: database)
            func found(_ filter: BSONDocument) throws -> [ConversationTime] {
                var found: [ConversationTime] = []
                try history.writer.connection.find(
                    collection,
                    filter,
                    in: database,
                    options: .init(sort: .keys(("_id", 1)))
                ) { (document: BSONDocument) throws(MongoError) in
                    if let time = ConversationTime(document) { found.append(time) }
                    return true
                }
                return found
            }
            for kind in ConversationTime.Kind.allCases {
                let mine = all.filter { $0.kind == kind }
                #expect(try found(ConversationTime.filter(kind)) == mine)
                #expect(try found(ConversationTime.filter(kind, in: -1..<5)) == Array(mine[1..<3]))
                #expect(try found(ConversationTime.filter(kind, after: mine[1], before: .max)) == Array(mine[2..<4]))
                #expect(try found(ConversationTime.filter([mine[0], mine[4]])) == [mine[0], mine[4]])
            }
        }
    }

    // MARK: Two conversations

    /// One with an answer, and one in which somebody waits.
    private func withConversations(_ body: @escaping @Sendable (StoredHistory) throws -> Void) async throws {
        try await withFreshDatabase { pool, database in
            let history = try StoredHistory.open(pool, database, weights: EngagementWeights())
            var events = SignedEvents()
            try history.apply([
                try events.message("message.new", "m1", by: "ben", in: Self.cid, at: 100, text: "Still there?"),
                try events.message("message.new", "m2", by: "sam", in: Self.cid, at: 110, text: "Yes."),
                try events.message("message.new", "m3", by: "eve", in: "messaging:other", at: 120, text: "Hello?"),
            ])
            try history.sweep()
            #expect(try Self.differences(history) == [])
            try body(history)
        }
    }

    private static func times(_ history: StoredHistory) throws -> Set<ConversationTime> {
        var times: Set<ConversationTime> = []
        try history.forEach(ConversationTime.collection) { if let time = ConversationTime($0) { times.insert(time) } }
        return times
    }

    private static func remove(_ time: ConversationTime, _ history: StoredHistory) throws {
        _ = try history.writer.connection.delete(
            [(filter: ConversationTime.filter([time]), limit: 1)],
            in: ConversationTime.collection.rawValue,
            of: history.store.database
        )
    }

    private static func differences(_ history: StoredHistory) throws -> [Difference] {
        var differences: [Difference] = []
        _ = try Verifier(history.store).run { differences.append($0) }
        return differences
    }
}
