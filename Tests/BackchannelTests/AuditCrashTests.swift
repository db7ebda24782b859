import Foundation
import HTTPClient
import JSON
import MongoDB
import Synchronization
import TestSupport
import Testing

@testable import backchannel

/// Every act and every reading that was answered has its entry, whatever is killed.
@Suite(.serialized)
struct AuditCrashTests {
    private static let people = 12
    private static let messages = 20

    @Test(arguments: 0..<CrashTests.rounds)
    func killingANodeLosesNoEntryOfWhatWasAnswered(_ round: Int) async throws {
        var random = SeededRandom()
        // One of its own: an act that was killed half-way keeps its documents locked for a minute.
        let mongo = try await MongoServer()
        let service = try ServiceUnderTest(mongoURI: mongo.uri)
        let second = try ServiceUnderTest(mongoURI: mongo.uri, database: service.database)
        try await service.start()
        try await second.start()
        for index in 0..<Self.messages { try await service.deliver(event: Self.message(index)) }
        try await service.drained()

        let answered = Answered()
        for attempt in 0..<3 {
            let wanted = answered.count + Int.random(in: 30...150, using: &random)
            try await withThrowingTaskGroup { group in
                for person in 0..<Self.people {
                    group.addTask {
                        let node = person % 3 == 0 ? second : service
                        var number = 0
                        // Until the node is gone, or the other has enough.
                        while answered.count < wanted || person % 3 != 0 {
                            let actor = "p\(person)-\(attempt)-\(number)"
                            let (action, id) = (number % 3, "m\((person + number) % Self.messages)")
                            guard let status = try? await node.act(action, on: id, as: actor) else { return }
                            if status == 200 { answered.note(actor, id) }
                            number += 1
                        }
                    }
                }
                try await service.eventually { answered.count >= wanted }
                await service.kill()
                try await group.waitForAll()
            }
            try await service.start()
        }
        // What a killed node had committed and not chained yet is taken up with the next entry.
        try await service.eventually { try await service.act(0, on: "m0", as: "last") == 200 }

        let comment: Comment = "seed \(random.seed)"
        let runner = Self.runner(service)
        let verified = await runner.run("audit", "verify", "--json")
        #expect(verified.exitCode == .ok, "\(verified.output) \(verified.complaints) \(comment)")
        let report = try JSONParser().parse(Array(verified.output.utf8))
        #expect(report["faults"]?.int64 == 0 && report["waiting"]?.int64 == 0, comment)
        let listed = await runner.run("audit", "list", "--limit", "100000", "--json")
        var entered: [String: String] = [:]
        for line in listed.output.split(separator: "\n") {
            let entry = try JSONParser().parse(Array(line.utf8))
            guard let actor = entry["actor"]?.string else { continue }
            #expect(
                entered.updateValue(entry["subject"]?["id"]?.string ?? "", forKey: actor) == nil,
                "\(actor), \(comment)"
            )
        }
        let missing = answered.all.filter { entered[$0.key] != $0.value }
        #expect(missing.isEmpty, "\(missing.keys.sorted().prefix(5)), \(comment)")
        #expect(await service.stop() == 0)
        #expect(await second.stop() == 0)
        await mongo.stop()
    }

    @Test func theCommandsTellOfWhatIsThereAndWhatIsNot() async throws {
        let service = try ServiceUnderTest(mongoURI: try sharedMongoURI())
        try await service.start()
        for index in 0..<3 { try await service.deliver(event: Self.message(index)) }
        try await service.drained()
        for index in 0..<3 { #expect(try await service.act(index, on: "m\(index)", as: "p\(index)") == 200) }
        let runner = Self.runner(service)
        #expect(await runner.run("export").exitCode == .ok)
        #expect(await runner.run("keys", "create", "--name", "x").exitCode == .ok)

        let listed = await runner.run("audit", "list")
        let lines = listed.output.split(separator: "\n")
        #expect(lines.count == 5 && lines[0].contains("command (os:") && lines[0].contains("key.create"))
        #expect(
            lines[1].contains("message.export") && lines[4].contains("ADMIN_API_KEY (p0)  message.read  message m0")
        )
        #expect(
            await runner.run("audit", "list", "--actor", "p1").output.contains("message.flag  message m1  user=ada")
        )
        #expect(await runner.run("audit", "list", "--action", "message.read", "--to", "1d").output.isEmpty)

        let whole = await runner.run("audit", "verify")
        #expect(whole.exitCode == .ok && whole.output.contains("entries: 5\nvalues erased: 0\nfaults: 0\nhead: 5:"))
        let head = String(try #require(whole.output.split(separator: " ").last))
        #expect(await runner.run("audit", "verify", "--head", head, "--from", "3").exitCode == .ok)
        for wrong in ["5", "5:00", "x:\(head.dropFirst(2))"] {
            #expect(await runner.run("audit", "verify", "--head", wrong).exitCode == .usage)
        }
        #expect(await runner.run("audit", "verify", "--head", head, "--from", "6").exitCode == .usage)
        let other = "5:\(String(head.dropFirst(2).reversed()))"
        #expect(await runner.run("audit", "verify", "--head", other).exitCode == .differences)

        // Erasures are no faults; a changed entry is.
        #expect(await runner.run("erase", "ada").exitCode == .ok)
        let erased = await runner.run("audit", "verify", "--head", head)
        #expect(erased.exitCode == .ok && erased.output.contains("values erased: 2\n"), "\(erased.output)")
        #expect(await runner.run("audit", "list", "--user", "ada").output.isEmpty)
        try await service.change(entry: 2)
        let altered = await runner.run("audit", "verify", "--json")
        #expect(altered.exitCode == .differences)
        #expect(altered.output.contains(#"{"fault":"altered","entry":2,"#), "\(altered.output)")
        #expect(await service.stop() == 0)
        try await service.dropDatabase()
    }

    private static func runner(_ service: ServiceUnderTest) -> CommandRunner {
        CommandRunner(environment: service.environment.filter { !$0.key.hasPrefix("BACKCHANNEL_") })
    }

    private static func message(_ index: Int) -> String {
        """
        {"type":"message.new","cid":"messaging:x","created_at":"2026-05-08T10:00:00.000Z","user":{"id":"ada"},\
        "message":{"id":"m\(index)","text":"hello","type":"regular","cid":"messaging:x",\
        "created_at":"2026-05-08T10:00:00.000Z","updated_at":"2026-05-08T10:00:00.000Z","user":{"id":"ada"}}}
        """
    }
}

/// Whom a message was shown or changed for, by who asked.
private final class Answered: Sendable {
    private let requests = Mutex<[String: String]>([:])

    var count: Int { requests.withLock(\.count) }
    var all: [String: String] { requests.withLock(\.self) }
    func note(_ actor: String, _ id: String) { requests.withLock { $0[actor] = id } }
}

extension ServiceUnderTest {
    /// Makes it look as if something else had been done.
    fileprivate func change(entry sequence: Int64) async throws {
        let database = database
        try await blocking {
            var (filter, change) = (BSONDocument(), BSONDocument())
            filter.append("_id", sequence)
            change.append("$set") { $0.append("action", "message.read") }
            let update = MongoUpdate(filter: filter, update: change)
            try sharedMongoPool().withConnection { connection throws(MongoError) in
                _ = try connection.update([update], in: "audit", of: database)
            }
        }
    }

    /// Reads, flags or unflags a message in somebody's name.
    fileprivate func act(_ action: Int, on id: String, as actor: String) async throws -> Int {
        let path = "/api/v1/webhooks/getstream/messages/\(id)"
        let headers = [
            (name: "Authorization", value: "Bearer \(Self.adminKey)"), (name: "X-Acting-User", value: actor),
        ]
        let body = action == 1 ? #"{"moderator":"mod","reason":"x"}"# : action == 2 ? #"{"moderator":"mod"}"# : ""
        let request = HTTPClientRequest(
            method: action == 0 ? "GET" : "PATCH",
            url: url + path + ["", "/flag", "/unflag"][action],
            headers: headers,
            body: Array(body.utf8)
        )
        return try await HTTPClient().send(request).status
    }
}
