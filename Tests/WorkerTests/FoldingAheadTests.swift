import Analytics
import Chat
import Crypto
import History
import Limits
import MongoDB
import Telemetry
import TestSupport
import Testing
import WebhookIngest

@testable import Worker

/// Batches are folded while the one before is written, also where messages come late and conversations are gone through again.
struct FoldingAheadTests {
    private static let messages = 400

    @Test func lateMessagesDoNotEndIt() async throws {
        let database = freshDatabaseName()
        let pool = try sharedMongoPool()
        let folder = try TemporaryFolder()
        let (queue, metrics, log) = (MemoryEventQueue(), Metrics(), Log(level: .error) { _ in })
        _ = try queue.append((0..<Self.messages).map(Self.delivery))
        let patterns = try ContextPatterns()
        let history = HistoryHandle { () throws(HistoryError) in
            try HistoryStore.open(
                pool: pool,
                database: database,
                app: AppIdentity(id: nil, apiKeys: ["k"]),
                patterns: patterns,
                weights: EngagementWeights()
            )
        }
        _ = try await blocking { try history.opened() }
        var limits = Limits.Worker()
        limits.batchEvents = 5
        let (stored, told) = AsyncStream.makeStream(of: Int.self)
        let worker = Worker(
            queue: queue,
            provider: StreamProvider(),
            history: history,
            sessions: SessionLedger(folder: folder.path, log: log),
            limits: limits,
            log: log,
            metrics: metrics,
            now: { Timestamp(milliseconds: 1_800_000_000_000) },
            onStored: { told.yield($0.count) }
        )
        let work = Task { await worker.run() }
        var left = Self.messages
        for await count in stored {
            left -= count
            if left == 0 { break }
        }
        work.cancel()
        await work.value
        func sum(_ name: String) -> Int64 { metrics.counters(name).reduce(0) { $0 + $1.value } }
        #expect(sum("backchannel_sweep_steps_total") > 0, "conversations were gone through again meanwhile")
        let (batches, ahead) = (sum("backchannel_batches_total"), sum("backchannel_batches_ahead_total"))
        #expect(batches == 80)
        #expect(ahead == batches, "each is folded before its transaction")
        try await blocking { try dropDatabase(database, in: pool) }
    }

    /// Every other message is older than the one before it in its channel.
    private static func delivery(_ number: Int) -> Delivery {
        let time = Timestamp(milliseconds: 1_790_000_000_000 + Int64(number ^ 1) * 60_000).rfc3339
        let body = Array(
            """
            {"type":"message.new","cid":"messaging:a","created_at":"\(time)","message":{"id":"m\(number)","text":"hi",\
            "created_at":"\(time)","updated_at":"\(time)","user":{"id":"u\(number % 3)"}},"user":{"id":"u\(number % 3)"}}
            """.utf8
        )
        return Delivery(
            id: EventID(bytes: SHA256.digest(body)),
            type: "message.new",
            lane: "a",
            receivedAt: Timestamp(milliseconds: 1_800_000_000_000),
            body: body,
            signature: []
        )
    }
}
