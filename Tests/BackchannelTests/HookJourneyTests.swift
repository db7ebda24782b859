import Crypto
import HTTPClient
import JSON
import TestSupport
import Testing

/// A message's whole way: sent at the provider, put to our hook there, told by webhook, recognised, counted once.
struct HookJourneyTests {
    private static let rules = """
        rules:
          - { id: casino, when: { text: { contains: casino } }, then: [{ refuse: no }, { mute: 5m }] }
          - { id: contacts, phase: sanitise, when: { text: { contacts: true } }, then: [{ mask: contacts }, { label: contact }, flag] }
          - { id: hint, phase: respond, when: { text: { contacts: true } }, then: [{ reply: hint }] }
        """

    private func run(_ settings: [String: String] = [:], _ body: (ProviderAndService) async throws -> Void) async throws
    {
        let rules = try WrittenHookRules(Self.rules, templates: ["no": "No casinos.", "hint": "No numbers."])
        let own = ["RULES_DIR": rules.path, "EFFECTS": "on", "HOOK_BUDGET_MS": "1400"]
        try await ProviderAndService.run(settings: own.merging(settings) { $1 }) { node in
            try await node.people()
            try await node.hook()
            let receiver = "\(node.service.url)/api/v1/webhooks/getstream"
            let hook = #"{"before_message_send_hook_url":"\#(receiver)/before-message-send"}"#
            try await node.call("PATCH", "/app", hook)
            try await body(node)
        }
        // Its folder goes with it.
        withExtendedLifetime(rules) {}
    }

    @Test func whatIsSentIsAskedAboutToldAndCountedOnce() async throws {
        try await run { node in
            let plain = try await node.write("m1", "Is it still available?")
            #expect(plain["text"]?.string == "Is it still available?")
            let masked = try await node.write("m2", "Call +47 912 34 567")
            #expect(masked["text"]?.string == "Call ••••••••••••••")
            #expect(masked["backchannel_hook"]?.string?.isEmpty == false)
            let refused = try await node.write("m3", "a casino")
            #expect(refused["type"]?.string == "error" && refused["text"]?.string == "No casinos.")
            try await node.settled()
            try await node.service.effectsDone()

            // Two messages are there and here, counted once; the third never was.
            #expect(try await node.messageCount(of: "bob") == 2)
            let sent = try await node.provider.applied("message:m").filter { $0.operation == "send" }
            #expect(sent.map(\.entity) == ["message:m1", "message:m2"])
            #expect(
                try await node.json("/api/v1/webhooks/getstream/messages/m2")["text"]?.string == "Call ••••••••••••••"
            )
            // What its author wrote was labelled and flagged, although nobody has seen it, and the text is masked but once.
            let kept = try await node.decisions("message=m2")
            #expect(kept.map { $0["labels"]?.array.compactMap(\.string) } == [["contact"]])
            #expect(try await node.json("/api/v1/webhooks/getstream/messages/m2")["is_flagged"]?.bool == true)
            #expect(try await node.provider.applied("message:m2").map(\.operation) == ["send"])
            // It is answered by what was written, once.
            #expect(try await node.provider.applied("message:rule-").map { [$0.calls, $0.changes] } == [[1, 1]])
            // Of the refusal its author is muted, once.
            try await node.service.eventually {
                try await node.decisions("user=bob").contains { $0["type"]?.string == "hook.refused" }
            }
            try await node.settled()
            try await node.service.effectsDone()
            #expect(try await node.provider.applied("ban:").map(\.changes) == [1])
            try await node.expectConsistent()
        }
    }

    /// Where our hook does not answer in time the message is sent, marked so, and judged when its event comes.
    @Test func whatNobodyAnsweredIsJudgedAfterwards() async throws {
        try await run { node in
            // Nothing listens there.
            let nowhere = try closedPort()
            try await node.call("PATCH", "/app", #"{"before_message_send_hook_url":"http://127.0.0.1:\#(nowhere)/"}"#)
            let sent = try await node.write("m1", "a casino")
            #expect(sent["text"]?.string == "a casino" && sent["before_message_send_failed"]?.bool == true)
            let number = try await node.write("m2", "Call +47 912 34 567")
            #expect(number["text"]?.string == "Call +47 912 34 567")
            try await node.settled()
            try await node.service.effectsDone()
            func done(_ id: String) async throws -> [String] {
                try await node.provider.applied("message:\(id)").filter { $0.operation != "send" }.map(\.operation)
            }
            #expect(try await done("m1") == ["delete"])
            #expect(try await done("m2") == ["partial_update"])
            try await node.settled()
            let masked = try await node.json("/api/v1/webhooks/getstream/messages/m2")["text"]?.string
            #expect(masked == "Call ••••••••••••••")
            #expect(try await node.provider.applied("message:rule-").map(\.operation) == ["send"])
            #expect(try await node.provider.applied("ban:").map(\.changes) == [1])
            #expect(try await node.messageCount(of: "bob") == 2)
        }
    }

    /// Held back until it is judged by all that is stored: let through once, or never seen.
    @Test func aPendingMessageIsJudgedBeforeAnybodySeesIt() async throws {
        try await run { node in
            let receiver = "\(node.service.url)/api/v1/webhooks/getstream"
            let hooks = ["webhook", "pending_message"].map { #"{"hook_type":"\#($0)","webhook_url":"\#(receiver)"}"# }
            let settings = #"{"before_message_send_hook_url":"","event_hooks":[\#(hooks.joined(separator: ","))]}"#
            try await node.call("PATCH", "/app", settings)
            try await node.call("PUT", "/channeltypes/messaging", #"{"mark_messages_pending":true}"#)
            _ = try await node.write("p1", "hello")
            _ = try await node.write("p2", "a casino")
            try await node.service.eventually {
                let applied = try await node.provider.applied("message:p")
                return applied.map { "\($0.entity) \($0.operation)" }.sorted() == [
                    "message:p1 commit", "message:p1 hold", "message:p1 send", "message:p2 hard_delete",
                    "message:p2 hold",
                ]
            }
            try await node.settled()
            try await node.service.effectsDone()
            #expect(try await node.messageCount(of: "bob") == 1)
            #expect(try await node.provider.applied("message:p1").allSatisfy { $0.calls == 1 && $0.changes == 1 })
            try await node.expectConsistent()
        }
    }

    /// What a user has flagged at the provider is decided here, and taken off the provider's queue.
    @Test func theProvidersQueueIsAnswered() async throws {
        try await run { node in
            try await node.call("POST", "/users", #"{"users":{"mia":{"id":"mia"}}}"#)
            _ = try await node.write("m1", "Is it still available?")
            try await node.call(
                "POST",
                "/moderation/flag",
                #"{"target_message_id":"m1","user_id":"ada","reason":"rude"}"#
            )
            try await node.settled()
            let path = "/api/v1/review-queue/message%3Am1"
            let kinds = try await node.json(path)["sources"]?.array.compactMap { $0["kind"]?.string }
            #expect(kinds == ["flag", "provider"])
            let order = #"{"moderator":"mia","action":"approve"}"#
            try #require(try await node.service.post("\(path)/decide", order).status == 200)
            try await node.service.effectsDone()
            let query = try await node.provider.call("POST", "/api/v2/moderation/review_queue", "{}")
            let item = try JSONParser().parse(query.body)["items"]?.array.first { _ in true }
            #expect(item?["status"]?.string == "reviewed" && item?["reviewed_by"]?.string == "mia")
            // What the provider tells of that changes nothing here.
            try await node.settled()
            let after = try await node.json(path)
            #expect(after["status"]?.string == "decided" && after["decisions"]?.array.map { $0 }.count == 1)
            #expect(after["effects"]?.array.map { $0["state"]?.string } == ["done"])
        }
    }

    /// An item that is told of only after the decision here is taken off the provider's queue as well, once.
    @Test func anItemThatIsToldOfLateIsAnswered() async throws {
        try await run { node in
            try await node.call("POST", "/users", #"{"users":{"mia":{"id":"mia"}}}"#)
            let receiver = "\(node.service.url)/api/v1/webhooks/getstream"
            let types = #"["message.new","message.flagged"]"#
            let hook = #"{"hook_type":"webhook","webhook_url":"\#(receiver)","event_types":\#(types)}"#
            try await node.call("PATCH", "/app", #"{"event_hooks":[\#(hook)]}"#)
            _ = try await node.write("m1", "Is it still available?")
            try await node.call("POST", "/moderation/flag", #"{"target_message_id":"m1","user_id":"ada"}"#)
            try await node.settled()
            let query = try await node.provider.call("POST", "/api/v2/moderation/review_queue", "{}")
            let item = try #require(try JSONParser().parse(query.body)["items"]?.array.first { _ in true })
            let id = try #require(item["id"]?.string)
            let path = "/api/v1/review-queue/message%3Am1"
            try #require(
                try await node.service.post("\(path)/decide", #"{"moderator":"mia","action":"approve"}"#).status == 200
            )
            #expect(try await node.provider.applied("review_item:") == [])
            // In whose name it is marked: made at the provider once, soon after the first start.
            try await node.service.eventually { try await !node.provider.applied("user:backchannel").isEmpty }
            let event = #"{"type":"review_queue_item.new","created_at":\#(item["created_at"]?.int64 ?? 0)"#
            for more in ["", #","received_at":1"#] {
                let body = Array("\(event)\(more),\"review_queue_item\":\(item.serialized())}".utf8)
                let signature = Hex.encode(HMACSHA256(key: LocalProviderProcess.secret).sign(body))
                #expect(try await node.service.deliver(body, headers: ["X-Signature": signature]).status == 200)
            }
            try await node.service.drained()
            try await node.service.effectsDone()
            let marked = try await node.provider.applied("review_item:\(id)")
            #expect(marked.map(\.changes) == [1] && marked.map(\.calls) == [1])
        }
    }
}

extension ProviderAndService {
    /// As bob's client sends a message: what it is answered.
    fileprivate func write(_ id: String, _ text: String) async throws -> JSONValue {
        let body = #"{"message":{"id":"\#(id)","text":"\#(text)"}}"#
        let path = "/channels/messaging/room/message"
        let answer = try await provider.control("POST", "/act", #"{"user_id":"bob","path":"\#(path)","body":\#(body)}"#)
        return try #require(try JSONParser().parse(answer.body)["message"])
    }

    fileprivate func json(_ path: String) async throws -> JSONValue {
        try JSONParser().parse(try await service.get(path).body)
    }

    fileprivate func decisions(_ query: String) async throws -> [JSONValue] {
        try await json("/api/v1/decisions?\(query)")["data"]?.array.map(\.self) ?? []
    }
}
