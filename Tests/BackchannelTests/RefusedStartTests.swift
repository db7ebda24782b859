import Foundation
import HTTPClient
import JSON
import Limits
import MongoDB
import TestSupport
import Testing

@testable import backchannel

/// What keeps the executable from serving: it ends, and one sentence says why and what to do.
struct RefusedStartTests {
    // MARK: Before it listens

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            (
                ["GETSTREAM_API_KEY": "", "GETSTREAM_API_SECRET": ""],
                ["no secret is set", "GETSTREAM_API_KEY", "GETSTREAM_API_SECRET", "dashboard"]
            ),
            (["GETSTREAM_API_SECRET": ""], ["no secret is set"]),
            (["PORT": "eighty"], ["environment", "PORT", "\"eighty\"", "65535"]),
            (["MONGODB_URI": "localhost:27017"], ["environment", "MONGODB_URI", "mongodb://"]),
            (["GETSTREAM_API_SECERT": "typo"], ["GETSTREAM_API_SECERT", "not a setting", "GETSTREAM_API_SECRET"]),
        ]
    )
    func aWrongConfiguration(_ settings: [String: String], _ words: [String]) async throws {
        let service = try ServiceUnderTest(mongoURI: "mongodb://127.0.0.1:1/", settings: settings)
        try await expectRefusal(of: service, .configuration, saying: ["the configuration has a fault"] + words)
    }

    @Test(.timeLimit(.minutes(1))) func aPortOrAFolderThatAnotherProcessUses() async throws {
        let running = try ServiceUnderTest(mongoURI: "mongodb://127.0.0.1:1/")
        try await running.start()
        let samePort = try ServiceUnderTest(mongoURI: "mongodb://127.0.0.1:1/", settings: ["PORT": "\(running.port)"])
        try await expectRefusal(
            of: samePort,
            .failed,
            saying: ["127.0.0.1:\(running.port)", "another process", "PORT"]
        )
        let folder = running.folder.path("data")
        let sameFolder = try ServiceUnderTest(mongoURI: "mongodb://127.0.0.1:1/", settings: ["DATA_DIR": folder])
        try await expectRefusal(of: sameFolder, .failed, saying: [folder, "another process", "DATA_DIR"])
        #expect(try await running.get("/healthz").status == 200)
        #expect(await running.stop() == 0)
    }

    // MARK: At MongoDB's first answer

    @Test(.timeLimit(.minutes(1))) func aStandaloneMongoDB() async throws {
        let mongo = try await MongoServer(.standalone)
        let service = try ServiceUnderTest(mongoURI: mongo.uri)
        try await expectRefusal(of: service, .configuration, saying: ["standalone", "replica set", "rs.initiate()"])
        await mongo.stop()
    }

    @Test(.timeLimit(.minutes(1))) func aForeignDatabase() async throws {
        let service = try ServiceUnderTest(mongoURI: try sharedMongoURI())
        var create = BSONDocument()
        create.append("create", "messages")
        try await run(create, in: service)
        let words = [service.database, "not ours", "\"messages\"", "MONGODB_DATABASE"]
        try await expectRefusal(of: service, .configuration, saying: words)
        try await service.dropDatabase()
    }

    @Test(.timeLimit(.minutes(1))) func theDatabaseOfAnotherApp() async throws {
        let owner = try await claimedDatabase()
        let service = try ServiceUnderTest(
            mongoURI: try sharedMongoURI(),
            settings: ["MONGODB_DATABASE": owner.database, "GETSTREAM_API_KEY": "key-of-another-app"]
        )
        let words = [owner.database, "belongs to app \(ServiceUnderTest.apiKey)", "GETSTREAM_APP_ID"]
        try await expectRefusal(of: service, .configuration, saying: words)
        try await owner.dropDatabase()
    }

    @Test(.timeLimit(.minutes(1))) func aDatabaseOfANewerVersion() async throws {
        let service = try await claimedDatabase()
        var change = BSONDocument()
        change.append("update", "backchannel")
        change.append("updates") { (updates: inout BSONArray) in
            updates.append {
                $0.append("q") { $0.append("_id", "mark") }
                $0.append("u") { $0.append("$set") { $0.append("schema", Int64(1_000)) } }
            }
        }
        try await run(change, in: service)
        let words = [service.database, "schema 1000", "newer version"]
        try await expectRefusal(of: service, .configuration, saying: words)
        try await service.dropDatabase()
    }

    // MARK: No reason to refuse

    @Test(.timeLimit(.minutes(1))) func withoutMongoDBItAccepts() async throws {
        let service = try ServiceUnderTest(mongoURI: "mongodb://127.0.0.1:\(try closedPort())/?replicaSet=rs0")
        try await service.start()
        try await service.reports(mongoDB: "down")
        let replay = try await service.replay(["--generate", "20"])
        #expect(await replay.wait() == 0)
        let answer = try await service.get("/readyz")
        let readiness = try JSONParser().parse(answer.body)
        #expect(answer.status == 200)
        #expect(readiness["accepting"]?.bool == true)
        #expect(readiness["queue"]?["rows"]?.int64 == 20)
        #expect(readiness["mongodb"]?["state"]?.string == "down")
        // Sooner than a supervisor, who often waits ten seconds, kills it.
        let stopping = ContinuousClock.now
        #expect(await service.stop() == 0)
        #expect(stopping.duration(to: .now) < .seconds(8))
    }

    // MARK: Steps

    /// One complaint, which holds each of these words, as the last thing it says.
    private func expectRefusal(
        of service: ServiceUnderTest,
        _ code: ExitCode,
        saying words: [String]
    ) async throws {
        let process = try await service.command("serve")
        let output = await process.wholeErrorOutput()
        #expect(await process.wait() == code.rawValue, "\(output)")
        // What is no line of the log.
        let complaint = output.split(separator: "\n").filter { !$0.hasPrefix("{") }.joined(separator: "\n")
        #expect(complaint.hasPrefix("backchannel: "), "\(output)")
        #expect(complaint.components(separatedBy: "backchannel: ").count == 2, "\(output)")
        #expect(output.hasSuffix(complaint), "\(output)")
        for word in words { #expect(complaint.contains(word), "\(word) is missing: \(complaint)") }
        #expect(!output.contains(ServiceUnderTest.secret), "a secret was shown")
    }

    /// A service, stopped again, whose database is marked as its own.
    private func claimedDatabase() async throws -> ServiceUnderTest {
        let service = try ServiceUnderTest(mongoURI: try sharedMongoURI())
        try await service.start()
        try await service.reports(mongoDB: "up")
        #expect(await service.stop() == 0)
        return service
    }

    private func run(_ command: BSONDocument, in service: ServiceUnderTest) async throws {
        let database = service.database
        try await blocking {
            try sharedMongoPool().withConnection { connection throws(MongoError) in
                _ = try connection.command(command, on: database)
            }
        }
    }
}
