import Chat
import Crypto
import Foundation
import HTTPClient
import JSON
import MongoDB
import TestSupport
import Testing

/// A rule's reply is sent once, whatever is killed while replies go out, and however often the message is told of.
///
/// `CRASH_ROUNDS` sets the rounds.
@Suite(.serialized)
struct ReplyCrashTests {
    private static let (users, messagesPerUser) = (60, 4)
    /// Every message is welcomed; each user is answered once about what is sold.
    private static let replies = users * messagesPerUser + users

    @Test(arguments: 0..<CrashTests.rounds)
    func killingTheServiceSendsEachReplyOnce(_ round: Int) async throws {
        var random = SeededRandom()
        let folder = try TemporaryFolder()
        let rules = try Self.writeRules(in: folder)
        let provider = try LocalProviderProcess(
            folder: folder.path("provider"),
            options: ["--no-limits", "--latency", "5"]
        )
        let settings = provider.settings.merging(["RULES_DIR": rules]) { $1 }
        let service = try ServiceUnderTest(mongoURI: try sharedMongoURI(), settings: settings)
        let second = try ServiceUnderTest(
            mongoURI: try sharedMongoURI(),
            database: service.database,
            settings: settings
        )
        try await provider.start()
        _ = try await provider.call("POST", "/users", #"{"users":{"ada":{"id":"ada"}}}"#)
        _ = try await provider.call("POST", "/channels/messaging/room/query", #"{"data":{"created_by_id":"ada"}}"#)
        try await service.start()
        try await second.start()

        let events = Self.events(at: Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1_000)))
        let (one, other) = (events.shuffled(using: &random), events.shuffled(using: &random))
        // Each event comes to both nodes, as from two hooks.
        async let first: Void = service.receive(one)
        async let again: Void = second.receive(other)
        for _ in 0..<3 {
            try await provider.repliesGrow(by: Int.random(in: 5...25, using: &random), most: Self.replies)
            let victim = Bool.random(using: &random) ? service : second
            await victim.kill()
            try await victim.start()
        }
        _ = try await (first, again)
        try await service.drained()
        try await second.drained()
        try await service.effectsDone()

        let replies = try await provider.applied("message:rule-").filter { $0.operation == "send" }
        let comment: Comment = "seed \(random.seed)"
        #expect(replies.allSatisfy { $0.changes == 1 }, comment)
        let unsent = try await service.endings()
        #expect(replies.count == Self.replies, "\(comment): \(unsent)")
        #expect(await service.stop() == 0, comment)
        #expect(await second.stop() == 0, comment)
        await provider.stop()
        try await service.dropDatabase()
    }

    private static func writeRules(in folder: TemporaryFolder) throws -> String {
        let path = folder.path("rules")
        try FileManager.default.createDirectory(atPath: path + "/templates", withIntermediateDirectories: true)
        let rules = """
            rules:
              - { id: each, phase: respond, when: { text: { contains: available } }, then: [{ reply: each }] }
              - id: once
                phase: respond
                when: { text: { contains: available } }
                then: [{ reply: { template: once, once: { per: user, for: 1d } } }]
            """
        let files = ["rules.yaml": rules, "templates/each.txt": "Thank you.", "templates/once.txt": "Sold, alas."]
        for (name, text) in files { try Data(text.utf8).write(to: URL(filePath: path + "/" + name)) }
        return path
    }

    private static func events(at now: Timestamp) -> [[UInt8]] {
        (0..<users).flatMap { user in
            (0..<messagesPerUser).map { number in
                let time = Timestamp(milliseconds: now.milliseconds + Int64(user * 10 + number)).rfc3339
                return Array(
                    """
                    {"type":"message.new","created_at":"\(time)","cid":"messaging:room","message":{"id":"m\(user)-\(number)",\
                    "cid":"messaging:room","type":"regular","text":"Is it available?","user":{"id":"u\(user)"},\
                    "created_at":"\(time)","updated_at":"\(time)"}}
                    """.utf8
                )
            }
        }
    }
}

extension LocalProviderProcess {
    /// Returns when so many more replies were taken, or all.
    fileprivate func repliesGrow(by count: Int, most: Int) async throws {
        let wanted = min(most, try await applied("message:rule-").count + count)
        try await eventually(within: .seconds(120), "only so many replies") {
            try await applied("message:rule-").count >= wanted
        }
    }
}

extension ServiceUnderTest {
    /// How replies ended, and how often so.
    fileprivate func endings() async throws -> [String: Int] {
        let database = database
        return try await blocking {
            var endings: [String: Int] = [:]
            try sharedMongoPool().withConnection { connection throws(MongoError) in
                try connection.find("outbox", BSONDocument(), in: database) { (row: BSONDocument) throws(MongoError) in
                    let last = row.array("timeline")?.last?.document?.string("detail") ?? ""
                    let key = [
                        row.string("action"), row.string("cause_id"), row.string("state"), row.string("answer") ?? last,
                    ]
                    endings[key.map { $0 ?? "" }.joined(separator: " "), default: 0] += 1
                    return true
                }
            }
            return endings
        }
    }

    /// Hands over events, each until it is accepted.
    fileprivate func receive(_ events: [[UInt8]]) async throws {
        for body in events {
            let signature = Hex.encode(HMACSHA256(key: LocalProviderProcess.secret).sign(body))
            try await eventually(within: .seconds(120), "not accepted") {
                do {
                    return try await deliver(body, headers: ["X-Signature": signature]).status == 200
                } catch let error as HTTPClientError {
                    guard error.isRetriable else { throw error }
                    return false
                }
            }
        }
    }
}
