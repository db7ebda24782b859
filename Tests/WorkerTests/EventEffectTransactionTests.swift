import Analytics
import Chat
import Crypto
import JSON
import Limits
import MongoDB
import Outbox
import TestSupport
import Testing

@testable import History
@testable import Worker

/// Effects and events are stored together or not at all.
struct EventEffectTransactionTests {
    @Test func whatFailsLeavesNeither() async throws {
        let database = freshDatabaseName()
        let pool = try sharedMongoPool()
        try await blocking {
            let store = try HistoryStore.open(
                pool: pool,
                database: database,
                app: AppIdentity(id: nil, apiKeys: ["k"]),
                patterns: ContextPatterns(),
                weights: EngagementWeights()
            )
            let now = try #require(Timestamp(rfc3339: "2026-05-20T12:00:00Z"))
            var settings = EventEffectSettings(maximumAge: .seconds(900))
            settings.newOffer = .init(destinations: [.email])
            settings.unreadReminder = .init(destinations: [.email], delay: .seconds(60))
            let effects = EventEffects(
                settings,
                limits: .init(),
                outbox: OutboxWriter(mode: { .on }, order: WriteOrder(), now: { now })
            )
            let event = try Self.offer()

            let failing = try HistoryWriter(store, effects: Failing(effects: effects))
            #expect(throws: MongoError.self) { _ = try failing.commit([event]) }
            #expect(try Self.count(.outbox, store) == 0 && Self.count(.events, store) == 0)

            let writer = try HistoryWriter(store, effects: effects)
            #expect(try writer.commit([event]).effects == 2)
            #expect(try Self.count(.outbox, store) == 2 && Self.count(.events, store) == 1)
            // Another delivery of the same.
            #expect(try writer.commit([event]).effects == 0)
            #expect(try Self.count(.outbox, store) == 2 && Self.count(.events, store) == 1)
        }
        try await blocking { try dropDatabase(database, in: pool) }
    }

    /// Ends with a write that MongoDB refuses.
    private struct Failing: EffectSource {
        let effects: EventEffects

        func outboxWrites(of batch: BatchFold) -> [MongoUpdate] {
            var change = BSONDocument()
            change.append("$noSuchOperator") { $0.append("a", Int32(1)) }
            return effects.outboxWrites(of: batch) + [MongoUpdate(filter: .id("x"), update: change, upsert: true)]
        }
    }

    private static func offer() throws -> ReceivedEvent {
        let body = Array(
            """
            {"type":"message.new","created_at":"2026-05-20T11:59:00Z","cid":"messaging:listing_1_bea_sam","message":\
            {"id":"m1","text":"250?","message_type":"offer","user":{"id":"bea"},"created_at":"2026-05-20T11:59:00Z"}}
            """.utf8
        )
        let event = try StreamProvider().decode(
            body,
            id: EventID(bytes: SHA256.digest(body)),
            receivedAt: Timestamp(milliseconds: 1_779_278_400_000),
            parser: JSONParser()
        )
        return ReceivedEvent(event: event, body: body, signature: [1])
    }

    private static func count(_ collection: Collection, _ store: HistoryStore) throws -> Int {
        var count = 0
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(collection.rawValue, BSONDocument(), in: store.database) {
                (_: BSONDocument) throws(MongoError) in
                count += 1
                return true
            }
        }
        return count
    }
}
