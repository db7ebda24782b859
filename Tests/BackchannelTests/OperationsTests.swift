import Chat
import Crypto
import Foundation
import HTTPClient
import JSON
import MongoDB
import Telemetry
import TestSupport
import Testing
import WebhookIngest

@testable import backchannel

/// The commands of an operator, against the running service and without it.
struct OperationsTests {
    @Test func theyWorkBesideTheService() async throws {
        try await withService { service, runner in
            try await expectConsistent(runner)
            try await exportEqualsPages(service, runner)
            try await corruptionIsFoundAndMended(service, runner)
            try await keysOpenAndClose(service, runner)
            try await deadLettersAreShownAndRetried(service, runner)
            try await tailShowsEveryEvent(runner)
            try await erasureLeavesTombstones(service, runner)
            let doctor = await runner.run("doctor")
            #expect(doctor.exitCode == .ok && !doctor.output.contains("fail "), "\(doctor.output)")
            #expect(doctor.output.contains("ok    indexes: all there"))
        }
    }

    /// The node's queue may hold what only MongoDB would have taken away.
    @Test func erasureWithoutTheService() async throws {
        try await withService { service, runner in
            await service.stop()
            try await Self.queue(service) { queue in
                _ = try queue.append([
                    Self.delivery("{\"user\":{\"id\":\"ada\"},\"text\":\"unreadable\",\"n\":1e999}"),
                    Self.delivery("{\"user\":{\"id\":\"someone\"},\"n\":1e999}"),
                    Self.delivery("{\"type\":\"price_drop\",\"user\":{\"id\":\"ada\"}}"),
                ])
            }
            let erased = await runner.run("erase", "ada", "--json")
            #expect(erased.exitCode == .ok, "\(erased.complaints)")
            let report = try JSONParser().parse(Array(erased.output.utf8))
            #expect(report["queued"]?.int64 == 1)
            #expect(report["messages"]?.int64 ?? 0 > 0)
            try await Self.queue(service) { #expect($0.status.rows == 2) }
            try await expectConsistent(runner)

            // Running again without an answer: the folder is taken, so nothing is erased behind its back.
            try await Self.queue(service) { _ in
                #expect(await runner.run("erase", "marcus").exitCode == .failed)
            }
            #expect(await runner.run("erase", "nobody").exitCode == .failed)
        }
    }

    @Test func withoutMongoDBTheyAreUnreachable() async throws {
        let folder = try TemporaryFolder()
        var runner = CommandRunner()
        runner.environment = [
            "MONGODB_URI": "mongodb://127.0.0.1:\(try closedPort())/?serverSelectionTimeoutMS=200",
            "DATA_DIR": folder.path,
            "PORT": "\(try closedPort())", "GETSTREAM_API_KEY": "key", "GETSTREAM_API_SECRET": "secret",
        ]
        for words in [["verify"], ["rebuild"], ["indexes"], ["export"], ["keys", "list"], ["erase", "ada"], ["tail"]] {
            let result = await runner.run(words)
            #expect(result.exitCode == .unreachable, "\(words): \(result.complaints)")
        }
        let doctor = await runner.run("doctor", "--json")
        #expect(doctor.exitCode == .failed)
        #expect(doctor.output.contains(#""level":"fail","subject":"MongoDB""#))
    }

    @Test func aDatabaseWithoutHistoryIsLeftAlone() async throws {
        let (uri, database) = (try sharedMongoURI(), freshDatabaseName())
        var runner = CommandRunner()
        runner.environment = ["MONGODB_URI": uri, "MONGODB_DATABASE": database, "PORT": "\(try closedPort())"]
        let result = await runner.run("verify")
        #expect(result.exitCode == .configuration)
        #expect(result.complaints.contains("holds no history"))
        var command = BSONDocument()
        command.append("listCollections", Int32(1))
        let pool = try sharedMongoPool()
        let reply = try pool.withConnection { connection throws(MongoError) in
            try connection.command(command, on: database)
        }
        #expect(reply.document("cursor")?.array("firstBatch")?.isEmpty == true)
    }

    @Test(arguments: [
        (["keys", "create"], "--name"), (["erase"], "USER is missing"), (["dead-letters"], "needs one of"),
        (["dead-letters", "retry"], "give ID"), (["tail", "--since", "soon"], "'--since' does not take"),
        (["export", "--deleted", "maybe"], "one of exclude|include|only"),
    ])
    func wrongLinesAreExplained(_ words: [String], _ sentence: String) async throws {
        let result = await CommandRunner().run(words)
        #expect(result.exitCode == .usage)
        #expect(result.complaints.contains(sentence), "\(result.complaints)")
    }

    @Test(arguments: [
        ("2026-01-05T10:00:00Z", Int64(1_767_607_200_000)), ("90s", 999_910_000), ("2h", 992_800_000),
        ("1d", 913_600_000),
    ])
    func sinceIsRead(_ text: String, _ milliseconds: Int64) throws {
        let now = Timestamp(milliseconds: 1_000_000_000)
        #expect(try TailCommand.start(text, now: now).milliseconds == milliseconds)
    }

    // MARK: Parts

    private func expectConsistent(_ runner: CommandRunner) async throws {
        let result = await runner.run("verify")
        try #require(result.exitCode == .ok && result.output.hasSuffix("differences: 0"), "\(result.output)")
    }

    private func exportEqualsPages(_ service: ServiceUnderTest, _ runner: CommandRunner) async throws {
        let file = service.folder.path("export")
        #expect(await runner.run("export", "--output", file).exitCode == .ok)
        var pages: [String] = []
        var cursor = ""
        repeat {
            let path = "/api/v1/webhooks/getstream/messages?order=oldest&deleted=include&limit=7\(cursor)"
            let page = try JSONParser().parse(try await service.get(path).body)
            for message in try #require(page["data"]).array { pages.append(message.serialized()) }
            cursor = page["next"]?.string.map { "&cursor=\(ServiceClient.escaped($0))" } ?? ""
        } while !cursor.isEmpty
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        #expect(pages.count >= 100)
        let parser = JSONParser()
        #expect(try lines.map { try parser.parse(Array($0.utf8)).serialized() } == pages)

        let listing = service.folder.path("listing")
        #expect(await runner.run("export", "--listing", "1042", "--output", listing).exitCode == .ok)
        let some = try String(contentsOfFile: listing, encoding: .utf8).split(separator: "\n")
        #expect(
            some == lines.filter { $0.contains(#""listing_id":"1042""#) } && !some.isEmpty && some.count < lines.count
        )
        #expect(await runner.run("export", "--output", file).exitCode == .failed, "a file is not overwritten")
    }

    private func corruptionIsFoundAndMended(_ service: ServiceUnderTest, _ runner: CommandRunner) async throws {
        var filter = BSONDocument()
        filter.append("_id", "1042")
        var change = BSONDocument()
        change.append("$inc") { $0.append("message_count", Int64(5)) }
        let update = [MongoUpdate(filter: filter, update: change)]
        let pool = try sharedMongoPool()
        let matched = try pool.withConnection { connection throws(MongoError) in
            try connection.update(update, in: "listings", of: service.database).matched
        }
        #expect(matched == 1)
        let found = await runner.run("verify", "--json")
        #expect(found.exitCode == .differences)
        #expect(found.output.hasPrefix(#"{"collection":"listings","id":"1042","field":"message_count","stored":"#))
        let dry = await runner.run("rebuild", "--dry-run")
        #expect(dry.exitCode == .differences && dry.output.hasSuffix("to mend: 1"))
        let mended = await runner.run("rebuild")
        #expect(mended.exitCode == .ok && mended.output.hasSuffix("mended: 1"))
        try await expectConsistent(runner)
        #expect(await runner.run("indexes").exitCode == .ok)
    }

    private func keysOpenAndClose(_ service: ServiceUnderTest, _ runner: CommandRunner) async throws {
        let made = await runner.run("keys", "create", "--name", "a test", "--role", "analyst")
        #expect(made.exitCode == .ok)
        #expect(try await service.get("/api/v1/webhooks/getstream/messages", key: made.output).status == 200)
        let id = try #require(made.output.split(separator: "_").dropFirst().first.map(String.init))
        #expect(await runner.run("keys", "list").output.contains("\(id)  analyst"))
        #expect(await runner.run("keys", "revoke", id).exitCode == .ok)
        #expect(await runner.run("keys", "list").output.contains("revoked"))
        #expect(await runner.run("keys", "revoke", "0000").exitCode == .failed)
    }

    private func deadLettersAreShownAndRetried(_ service: ServiceUnderTest, _ runner: CommandRunner) async throws {
        try await send(
            "{\"type\":\"message.new\",\"user\":{\"id\":\"ada\"},\"text\":\"unreadable\",\"n\":1e999}",
            to: service
        )
        let list = await runner.run("dead-letters", "list")
        let id = String(list.output.prefix { $0 != " " })
        #expect(id.count == 64 && !list.output.contains("\n"), "\(list.output)")
        #expect(await runner.run("dead-letters", "show", id).output.contains("unreadable"))
        #expect(await runner.run("dead-letters", "retry", "--all").output == "queued \(id)")
        try await service.drained()
        #expect(await runner.run("dead-letters", "list").output.hasPrefix(id), "it cannot be read this time either")
        #expect(await runner.run("dead-letters", "show", String(repeating: "0", count: 64)).exitCode == .failed)
    }

    private func tailShowsEveryEvent(_ runner: CommandRunner) async throws {
        let all = await runner.run("tail", "--since", "1h", "--once")
        let report = try JSONParser().parse(Array(await runner.run("verify", "--json").output.utf8))
        #expect(Int64(all.output.split(separator: "\n").count) == report["checked"]?["events"]?.int64)
        let reads = await runner.run("tail", "--since", "1h", "--once", "--type", "message.read").output
        #expect(reads.split(separator: "\n").allSatisfy { $0.contains(" message.read ") } && !reads.isEmpty)
    }

    private func erasureLeavesTombstones(_ service: ServiceUnderTest, _ runner: CommandRunner) async throws {
        let before = await runner.run("export", "--user", "ada", "--output", service.folder.path("ada"))
        #expect(before.exitCode == .ok)
        let count = try String(contentsOfFile: service.folder.path("ada"), encoding: .utf8).split(separator: "\n").count
        let erased = await runner.run("erase", "ada")
        #expect(erased.exitCode == .ok && erased.output.contains("dead letters   1"), "\(erased.output)")
        try await send(
            """
            {"type":"message.new","cid":"messaging:late","message":{"id":"late","text":"back again",\
            "user":{"id":"ada","name":"Ada"},"created_at":"2026-06-01T00:00:00Z"}}
            """,
            to: service
        )
        try await expectConsistent(runner)
        let path = "/api/v1/webhooks/getstream/messages/late"
        let late = String(decoding: try await service.get(path).body, as: UTF8.self)
        #expect(late.contains(#""text":null"#) && !late.contains(#""ada""#) && !late.contains("back again"))
        let left = await runner.run("export", "--user", "ada", "--output", service.folder.path("ada again"))
        #expect(left.complaints == "0 messages" && count > 0)
    }

    // MARK: The service

    private func withService(_ body: (ServiceUnderTest, CommandRunner) async throws -> Void) async throws {
        let service = try ServiceUnderTest(mongoURI: try sharedMongoURI())
        var runner = CommandRunner()
        runner.environment = [
            "PORT": "\(service.port)", "DATA_DIR": service.folder.path("data"), "MONGODB_URI": try sharedMongoURI(),
            "MONGODB_DATABASE": service.database, "GETSTREAM_API_KEY": ServiceUnderTest.apiKey,
            "GETSTREAM_API_SECRET": ServiceUnderTest.secret, "ADMIN_API_KEY": ServiceUnderTest.adminKey,
        ]
        try await service.whileRunning {
            let sent = try await service.replay([fixturesRoot.appending(path: "conversation").path])
            try #require(await sent.wait() == 0, "\(sent.errorOutput)")
            try await service.drained()
            try await body(service, runner)
        }
    }

    private func send(_ body: String, to service: ServiceUnderTest) async throws {
        let file = service.folder.path("event.json")
        try body.write(toFile: file, atomically: true, encoding: .utf8)
        let sent = try await service.replay([file])
        #expect(await sent.wait() == 0, "\(sent.errorOutput)")
        try await service.drained()
    }

    private static func queue(
        _ service: ServiceUnderTest,
        _ body: (SQLiteEventQueue) async throws -> Void
    ) async throws {
        let queue = try SQLiteEventQueue(folder: service.folder.path("data"), log: .none)
        defer { queue.close() }
        try await body(queue)
    }

    private static func delivery(_ body: String) -> WebhookIngest.Delivery {
        let bytes = Array(body.utf8)
        return WebhookIngest.Delivery(
            id: EventID(bytes: SHA256.digest(bytes)),
            type: "message.new",
            lane: "a",
            receivedAt: Timestamp(milliseconds: 1_800_000_000_000),
            body: bytes,
            signature: []
        )
    }
}
