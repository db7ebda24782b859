import Analytics
import Chat
import Facts
import Foundation
import History
import Limits
import MongoDB
import Synchronization
import Telemetry
import TestSupport

/// A history and an app's database, both fresh, and a clock that tests set.
final class FactsUnderTest: Sendable {
    let history: HistoryHandle
    let pool: MongoPool
    let database: String
    let appDatabase: String
    let clock = TestClock()
    let log = LogLines()
    var limits: Limits.Facts { settings.facts }
    private let settings: Limits

    init(_ limits: Limits = Limits()) throws {
        let (pool, database) = (try sharedMongoPool(), freshDatabaseName())
        (self.pool, self.database, settings) = (pool, database, limits)
        appDatabase = database + "_app"
        history = HistoryHandle { () throws(HistoryError) in
            guard let patterns = try? ContextPatterns(["listing_{listing_id}_{buyer_id}_{seller_id}"]) else {
                throw .noReplicaSet
            }
            return try HistoryStore.open(
                pool: pool,
                database: database,
                app: AppIdentity(id: nil, apiKeys: ["fixture-key"]),
                patterns: patterns,
                weights: EngagementWeights()
            )
        }
    }

    /// As one node has it; several share the databases.
    func node(
        _ mappings: [FactMapping] = [],
        uri: String? = nil,
        order: [FactOrigin] = FactOrigin.allCases
    ) throws -> FactStore {
        let lines = log
        let app =
            try mappings.isEmpty
            ? nil
            : AppDatabase(
                uri: try uri ?? sharedMongoURI(),
                mappings: mappings.map { mapping in
                    var mapping = mapping
                    mapping.database = mapping.database ?? appDatabase
                    return mapping
                },
                limits: settings,
                log: Log(level: .info) { lines.add($0) }
            )
        let clock = clock
        return FactStore(history: history, app: app, order: order, limits: settings.facts, now: { clock.now })
    }

    /// Stores documents in the app's database.
    func insert(_ collection: String, _ documents: [BSONDocument]) throws {
        try pool.withConnection { connection throws(MongoError) in
            try connection.insert(documents, into: collection, in: appDatabase)
        }
    }

    func update(_ collection: String, _ filter: BSONDocument, _ set: (inout BSONDocument) -> Void) throws {
        var change = BSONDocument()
        change.append("$set", document: set)
        try pool.withConnection { connection throws(MongoError) in
            _ = try connection.update([MongoUpdate(filter: filter, update: change)], in: collection, of: appDatabase)
        }
    }

    func put(_ kind: String, _ id: String, _ fields: [String: FactValue]) throws {
        try PushedFacts(try history.opened())
            .put([(FactKey(kind: kind, id: id), FactRecord(fields))], at: Timestamp(milliseconds: 0))
    }

    fileprivate func drop() throws {
        try dropDatabase(database, in: pool)
        try dropDatabase(appDatabase, in: pool)
    }
}

/// Runs blocking work, and drops the databases afterwards.
func withFacts(
    _ limits: Limits = Limits(),
    _ body: @escaping @Sendable (FactsUnderTest) throws -> Void
) async throws {
    try await blocking {
        let facts = try FactsUnderTest(limits)
        let result = Result { try body(facts) }
        try facts.drop()
        try result.get()
    }
}

/// As ``withFacts(_:_:)``, for what waits for others.
func withWatchedFacts(_ body: (FactsUnderTest) async throws -> Void) async throws {
    let facts = try await blocking { try FactsUnderTest() }
    let result: Result<Void, any Error>
    do { result = .success(try await body(facts)) } catch { result = .failure(error) }
    try await blocking { try facts.drop() }
    try result.get()
}

final class TestClock: Sendable {
    private let milliseconds = Atomic<Int64>(1_800_000_000_000)
    var now: Timestamp { Timestamp(milliseconds: milliseconds.load(ordering: .relaxed)) }
    func advance(seconds: Int64) { milliseconds.add(seconds * 1_000, ordering: .relaxed) }
}

final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

func doc(_ build: (inout BSONDocument) -> Void) -> BSONDocument {
    var document = BSONDocument()
    build(&document)
    return document
}

/// Of a store that watches: what it says, one at a time.
struct Reports {
    private var iterator: AsyncStream<FactWatchReport>.Iterator

    init(_ stream: AsyncStream<FactWatchReport>) { iterator = stream.makeAsyncIterator() }

    /// Waits for the first that `matches`.
    mutating func first(_ matches: (FactWatchReport) -> Bool) async throws {
        while let report = await iterator.next(isolation: #isolation) { if matches(report) { return } }
        throw TestFailure("the store stopped watching")
    }

    mutating func watching(_ name: String) async throws { try await first { $0 == .watching(name) } }

    mutating func changed(_ name: String) async throws {
        try await first { if case .changed(name, _) = $0 { true } else { false } }
    }
}

/// Lets `store` watch as long as `body` runs: somebody has asked it for listings.
func watching(_ store: FactStore, _ body: (inout Reports) async throws -> Void) async throws {
    try await blocking { _ = store.load([FactKey(kind: "listing", id: "nobody")]) }
    let (stream, continuation) = AsyncStream.makeStream(of: FactWatchReport.self)
    let watch = Task { await store.watch { continuation.yield($0) } }
    var reports = Reports(stream)
    let result: Result<Void, any Error>
    do { result = .success(try await body(&reports)) } catch { result = .failure(error) }
    watch.cancel()
    await watch.value
    try result.get()
}
