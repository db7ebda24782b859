import Foundation
import HTTPClient
import JSON
import Synchronization
import TestSupport
import Testing

/// Design promise 2 for effects: each is applied exactly once at the provider and none is lost, whatever is killed.
///
/// `CRASH_ROUNDS` sets the rounds; `make torture` runs many.
@Suite(.serialized)
struct EffectCrashTests {
    /// Each channel has its messages sent and every second one deleted; each user is made and banned.
    private static let (channels, messages, users) = (50, 60, 250)
    private static var effects: Int { channels * (1 + messages + messages / 2) + users * 2 }

    @Test(arguments: 0..<CrashTests.rounds)
    func killingNodeAndProviderAppliesEachEffectOnce(_ round: Int) async throws {
        var random = SeededRandom()
        let folder = try TemporaryFolder()
        let provider = try LocalProviderProcess(folder: folder.path("provider"))
        let service = try ServiceUnderTest(mongoURI: try sharedMongoURI(), settings: provider.settings)
        try await provider.start()
        try await service.start()
        try await service.have(#"{"call":"upsertUsers","users":[{"id":"bot"}]}"#, key: "bot")
        try await service.effectsDone()

        let lanes = Self.lanes()
        async let written: Void = withThrowingTaskGroup { group in
            for lane in lanes {
                group.addTask {
                    for (number, call) in lane.calls.enumerated() {
                        try await service.have(call, key: "\(lane.name)-\(number)")
                    }
                }
            }
            try await group.waitForAll()
        }
        for victim in [true, false, true, false].shuffled(using: &random) {
            try await provider.appliedGrows(by: Int.random(in: 50...400, using: &random))
            if victim {
                await service.kill()
                try await service.start()
            } else {
                await provider.kill()
                try await provider.start()
            }
        }
        try await written
        try await service.effectsDone()

        let comment: Comment = "seed \(random.seed)"
        let applied = try await provider.applied()
        for prefix in ["message:", "ban:", "user:", "channel:"] {
            let doubled = applied.filter { $0.entity.hasPrefix(prefix) && $0.operation != "get" && $0.changes != 1 }
            #expect(doubled.isEmpty, comment)
        }
        func count(_ prefix: String, _ operation: String) -> Int {
            applied.count { $0.entity.hasPrefix(prefix) && $0.operation == operation }
        }
        #expect(count("message:", "send") == Self.channels * Self.messages, comment)
        #expect(count("message:", "delete") == Self.channels * Self.messages / 2, comment)
        #expect(count("user:", "upsert") == Self.users + 1, comment)
        #expect(count("ban:", "ban") == Self.users, comment)
        let depths = try await service.depths()
        #expect(depths == ["scheduled": 0, "waiting": 0, "running": 0, "dead": 0], comment)
        #expect(await service.stop() == 0, comment)
        await provider.stop()
        try await service.dropDatabase()
    }

    /// A node that dies is replaced within 15 s, and nothing that two nodes share is done twice.
    @Test func aSecondNodeFinishesWhatADeadOneLeaves() async throws {
        let provider = try LocalProviderProcess(options: ["--no-limits", "--latency", "20"])
        let first = try ServiceUnderTest(mongoURI: try sharedMongoURI(), settings: provider.settings)
        let second = try ServiceUnderTest(
            mongoURI: try sharedMongoURI(),
            database: first.database,
            settings: provider.settings
        )
        try await provider.start()
        try await first.start()
        try await second.start()
        let users = 2_000
        try await withThrowingTaskGroup { group in
            for part in 0..<20 {
                group.addTask {
                    for user in stride(from: part, to: users, by: 20) {
                        let call = #"{"call":"upsertUsers","users":[{"id":"u\#(user)"}]}"#
                        try await second.have(call, key: "u\(user)")
                    }
                }
            }
            try await provider.appliedGrows(by: users / 4)
            await first.kill()
            try await group.waitForAll()
        }
        try await second.effectsDone(within: .seconds(15))
        let applied = try await provider.applied("user:")
        #expect(applied.count == users)
        #expect(applied.allSatisfy { $0.changes == 1 })
        #expect(await second.stop() == 0)
        await provider.stop()
        try await second.dropDatabase()
    }

    private struct Lane: Sendable {
        var name: String
        var calls: [String]
    }

    private static func lanes() -> [Lane] {
        let channels = (0..<channels).map { channel in
            let cid = "messaging:c\(channel)"
            var calls = [#"{"call":"createChannel","cid":"\#(cid)","createdBy":"bot"}"#]
            for message in 0..<messages {
                let id = "m\(channel)-\(message)"
                calls.append(#"{"call":"sendMessage","cid":"\#(cid)","id":"\#(id)","sender":"bot","text":"hello"}"#)
                if message % 2 == 0 {
                    calls.append(#"{"call":"deleteMessage","cid":"\#(cid)","id":"\#(id)"}"#)
                }
            }
            return Lane(name: "c\(channel)", calls: calls)
        }
        let users = (0..<users).map { user in
            Lane(
                name: "u\(user)",
                calls: [
                    #"{"call":"upsertUsers","users":[{"id":"u\#(user)","name":"User \#(user)"}]}"#,
                    #"{"call":"ban","target":"u\#(user)","by":"bot","reason":"test"}"#,
                ]
            )
        }
        return channels + users
    }
}

extension LocalProviderProcess {
    /// How a service reaches it.
    var settings: [String: String] {
        [
            "GETSTREAM_API_KEY": Self.apiKey, "GETSTREAM_API_SECRET": Self.secret, "GETSTREAM_BASE_URL": url,
            "EFFECTS": "on",
        ]
    }

    /// Returns when so many more changes were applied.
    func appliedGrows(by count: Int) async throws {
        let start = try await applied().count
        try await eventually(within: .seconds(120)) { try await applied().count >= start + count }
    }
}

extension ServiceUnderTest {
    /// Has a call made, asking again for as long as the service is away.
    func have(_ call: String, key: String) async throws {
        try await eventually(within: .seconds(120)) {
            do {
                let answer = try await post("/api/v1/effects?key=\(key)", call)
                if answer.status == 202 { return true }
                let body = String(decoding: answer.body, as: UTF8.self)
                guard answer.status == 503 else { throw TestFailure("\(answer.status): \(body)") }
            } catch let error as HTTPClientError {
                guard error.isRetriable else { throw error }
            }
            return false
        }
    }

    func depths() async throws -> [String: Int64] {
        let answer = try JSONParser().parse(try await get("/api/v1/destinations").body)
        let provider = answer["data"]?.array.first { $0["name"]?.string == "provider" }
        return ["scheduled", "waiting", "running", "dead"].reduce(into: [:]) { $0[$1] = provider?[$1]?.int64 }
    }

    /// Returns when no effect is to be performed any more.
    func effectsDone(within limit: Duration = .seconds(120)) async throws {
        try await eventually(within: limit) {
            let depths = try await depths()
            return depths["waiting"] == 0 && depths["running"] == 0
        }
    }
}
