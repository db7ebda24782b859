import Foundation
import HTTPClient
import JSON
import Synchronization
import TestSupport
import Testing

/// Two moderators at two nodes that are killed now and then, and a provider: each item is decided once, by one of them, and
/// what follows happens once.
///
/// `CRASH_ROUNDS` sets the rounds; `make torture` runs many.
@Suite(.serialized)
struct ReviewCrashTests {
    private static let items = 120
    /// One unless set: it takes a minute or two, since MongoDB ends only then what a killed node has left open.
    private static let rounds = ProcessInfo.processInfo.environment["CRASH_ROUNDS"] == nil ? 1 : CrashTests.rounds

    @Test(arguments: 0..<rounds)
    func killingNodesDecidesEachItemOnce(_ round: Int) async throws {
        var random = SeededRandom()
        let folder = try TemporaryFolder()
        let provider = try LocalProviderProcess(folder: folder.path("provider"))
        let first = try ServiceUnderTest(mongoURI: try sharedMongoURI(), settings: provider.settings)
        let second = try ServiceUnderTest(
            mongoURI: try sharedMongoURI(),
            database: first.database,
            settings: provider.settings
        )
        try await provider.start()
        try await first.start()
        try await second.start()
        try await Self.prepare(provider, first)

        let decided = Decided()
        async let work: Void = withThrowingTaskGroup { group in
            for (moderator, node) in [("mia", first), ("max", second), ("moe", first), ("may", second)] {
                group.addTask {
                    for number in (0..<Self.items).shuffled() {
                        let id = "m\(number)"
                        guard try await node.decides(id, by: moderator) else { continue }
                        decided.note(id, by: moderator)
                    }
                }
            }
            try await group.waitForAll()
        }
        for isFirst in [true, false, true, false].shuffled(using: &random) {
            let count = decided.all.count
            let goal = min(count + Int.random(in: 5...20, using: &random), Self.items)
            try await first.eventually { decided.all.count >= goal }
            let victim = isFirst ? first : second
            await victim.kill()
            try await victim.start()
        }
        try await work
        try await first.effectsDone()

        let comment: Comment = "seed \(random.seed)"
        let whoDecided = decided.all
        #expect(whoDecided.count == Self.items && whoDecided.values.allSatisfy { $0.count == 1 }, comment)
        let applied = try await provider.applied("message:").filter { $0.operation == "delete" }
        #expect(applied.count == Self.items && applied.allSatisfy { $0.changes == 1 && $0.calls >= 1 }, comment)
        for (id, moderators) in whoDecided {
            let item = try JSONParser().parse(try await first.get("/api/v1/review-queue/message%3A\(id)").body)
            let decisions = item["decisions"]?.array.map { $0 } ?? []
            #expect(decisions.map { $0["by"]?.string } == moderators && item["status"]?.string == "decided", comment)
            #expect(item["effects"]?.array.map { $0["state"]?.string } == ["done"], comment)
            let trail = try await first.get("/api/v1/audit?action=review.decide&subject=message%3A\(id)").body
            let entries = try JSONParser().parse(trail)["data"]?.array.map { $0["actor"]?.string } ?? []
            // Who asks again after a node was killed is told of what was done, which is entered as well.
            #expect(entries.contains(moderators.first), "\(id): \(entries)")
            #expect(entries.allSatisfy { $0 == nil || $0 == moderators.first }, "\(id): \(entries)")
        }
        let verified = try await first.command("audit", "verify")
        #expect(await verified.wait() == 0, comment)
        let waiting = try JSONParser().parse(try await first.get("/api/v1/review-queue").body)
        #expect(waiting["data"]?.array.contains { _ in true } == false, comment)
        #expect(await first.stop() == 0, comment)
        #expect(await second.stop() == 0, comment)
        await provider.stop()
        try await first.dropDatabase()
    }

    /// Decided while the provider has no such message any more, and nobody has told us: done, and not given up.
    @Test func whatIsGoneAtTheProviderIsDone() async throws {
        try await ProviderAndService.run(settings: ["EFFECTS": "on"]) { node in
            try await node.people()
            try await node.call("POST", "/users", #"{"users":{"mia":{"id":"mia"}}}"#)
            try await node.hook()
            try await node.send(["m1", "m2", "m3"])
            try await node.settled()
            // From here on the provider tells nothing.
            try await node.call("PATCH", "/app", #"{"event_hooks":[]}"#)
            try await node.call("DELETE", "/messages/m1?hard=true")
            try await node.call("DELETE", "/messages/m2?hard=true")
            try await node.call("DELETE", "/messages/m3")
            for (id, action) in [("m1", "delete"), ("m2", "mask"), ("m3", "delete")] {
                let report = #"{"message":"\#(id)","reporter":"bob"}"#
                try #require(try await node.service.post("/api/v1/reports", report).status == 202)
                let order = #"{"moderator":"mia","action":"\#(action)"}"#
                let path = "/api/v1/review-queue/message%3A\(id)"
                try #require(try await node.service.post("\(path)/decide", order).status == 200)
                try await node.service.effectsDone()
                let item = try JSONParser().parse(try await node.service.get(path).body)
                let effect = item["effects"]?.array.first { _ in true }
                #expect(effect?["state"]?.string == "done", "\(action): \(effect?["answer"]?.string ?? "")")
            }
        }
    }

    /// Messages at the provider and in the history, each reported.
    private static func prepare(_ provider: LocalProviderProcess, _ service: ServiceUnderTest) async throws {
        func call(_ method: String, _ path: String, _ body: String) async throws {
            let answer = try await provider.call(method, path, body)
            try #require((200..<300).contains(answer.status), "\(method) \(path): \(answer.status)")
        }
        let names = ["ada", "bob", "mia", "max", "moe", "may"]
        let users = names.map { #""\#($0)":{"id":"\#($0)"}"# }.joined(separator: ",")
        try await call("POST", "/users", #"{"users":{\#(users)}}"#)
        try await call(
            "POST",
            "/channels/messaging/room/query",
            #"{"data":{"created_by_id":"ada","members":["ada","bob"]}}"#
        )
        let hook = #"{"hook_type":"webhook","enabled":true,"webhook_url":"\#(service.url)/api/v1/webhooks/getstream"}"#
        try await call("PATCH", "/app", #"{"event_hooks":[\#(hook)]}"#)
        for number in 0..<items {
            let message = #"{"message":{"id":"m\#(number)","text":"hello","user_id":"ada"}}"#
            try await call("POST", "/channels/messaging/room/message", message)
        }
        try await provider.webhooksSettled()
        try await service.drained()
        for number in 0..<items {
            let report = #"{"message":"m\#(number)","reporter":"bob\#(number)","reason":"spam"}"#
            try #require(try await service.post("/api/v1/reports", report).status == 202)
        }
    }
}

/// Who was told to have decided what.
private final class Decided: Sendable {
    private let moderators = Mutex<[String: [String]]>([:])

    var all: [String: [String]] { moderators.withLock { $0 } }

    func note(_ id: String, by moderator: String) {
        moderators.withLock { $0[id, default: []].append(moderator) }
    }
}

extension ServiceUnderTest {
    /// Claims an item and decides it, asking again for as long as the node is away.
    ///
    /// - Returns: whether it was this moderator who did.
    fileprivate func decides(_ id: String, by moderator: String) async throws -> Bool {
        let path = "/api/v1/review-queue/message%3A\(id)"
        let claim = try await insist("\(path)/claim", #"{"moderator":"\#(moderator)"}"#)
        guard claim.status == 200 else {
            try #require(claim.status == 409, "\(String(decoding: claim.body, as: UTF8.self))")
            return false
        }
        let token = try JSONParser().parse(claim.body)["claim"]?.string ?? ""
        let order = #"{"moderator":"\#(moderator)","action":"delete","claim":"\#(token)"}"#
        let decided = try await insist("\(path)/decide", order)
        try #require(decided.status == 200, "\(String(decoding: decided.body, as: UTF8.self))")
        return true
    }

    private func insist(_ path: String, _ body: String) async throws -> HTTPClientResponse {
        var answer: HTTPClientResponse?
        try await eventually(within: .seconds(120)) {
            do {
                answer = try await post(path, body)
                return answer?.status != 503
            } catch let error as HTTPClientError {
                guard error.isRetriable else { throw error }
                return false
            }
        }
        return try #require(answer)
    }
}
