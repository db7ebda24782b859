import Analytics
import Chat
import History
import Limits
import MongoDB
import TestSupport
import Testing

@testable import Backfill

/// Which back-fill is under way, and which were interrupted.
struct BackfillStoreTests {
    private static let command = request("command 30d", days: 30)
    private static let gap = request("gap", days: 1)

    /// A gap is read back over night: the command of yesterday goes on in the morning, and counts go on with it.
    @Test func anotherOneDoesNotForgetWhatWasInterrupted() async throws {
        try await Self.withStore { store in
            var run = try await store.begin(Self.command, takesOver: false, resumes: true)
            var position = BackfillPosition()
            position.pass(channelMadeAt: Timestamp(milliseconds: 1_700_000_000_000))
            run.counts += try await store.store(.refused, of: run, at: position, isRepeated: false)
            for _ in 0..<2 {
                let gap = try await store.begin(Self.gap, takesOver: true, resumes: true)
                #expect(!gap.isResumed)
                try await store.finish(gap)
            }
            var later = Self.command
            later.through = .distantFuture
            let resumed = try await store.begin(later, takesOver: false, resumes: true)
            #expect(resumed.isResumed && resumed.request == Self.command)
            #expect(resumed.position == position && resumed.counts == run.counts)
            try await store.finish(resumed)
            #expect(try await store.begin(Self.command, takesOver: false, resumes: true).isResumed == false)
        }
    }

    /// Each interrupts the other, and neither is lost.
    @Test func twoTakeTurns() async throws {
        try await Self.withStore { store in
            _ = try await store.begin(Self.command, takesOver: false, resumes: true)
            #expect(try await store.begin(Self.gap, takesOver: true, resumes: true).isResumed == false)
            #expect(try await store.begin(Self.command, takesOver: true, resumes: true).isResumed)
            let gap = try await store.begin(Self.gap, takesOver: true, resumes: true)
            #expect(gap.isResumed && gap.request == Self.gap)
            // Begun anew it is not gone on with any more.
            let anew = try await store.begin(Self.command, takesOver: true, resumes: false)
            #expect(!anew.isResumed)
            try await store.finish(anew)
            #expect(try await store.begin(Self.command, takesOver: true, resumes: true).isResumed == false)
        }
    }

    @Test func whatFinishedWhileItWasTakenOverIsNotGoneOnWith() async throws {
        try await Self.withStore { store in
            let run = try await store.begin(Self.command, takesOver: false, resumes: true)
            try await store.finish(run)
            _ = try await store.begin(Self.gap, takesOver: true, resumes: true)
            #expect(try await store.begin(Self.command, takesOver: true, resumes: true).isResumed == false)
        }
    }

    // MARK: Parts

    private static func request(_ cause: String, days: Int64) -> BackfillRequest {
        let end: Int64 = 1_900_000_000_000
        return BackfillRequest(
            since: Timestamp(milliseconds: end - days * 86_400_000),
            through: Timestamp(milliseconds: end),
            cause: cause
        )
    }

    private static func withStore(_ body: (BackfillStore) async throws -> Void) async throws {
        let (pool, database) = (try await blocking { try sharedMongoPool() }, freshDatabaseName())
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
        let now = Timestamp(milliseconds: 1_900_000_000_000)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(BackfillStore(history, limits: Limits(), now: { now })))
        } catch { result = .failure(error) }
        try await blocking { try dropDatabase(database, in: pool) }
        try result.get()
    }
}
