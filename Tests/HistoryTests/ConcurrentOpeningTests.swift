import Analytics
import Chat
import MongoDB
import TestSupport
import Testing

@testable import History

/// Several nodes, or the threads of one, may be the first in a new database.
struct ConcurrentOpeningTests {
    @Test func allWhoComeFirstOpenTheSameHistory() async throws {
        for _ in 0..<6 {
            let database = freshDatabaseName()
            let salts = try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await blocking {
                            let pool = try sharedMongoPool()
                            let store = try StoredHistory.open(pool, database, weights: EngagementWeights()).store
                            // Whoever has it open finds it as new as it is, however far the others have got.
                            _ = try HistoryStore.attach(
                                pool: pool,
                                database: database,
                                app: AppIdentity(id: nil, apiKeys: ["key"]),
                                patterns: ContextPatterns(),
                                weights: EngagementWeights()
                            )
                            return store.settings.salt
                        }
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(salts.count == 1)
            try await blocking { try dropDatabase(database, in: try sharedMongoPool()) }
        }
    }
}
