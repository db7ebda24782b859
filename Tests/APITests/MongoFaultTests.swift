import Foundation
import Limits
import MongoDB
import Synchronization
import TestSupport
import Testing

/// What the interface says when MongoDB is slow, gone or not ours.
struct MongoFaultTests {
    private static let path = TestService.messagesPath

    private static var limits: Limits {
        var limits = Limits()
        limits.mongo.serverSelectionMilliseconds = 300
        limits.mongo.connectMilliseconds = 300
        return limits
    }

    @Test func goneAndBack() async throws {
        let server = try await MongoServer()
        var setup = TestService.Setup()
        setup.limits = Self.limits
        let log = LogLines()
        setup.log = { log.append($0) }
        let service = try TestService(uri: server.uri, database: "gone", setup)
        try await service.store([Story.message("m1")])
        let key = try await service.makeKey("analyst")
        #expect(try await service.send("GET", Self.path, key: key).status == 200)

        await server.kill()
        let answer = try await service.send("GET", Self.path, key: key)
        #expect(answer.status == 503)
        #expect(answer.headers["retry-after"] == "2")
        #expect(try answer.problem().detail.contains("MongoDB did not answer"))
        // Nobody else waits for what was just found to be gone; an unknown key cannot be judged.
        let stranger = "bc_000000000000_" + String(repeating: "0", count: 64)
        #expect(try await service.send("GET", Self.path, key: stranger).status == 503)
        #expect(try await service.send("GET", "/api/v1/rejections").status == 200)
        #expect(log.text.contains("GET /api/v1/webhooks/getstream/messages"))
        // An operator can still sign in to see why; what cannot be entered in the audit trail is in the log.
        let signedIn = try await service.send(
            "POST",
            "/api/v1/session",
            key: nil,
            body: "{\"key\":\"\(TestService.adminKey)\"}",
            headers: ["X-Requested-With": "dashboard"]
        )
        #expect(signedIn.status == 200 && log.text.contains("session.begin"))
        let ready = try await service.get("/readyz", key: nil)
        #expect(ready["mongodb"]?["state"] == "down" && ready["accepting"] == true)

        try await server.start()
        try await eventually { try await service.send("GET", Self.path, key: key).status == 200 }
        #expect(try await service.get("/readyz", key: nil)["mongodb"]?["state"] == "up")
        await service.stop()
        await server.stop()
    }

    @Test func neverThere() async throws {
        var setup = TestService.Setup()
        setup.limits = Self.limits
        let uri = "mongodb://127.0.0.1:\(try closedPort())/?replicaSet=rs0"
        let service = try TestService(uri: uri, database: "never", setup)
        let ready = try await service.get("/readyz", key: nil)
        #expect(ready["mongodb"] == ["state": "down", "detail": "MongoDB has not been reached yet."])
        #expect(try await service.send("GET", Self.path).status == 503)
        #expect(try await service.send("GET", "/api/v1/rejections").status == 200)
        #expect(try await service.send("GET", Self.path, key: "wrong").status == 401)
        await service.stop()
    }

    @Test func notOurs() async throws {
        let name = freshDatabaseName()
        try await blocking {
            var command = BSONDocument()
            command.append("create", "messages")
            try sharedMongoPool().withConnection { connection throws(MongoError) in
                _ = try connection.command(command, on: name)
            }
        }
        let service = try TestService(uri: sharedMongoURI(), database: name)
        // A MongoDB that is slow to answer at first is another 503.
        try await eventually("no answer says whose it is") {
            let answer = try await service.send("GET", Self.path)
            #expect(answer.status == 503)
            return try answer.problem().detail.contains("is not ours")
        }
        #expect(try await service.get("/readyz", key: nil)["mongodb"]?["state"] == "refused")
        await service.stop()
        try await blocking { try dropDatabase(name, in: sharedMongoPool()) }
    }

    @Test func slow() async throws {
        let server = try await MongoServer()
        let service = try TestService(uri: server.uri, database: "slow")
        try await service.store((0..<3).map { Story.message("m\($0)") })
        #expect(try await service.get("\(Self.path)?limit=1")["total"] == 3)

        // Only counting is too slow: the page is there without its total.
        try await server.fail("aggregate", code: 50)
        let page = try await service.get("\(Self.path)?limit=1")
        #expect(page["total"] == .null && page["data"]?.array?.count == 1)
        // Users of a listing are counted from its messages, all else from what is kept.
        let (figures, ofListing) = (TestService.analyticsPath, TestService.analyticsPath + "?listingId=7")
        for (verb, path) in [("find", figures), ("aggregate", ofListing), ("find", Self.path)] {
            try await server.fail(verb, code: 50)
            let answer = try await service.send("GET", path)
            #expect(answer.status == 504, "\(verb)")
            #expect(try answer.problem().detail.contains("Narrow the range"))
        }
        await service.stop()
        await server.stop()
    }

    /// More than can wait are told to come again, at once.
    @Test func crowded() async throws {
        let server = try await MongoServer()
        var setup = TestService.Setup()
        setup.limits.query.concurrent = 1
        setup.limits.api.waiting = 1
        let service = try TestService(uri: server.uri, database: "crowded", setup)
        try await service.store([Story.message("m1")])
        try await server.freeze()
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<6 { group.addTask { try await service.send("GET", Self.path).status } }
            var statuses: [Int] = []
            for try await status in group {
                statuses.append(status)
                if statuses.count == 4 { server.thaw() }
            }
            return statuses
        }
        #expect(statuses.sorted() == [200, 200, 503, 503, 503, 503])
        await service.stop()
        await server.stop()
    }
}

private final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])
    var text: String { lines.withLock { $0.joined(separator: "\n") } }
    func append(_ line: String) { lines.withLock { $0.append(line) } }
}

extension MongoServer {
    /// Fails the next command of this name.
    func fail(_ verb: String, code: Int32) async throws {
        var command = BSONDocument()
        command.append("configureFailPoint", "failCommand")
        command.append("mode") { $0.append("times", Int32(1)) }
        command.append("data") {
            $0.append("failCommands", [verb])
            $0.append("errorCode", code)
        }
        try await self.command(command)
    }
}
