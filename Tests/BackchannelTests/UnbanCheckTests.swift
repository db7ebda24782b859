import Analytics
import Blocking
import Chat
import Crypto
import History
import JSON
import Limits
import MongoDB
import Outbox
import Provider
import TestSupport
import Testing

@testable import backchannel

struct UnbanCheckTests {
    /// A ban as an event told of it, and what becomes of an unban at 12:00, performed at 13:00.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var ban: String?
        var cid: String?
        var isSent: Bool
    }

    private static let cases = [
        Case(testDescription: "no ban is known", isSent: true),
        Case(testDescription: "the ban to be lifted", ban: #""created_at":"2026-05-20T11:00:00Z""#, isSent: true),
        Case(testDescription: "a newer ban", ban: #""created_at":"2026-05-20T12:30:00Z""#, isSent: false),
        Case(
            testDescription: "a newer ban that is over",
            ban: #""created_at":"2026-05-20T12:30:00Z","expiration":"2026-05-20T12:40:00Z""#,
            isSent: true
        ),
        Case(
            testDescription: "a newer ban in the channel",
            ban:
                #""created_at":"2026-05-20T12:30:00Z","cid":"messaging:x","channel_type":"messaging","channel_id":"x""#,
            cid: "messaging:x",
            isSent: false
        ),
        Case(
            testDescription: "a newer ban everywhere, and an unban in a channel",
            ban: #""created_at":"2026-05-20T12:30:00Z""#,
            cid: "messaging:x",
            isSent: true
        ),
    ]

    @Test(arguments: cases)
    func aNewerBanStays(_ example: Case) async throws {
        let database = freshDatabaseName()
        let pool = try sharedMongoPool()
        let history = try await blocking { try Self.history(pool, database, example) }
        let (unban, later) = (
            try #require(Timestamp(rfc3339: "2026-05-20T12:00:00Z")),
            try #require(Timestamp(rfc3339: "2026-05-20T13:00:00Z"))
        )
        let calls = RecordedCalls()
        let check = UnbanCheck(calls, history: history, limits: Limits(), now: { later })
        let call = ProviderCall.unban(UserUnban(target: "sam", cid: example.cid))
        let effect = PendingEffect(
            key: .init(entity: call.lane, version: "1", cause: "test", action: call.name),
            destination: .provider,
            lane: call.lane,
            action: call.name,
            payload: call.json,
            eventTime: unban,
            attempts: 10
        )
        let outcomes = await check.perform([effect])
        let skipped = EffectOutcome.unsent(.needless(answer: "not sent: a newer ban is in force"))
        #expect(outcomes == [example.isSent ? .done(answer: "200") : skipped])
        #expect(calls.performed == (example.isSent ? 1 : 0) && calls.withdrawn == (example.isSent ? 0 : 1))
        try await blocking { try dropDatabase(database, in: pool) }
    }

    private static func history(_ pool: MongoPool, _ database: String, _ example: Case) throws -> HistoryHandle {
        let history = HistoryHandle { () throws(HistoryError) in
            guard let patterns = try? ContextPatterns() else { throw .noReplicaSet }
            return try HistoryStore.open(
                pool: pool,
                database: database,
                app: AppIdentity(id: nil, apiKeys: ["k"]),
                patterns: patterns,
                weights: EngagementWeights()
            )
        }
        let writer = try HistoryWriter(try history.opened())
        if let ban = example.ban {
            let body = Array(#"{"type":"user.banned","user":{"id":"sam"},"created_by":{"id":"mo"},\#(ban)}"#.utf8)
            let event = try StreamProvider().decode(
                body,
                id: EventID(bytes: SHA256.digest(body)),
                receivedAt: Timestamp(milliseconds: 1_779_278_400_000),
                parser: JSONParser()
            )
            _ = try writer.commit([ReceivedEvent(event: event, body: body, signature: [1])])
        }
        return history
    }
}

/// Performs everything, and counts.
private final class RecordedCalls: EffectPerformer {
    private let counts = Locked((performed: 0, withdrawn: 0))

    var performed: Int { counts.withLock { $0.performed } }
    var withdrawn: Int { counts.withLock { $0.withdrawn } }

    func withdraw(_ effects: [PendingEffect]) { counts.withLock { $0.withdrawn += effects.count } }

    func perform(_ effects: [PendingEffect]) async -> [EffectOutcome] {
        counts.withLock { $0.performed += effects.count }
        return effects.map { _ in .done(answer: "200") }
    }
}
