import Blocking
import Chat
import Crypto
import HTTPClient
import HTTPServer
import JSON
import TestSupport
import Testing

/// The executable itself: what outlives it, what goes wrong on request, and what it tells its hooks.
struct LocalProviderTests {
    private func prepared(_ provider: LocalProviderProcess) async throws {
        try await provider.start()
        let users = #"{"users":{"ada":{"id":"ada"},"bob":{"id":"bob"}}}"#
        #expect(try await provider.call("POST", "/users", users).status == 201)
        let data = #"{"data":{"created_by_id":"ada","members":["ada","bob"]}}"#
        #expect(try await provider.call("POST", "/channels/messaging/room/query", data).status == 201)
    }

    private func send(_ id: String, to provider: LocalProviderProcess) async throws -> HTTPClientResponse {
        let body = #"{"message":{"id":"\#(id)","text":"hello","user_id":"ada"}}"#
        return try await provider.call("POST", "/channels/messaging/room/message", body)
    }

    private func json(_ response: HTTPClientResponse) throws -> JSONValue { try JSONParser().parse(response.body) }

    // MARK: Durability

    @Test func whatWasAnsweredOutlivesAKill() async throws {
        let folder = try TemporaryFolder()
        let provider = try LocalProviderProcess(folder: folder.path("data"))
        try await prepared(provider)
        let answered = Locked<[String]>([])
        await withTaskGroup(of: Void.self) { group in
            for sender in 0..<4 {
                group.addTask {
                    for number in 0..<5_000 {
                        let id = "m\(sender)-\(number)"
                        guard let answer = try? await send(id, to: provider), answer.status == 201 else { return }
                        let count = answered.withLock { ids in
                            ids.append(id)
                            return ids.count
                        }
                        if count == 300 { await provider.kill() }
                    }
                }
            }
        }
        let ids = answered.withLock { $0 }
        #expect(ids.count >= 300 && ids.count < 20_000)
        try await provider.start()
        let sent = try await provider.applied("message:")
        #expect(sent.allSatisfy { $0.operation == "send" && $0.calls == 1 && $0.changes == 1 })
        #expect(Set(ids.map { "message:\($0)" }).isSubset(of: sent.map(\.entity)))
        #expect(try await send(ids[0], to: provider).status == 400)
        #expect(try await send("after", to: provider).status == 201)
        #expect(await provider.stop() == 0)
    }

    @Test func theSameStateComesBack() async throws {
        let folder = try TemporaryFolder()
        let provider = try LocalProviderProcess(folder: folder.path("data"))
        try await prepared(provider)
        _ = try await send("m1", to: provider)
        let unnamed = #"{"message":{"text":"no id","user_id":"bob"}}"#
        _ = try await provider.call("POST", "/channels/messaging/room/message", unnamed)
        let state = { () async throws -> String? in
            let body = #"{"data":{"created_by_id":"ada"},"messages":{"limit":10}}"#
            let answer = try await provider.call("POST", "/channels/messaging/room/query", body)
            return try json(answer)["messages"]?.serialized()
        }
        let before = try await state()
        #expect(before?.contains("no id") == true)
        await provider.kill()
        try await provider.start()
        #expect(try await state() == before)
        try await provider.control("POST", "/reset")
        #expect(try await provider.call("GET", "/messages/m1").status == 404)
        await provider.kill()
        try await provider.start()
        #expect(try await provider.call("GET", "/messages/m1").status == 404)
    }

    /// A signal between the first line of output and the readiness for signals was lost once, and the process stayed.
    @Test func aSignalInTheFirstMomentEndsIt() async throws {
        for _ in 0..<25 {
            let provider = try LocalProviderProcess()
            try await provider.start()
            #expect(await provider.stop() == 0)
        }
    }

    // MARK: Faults

    @Test func aConnectionCutAfterTheCallLeavesItApplied() async throws {
        let provider = try LocalProviderProcess()
        try await prepared(provider)
        let rules = #"{"rules":[{"fault":"cut_after_apply","next":1,"endpoint":"SendMessage"}]}"#
        try await provider.control("PUT", "/faults", rules)
        await #expect(throws: HTTPClientError.self) { try await send("m1", to: provider) }
        let second = try await send("m1", to: provider)
        #expect(second.status == 400)
        #expect(try json(second)["code"]?.int64 == 4)
        #expect(try json(second)["message"]?.string?.contains("already exists") == true)
        #expect(try await provider.applied("message:m1") == [.init("message:m1", "send")])
    }

    @Test func aClientMayRepeatByItselfWhatGotNoAnswer() async throws {
        let provider = try LocalProviderProcess()
        try await prepared(provider)
        let rules = #"{"rules":[{"fault":"silent_cut_after_apply","next":1,"endpoint":"SendMessage"}]}"#
        try await provider.control("PUT", "/faults", rules)
        let answer = try await send("m1", to: provider)
        #expect(answer.status == 400)
        #expect(try json(answer)["message"]?.string?.contains("already exists") == true)
        #expect(try await provider.applied("message:m1") == [.init("message:m1", "send")])
    }

    @Test func faultsAreMetInTurn() async throws {
        let provider = try LocalProviderProcess()
        try await prepared(provider)
        let rules = """
            {"latency_ms": 30, "rules": [
                {"fault": "error", "status": 503, "next": 1}, {"fault": "error", "status": 429, "retry_after": 7, "next": 1},
                {"fault": "malformed", "next": 1}, {"fault": "cut", "next": 2}]}
            """
        try await provider.control("PUT", "/faults", rules)
        let start = ContinuousClock.now
        let first = try await send("m1", to: provider)
        #expect(start.duration(to: .now) >= .milliseconds(30))
        #expect(first.status == 503)
        let second = try await send("m1", to: provider)
        #expect(second.status == 429 && second.header("retry-after") == "7")
        #expect(try json(second)["code"]?.int64 == 9)
        let third = try await send("m1", to: provider)
        #expect(third.status == 201)
        #expect(throws: JSONError.self) { try json(third) }
        // libcurl repeats by itself, once, what got no answer on a connection that was used before.
        await #expect(throws: HTTPClientError.self) { try await send("m2", to: provider) }
        #expect(try await send("m2", to: provider).status == 201)
        try await provider.control("PUT", "/faults", #"{"outage":true}"#)
        await #expect(throws: HTTPClientError.self) { try await provider.call("GET", "/app") }
        try await provider.control("PUT", "/faults", "{}")
        #expect(try await provider.call("GET", "/app").status == 200)
    }

    // MARK: Webhooks

    @Test func hooksAreToldSignedAndUntilTheyHaveIt() async throws {
        let receiver = try TestServer { request in
            HTTPResponse(status: request.head[header: "X-Webhook-Attempt"] == "3" ? 200 : 503)
        }
        let provider = try LocalProviderProcess()
        try await prepared(provider)
        try await hook(receiver, to: provider)
        _ = try await send("m1", to: provider)
        try await provider.webhooksSettled()
        let received = receiver.received
        #expect(received.map { $0.head[header: "X-Webhook-Attempt"] } == ["1", "2", "3"])
        #expect(Set(received.map { $0.head[header: "X-Webhook-Id"] }).count == 1)
        for delivery in received {
            let key = HMACSHA256(key: LocalProviderProcess.secret)
            #expect(delivery.head[header: "X-Signature"] == Hex.encode(key.sign(delivery.body)))
            #expect(delivery.head[header: "X-Api-Key"] == LocalProviderProcess.apiKey)
            #expect(try JSONParser().parse(delivery.body)["message"]?["id"]?.string == "m1")
        }
        let counts = try json(try await provider.control("GET", "/webhooks"))
        #expect(counts["delivered"]?.int64 == 1 && counts["failed"]?.int64 == 0)
    }

    @Test func droppedWebhooksAreCountedAndListed() async throws {
        let receiver = try TestServer { _ in HTTPResponse(status: 200) }
        let provider = try LocalProviderProcess()
        try await prepared(provider)
        try await hook(receiver, to: provider)
        try await provider.control("PUT", "/faults", #"{"drop_webhooks":2}"#)
        for number in 1...4 { _ = try await send("m\(number)", to: provider) }
        try await provider.webhooksSettled()
        let told = try receiver.received.map { try JSONParser().parse($0.body)["message_id"]?.string ?? "" }
        #expect(Set(told) == ["m3", "m4"])
        let counts = try json(try await provider.control("GET", "/webhooks"))
        #expect(counts["dropped"]?.int64 == 2)
        #expect(counts["dropped_events"]?.array.map { $0["entity"]?.string } == ["m1", "m2"])
    }

    @Test func aUserActsAsAClient() async throws {
        let receiver = try TestServer { _ in HTTPResponse(status: 200) }
        let provider = try LocalProviderProcess()
        try await prepared(provider)
        try await hook(receiver, to: provider)
        let message = #"{"message":{"id":"m1","text":"hi"}}"#
        let path = "/channels/messaging/room/message"
        try await provider.control("POST", "/act", #"{"user_id":"bob","path":"\#(path)","body":\#(message)}"#)
        try await provider.webhooksSettled()
        let event = try JSONParser().parse(try #require(receiver.received.first).body)
        #expect(event["message"]?["user"]?["id"]?.string == "bob")
        #expect(event["request_info"]?["type"]?.string == "client")
    }

    private func hook(_ receiver: TestServer, to provider: LocalProviderProcess) async throws {
        let hook = #"{"hook_type":"webhook","webhook_url":"\#(receiver.url)","event_types":["message.new"]}"#
        #expect(try await provider.call("PATCH", "/app", #"{"event_hooks":[\#(hook)]}"#).status == 200)
    }
}
