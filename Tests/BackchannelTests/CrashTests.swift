import Foundation
import HTTPClient
import MongoDB
import TestSupport
import Testing

/// Design promises 1 and 2: what was acknowledged is stored exactly once, whatever is killed, frozen or full.
///
/// `CRASH_ROUNDS` sets the rounds; `make torture` runs many.
@Suite(.serialized)
struct CrashTests {
    static let rounds = ProcessInfo.processInfo.environment["CRASH_ROUNDS"].flatMap { Int($0) } ?? 3
    private static let environment = ProcessInfo.processInfo.environment
    private static let events = "6000"
    /// How long MongoDB stays frozen at least; until the service notices unless set.
    private static let frozen = environment["FREEZE_SECONDS"].flatMap { Int($0) } ?? 0
    /// Room for the queue that is filled, and events that are more than enough for it.
    private static let room = environment["QUEUE_ROOM"] ?? "2MB"
    private static let overflow = environment["QUEUE_OVERFLOW_EVENTS"] ?? events

    @Test(arguments: 0..<rounds)
    func killingTheServiceLosesAndDoublesNothing(_ round: Int) async throws {
        var random = SeededRandom()
        let service = try ServiceUnderTest(mongoURI: try sharedMongoURI())
        let file = service.folder.path("acknowledged")
        try await service.start()
        let sending = try await load(service, round, acknowledged: file)
        for _ in 0..<3 {
            try await acknowledgedGrows(file, by: Int.random(in: 200...1_500, using: &random), while: sending)
            await service.kill()
            try await service.start()
        }
        let code = await sending.wait()
        var report = ""
        for await line in sending.lines { report += line + "\n" }
        #expect(
            code == 0,
            "seed \(random.seed): exit code \(code): \(report) \(sending.errorOutput.suffix(500)) \(service.errorOutput.suffix(1_500))"
        )
        try await expectEverything(in: file, storedBy: service, "seed \(random.seed)")
    }

    @Test(arguments: 0..<rounds)
    func killingMongoDBLosesAndDoublesNothing(_ round: Int) async throws {
        var random = SeededRandom()
        let mongo = try await MongoServer()
        let service = try ServiceUnderTest(mongoURI: mongo.uri)
        let file = service.folder.path("acknowledged")
        try await service.start()
        let sending = try await load(service, round, acknowledged: file)
        try await acknowledgedGrows(file, by: Int.random(in: 200...1_500, using: &random), while: sending)
        await mongo.kill()
        try await acknowledgedGrows(file, by: 500, while: sending)
        try await mongo.start()
        #expect(
            await sending.wait() == 0,
            "seed \(random.seed): \(sending.errorOutput.suffix(500)) \(service.errorOutput.suffix(1_500))"
        )
        try await expectEverything(in: file, storedBy: service, "seed \(random.seed)")
        await mongo.stop()
    }

    @Test func freezingMongoDBLosesAndDoublesNothing() async throws {
        let mongo = try await MongoServer()
        let service = try ServiceUnderTest(mongoURI: mongo.uri)
        let file = service.folder.path("acknowledged")
        try await service.start()
        let sending = try await load(service, 0, acknowledged: file)
        try await acknowledgedGrows(file, by: 500, while: sending)
        try await mongo.freeze()
        // Ingestion does not notice.
        #expect(await sending.wait() == 0)
        try await service.reports(mongoDB: "down")
        // Not a wait for something to happen: the length of the outage is what is tested.
        try await Task.sleep(for: .seconds(Self.frozen))
        mongo.thaw()
        try await expectEverything(in: file, storedBy: service, "frozen")
        await mongo.stop()
    }

    @Test func aFullQueueRefusesAndLosesNothing() async throws {
        let mongo = try await MongoServer()
        await mongo.kill()
        let service = try ServiceUnderTest(mongoURI: mongo.uri, settings: ["QUEUE_BYTES": Self.room])
        let file = service.folder.path("acknowledged")
        try await service.start()
        let refused = try await load(service, 0, acknowledged: file, events: Self.overflow, retries: "0")
        #expect(await refused.wait() == 1, "some deliveries are refused, and the sender says so")
        let accepted = try acknowledged(file).count
        #expect(accepted > 100 && accepted < Int(Self.overflow) ?? 0)
        try await mongo.start()
        try await expectEverything(in: file, storedBy: service, "full")
        await mongo.stop()
    }

    /// A transaction that has no room in MongoDB's cache fails each time it is tried.
    ///
    /// Here the cache is small, so that the batch need not be large.
    @Test func aBatchThatMongoDBHasNoRoomForIsStored() async throws {
        let mongo = try await MongoServer(arguments: ["--wiredTigerEngineConfigString", "cache_size=64MB"])
        await mongo.kill()
        let service = try ServiceUnderTest(mongoURI: mongo.uri)
        let file = service.folder.path("acknowledged")
        try await service.start()
        let sending = try await load(service, 0, acknowledged: file, events: "3000")
        #expect(await sending.wait() == 0)
        try await mongo.start()
        try await expectEverything(in: file, storedBy: service, "no room")
        #expect(service.errorOutput.contains("storing goes on in smaller batches"), "\(service.errorOutput)")
        await mongo.stop()
    }

    // MARK: Steps

    private func load(
        _ service: ServiceUnderTest,
        _ seed: Int,
        acknowledged file: String,
        events: String = events,
        retries: String = "1000"
    ) async throws -> ChildProcess {
        try await service.replay(
            [
                "--generate", events, "--mix", "--seed", "\(seed + 1)", "--duplicate", "10",
                "--connections", "16", "--retries", retries,
            ],
            acknowledged: file
        )
    }

    /// Returns when so many more deliveries are acknowledged, or the sender has ended.
    private func acknowledgedGrows(_ file: String, by count: Int, while sending: ChildProcess) async throws {
        let start = (try? acknowledged(file).count) ?? 0
        while sending.isRunning, ((try? acknowledged(file).count) ?? 0) < start + count { await Task.yield() }
    }

    private func acknowledged(_ file: String) throws -> Set<String> {
        Set(try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map(String.init))
    }

    /// Every acknowledged event is in the log, none twice, and the counters are those that the history gives.
    private func expectEverything(
        in file: String,
        storedBy service: ServiceUnderTest,
        _ comment: Comment
    ) async throws {
        try await service.drained()
        let expected = try acknowledged(file)
        #expect(!expected.isEmpty, comment)
        let stored = try await service.storedEvents()
        #expect(expected.subtracting(stored).isEmpty, comment)
        #expect(Set(stored).count == stored.count, comment)
        let verify = try await service.command("verify")
        #expect(await verify.wait() == 0, "\(comment): \(verify.errorOutput)")
        #expect(await service.stop() == 0, comment)
        try await service.dropDatabase()
    }
}
