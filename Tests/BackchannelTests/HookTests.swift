import Chat
import Crypto
import Foundation
import Gzip
import HTTPClient
import JSON
import TestSupport
import Testing

/// The provider's synchronous hooks, over HTTP, with bodies as the contract has them.
struct HookTests {
    /// What `expected.json` of a case holds.
    private struct Expected: Decodable, Sendable {
        var about: String
        /// Below the webhook's own.
        var path: String
        /// Files of the rule sets that ship.
        var rules: [String]
        /// `nil` where nothing is changed.
        var answer: Answer?
        /// What is known before.
        var given: [Given]?
        /// How often the same was asked before.
        var earlier: Int?
    }

    private struct Answer: Decodable, Equatable, Sendable {
        struct Message: Decodable, Equatable, Sendable {
            var type: String?
            var text: String
        }
        var message: Message
    }

    private struct Given: Decodable, Sendable {
        var method: String?
        var path: String?
        var body: JSONText?
        var event: JSONText?
    }

    @Test(arguments: try fixtureCases(in: "hooks"))
    func aHookIsAnswered(_ hook: FixtureCase) async throws {
        let expected = try hook.expected(Expected.self)
        let rules = try ShippedRules(expected.rules)
        try await withHooks(rules) { service in
            for given in expected.given ?? [] {
                if let event = given.event { try await service.deliver(event: event.text) }
                guard let method = given.method, let path = given.path else { continue }
                #expect(try await service.send(method, path, given.body?.text ?? "").status == 200)
            }
            try await service.drained()
            // Whoever is asked about for the first time is read behind the scenes.
            if expected.given != nil { try await service.knows(hook, expected.path) }
            for _ in 0..<(expected.earlier ?? 0) { _ = try await service.hook(expected.path, hook) }
            let answer = try await service.hook(expected.path, hook)
            #expect(answer.status == 200, "\(expected.about)")
            let given = answer.body.isEmpty ? nil : try JSONDecoder().decode(Answer.self, from: Data(answer.body))
            #expect(given == expected.answer, "\(expected.about)")
        }
    }

    @Test func whoDoesNotSignIsRefused() async throws {
        try await withHooks(try ShippedRules([])) { service in
            let url = service.webhookURL + "/before-message-send"
            let answer = try await HTTPClient().send(
                HTTPClientRequest(method: "POST", url: url, headers: [], body: Array("{}".utf8))
            )
            #expect(answer.status == 401)
            #expect(try await HTTPClient().send(HTTPClientRequest(method: "GET", url: url)).status == 405)
        }
    }

    /// A refused message is in the decisions, and whoever wrote it is muted at the provider, once.
    @Test func whatIsRefusedIsWrittenDownAndCarriedOutOnce() async throws {
        let rules = try ShippedRules(["flood"])
        try await withHooks(rules, settings: ["EFFECTS": "record"]) { service in
            let body = Self.request(text: "Hello", user: "ann")
            for _ in 0..<10 { #expect(try await service.hook("before-message-send", body).body.isEmpty) }
            #expect(try await !service.hook("before-message-send", body).body.isEmpty)
            // It is muted from now on, which is no second decision.
            #expect(try await !service.hook("before-message-send", body).body.isEmpty)
            try await service.writesDown(1, of: "ann")
            let decisions = try await service.json("/api/v1/decisions?user=ann")["data"]?.array.map(\.self) ?? []
            #expect(decisions.count == 1)
            #expect(decisions.first?["type"]?.string == "hook.refused")
            let id = try #require(
                decisions.first?["_id"]?.string?.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
            )
            let explained = try await service.json("/api/v1/decisions/\(id)/explain")
            #expect(explained["rerun"]?["result"]?.string == "same", "\(explained)")
            let effects = try await service.effects(of: "flood")
            #expect(effects.map(\.action) == ["ban"])
        }
    }

    /// The provider sent it all the same: it is deleted then, and nobody is punished twice.
    @Test func whatWasRefusedAndCameAllTheSameIsJudgedThen() async throws {
        let rules = try WrittenHookRules(
            """
            rules:
              - id: casino
                when: { text: { contains: casino } }
                then: [{ refuse: no }, { mute: 5m }]
            """,
            templates: ["no": "No casinos."]
        )
        try await withHooks(rules, settings: ["EFFECTS": "record"]) { service in
            let refused = try await service.hook("before-message-send", Self.request(text: "a casino", user: "ann"))
            #expect(String(decoding: refused.body, as: UTF8.self).contains("No casinos."))
            try await service.writesDown(1, of: "ann")
            try await service.deliver(
                event: Self.message("m1", "a casino", by: "ann", fields: #","before_message_send_failed":true"#)
            )
            try await service.deliver(
                event: Self.message("m2", "a casino", by: "bob", fields: #","before_message_send_failed":true"#)
            )
            try await service.drained()
            let actions = try await service.effects(of: "casino").map(\.action)
            // Ann by the hook, Bob by the event; each message once.
            #expect(actions.filter { $0.hasPrefix("ban") }.count == 2, "\(actions)")
            #expect(actions.filter { $0.hasPrefix("deleteMessage") }.count == 2, "\(actions)")
        }
    }

    /// A message that was sent with another text keeps what was decided on what its author wrote, in either order.
    @Test(arguments: [false, true])
    func whatIsRewrittenIsRecognised(isMessageFirst: Bool) async throws {
        let rules = try ShippedRules(["contact-leak"])
        let masked = "Call ••••••••••••••"
        try await withHooks(rules, settings: ["EFFECTS": "record"]) { service in
            // The mark changes every two minutes: of two tries at least one falls between.
            for user in ["ann", "eva"] {
                let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
                let expected = HookMarks(secret: ServiceUnderTest.secret)
                    .mark(user: user, cid: "messaging:room", text: masked, at: now)
                let field = #","backchannel_hook":"\#(expected)""#
                // Another node's webhook may be faster than this one's record.
                if isMessageFirst {
                    try await service.deliver(event: Self.message("m-\(user)", masked, by: user, fields: field))
                    try await service.drained()
                }
                let request = Self.request(text: "Call +47 912 34 567", user: user, channel: #","mediated":true"#)
                let answer = try JSONParser().parse(try await service.hook("before-message-send", request).body)
                #expect(answer["message"]?["text"]?.string == masked)
                guard answer["message"]?["backchannel_hook"]?.string == expected else { continue }
                if !isMessageFirst {
                    try await service.deliver(event: Self.message("m-\(user)", masked, by: user, fields: field))
                }
                // Nobody makes another's mark their own.
                try await service.deliver(event: Self.message("m-bob", masked, by: "bob", fields: field))
                try await service.eventually { try await !service.decidedLabels("m-\(user)").isEmpty }
                try await service.drained()
                #expect(try await service.decidedLabels("m-\(user)") == [["contact-leak"]])
                #expect(try await service.decidedLabels("m-bob").isEmpty)
                return
            }
            Issue.record("no try fell within two minutes")
        }
    }

    @Test func aCommandBecomesAnEvent() async throws {
        let rules = try ShippedRules(["status-form"])
        try await withHooks(rules, settings: ["EFFECTS": "on"]) { service in
            let channel =
                #"{"type":"channel.created","created_at":"2026-01-05T12:00:00Z","cid":"messaging:ticket-9001","channel":{"cid":"messaging:ticket-9001","id":"ticket-9001","type":"messaging","created_at":"2026-01-05T12:00:00Z","updated_at":"2026-01-05T12:00:00Z","order_id":"9001","seller_id":"agent-3"}}"#
            try await service.deliver(event: channel)
            try await service.drained()
            let request =
                #"{"message":{"id":"m-41","text":"/status delivered","command":"status","args":"delivered","html":"","type":"regular","cid":"messaging:ticket-9001","created_at":"2026-01-05T12:56:59.854Z","updated_at":"2026-01-05T12:56:59.854Z","attachments":[],"reaction_counts":null,"reply_count":0,"mentioned_users":[],"silent":false},"user":{"id":"agent-3","Custom":{"name":"Ada"},"role":"user","banned":false,"online":false},"form_data":{"action":"submit","order_status":"delivered"}}"#
            let answer = try await service.hook("commands/status", Array(request.utf8))
            #expect(answer.status == 200 && answer.body.isEmpty)
            try await service.eventually {
                let order = try await service.json("/api/v1/facts/order/9001")
                return order["fields"]?["status"]?.string == "delivered"
            }
        }
    }

    /// What the rules refuse is removed, all else is let through, once.
    @Test func aPendingMessageIsPassedOrRemoved() async throws {
        let rules = try WrittenHookRules(
            """
            rules:
              - { id: casino, when: { text: { contains: casino } }, then: [{ refuse: no }, { mute: 5m }] }
            """,
            templates: ["no": "No casinos."]
        )
        try await withHooks(rules, settings: ["EFFECTS": "record"]) { service in
            for (id, text) in [("p1", "hello"), ("p2", "a casino"), ("p1", "hello")] {
                let body =
                    #"{"message":{"id":"\#(id)","cid":"messaging:room","text":"\#(text)","type":"regular","created_at":"\#(now())","user":{"id":"ann"}},"metadata":{},"request_info":{"type":"client"}}"#
                #expect(try await service.hook("PassOnPendingMessage", body).status == 200)
            }
            #expect(try await service.hook("DeletedPendingMessage", #"{"message":{"id":"p3"}}"#).status == 200)
            try await service.drained()
            let page = try await service.json("/api/v1/effects?limit=100")["data"]?.array.map(\.self) ?? []
            let actions = page.compactMap { $0["action"]?.string }.filter { $0 != "upsertUsers" }
            #expect(actions.sorted() == ["ban", "commitMessage", "deleteMessage"])
            #expect(try await service.decidedLabels("p2").isEmpty)
        }
    }

    @Test func spamIsRefused() async throws {
        let rules = try WrittenHookRules(
            "rules:\n  - { id: spam, when: { spam: { at_least: 0.9 } }, then: [{ refuse: no }] }\n",
            templates: ["no": "This looks like spam."]
        )
        let model = repositoryRoot.appending(path: "models/sms-english.model").path
        try await withHooks(rules, settings: ["SPAM_MODEL": model]) { service in
            let prize = "URGENT! You have won a £900 prize. Call 09061701461 now to claim, only 150p a minute"
            let refused = try await service.hook("before-message-send", Self.request(text: prize, user: "ann"))
            #expect(String(decoding: refused.body, as: UTF8.self).contains("This looks like spam."))
            let bike = "Hi Anna, is the bike still available? I could come by after work tomorrow"
            #expect(try await service.hook("before-message-send", Self.request(text: bike, user: "ann")).body.isEmpty)
            try await service.writesDown(1, of: "ann")
            let decision = try await service.json("/api/v1/decisions?user=ann")["data"]?.array.map(\.self).first
            #expect(decision?["type"]?.string == "hook.refused")
        }
    }

    @Test func withoutMongoDBHooksAreAnsweredFromMemory() async throws {
        let mongo = try await MongoServer()
        let rules = try ShippedRules(["credit-gate", "markup"])
        // The budget of a service that nobody has set.
        try await withHooks(rules, settings: ["HOOK_BUDGET_MS": "100"], mongoURI: mongo.uri) { service in
            #expect(try await service.send("PUT", "/api/v1/facts/user/ann", #"{"balance":0}"#).status == 200)
            let request = Self.request(text: "<b>Hello</b>", user: "ann", channel: #","paid":true"#)
            try await service.eventually {
                let answer = try await service.hook("before-message-send", request)
                return String(decoding: answer.body, as: UTF8.self).contains("no credit")
            }
            await mongo.kill()
            try await service.reports(mongoDB: "down")
            for _ in 0..<20 {
                let refused = try await service.hook("before-message-send", request)
                #expect(String(decoding: refused.body, as: UTF8.self).contains("no credit"))
                let other = Self.request(text: "<b>Hello</b>", user: "never seen")
                let rewritten = try await service.hook("before-message-send", other)
                #expect(String(decoding: rewritten.body, as: UTF8.self).contains(#""text":"Hello""#))
            }
            #expect(try await service.metric("backchannel_hook_overruns_total") == 0)
        }
        await mongo.stop()
    }

    private static let strange: [(name: String, text: String)] = [
        ("nothing but invisible characters", String(repeating: "\u{200B}", count: 20_000)),
        ("one letter under a million marks", "a" + String(repeating: "\u{0301}", count: 1_000_000)),
        ("a hundred thousand letters", String(repeating: "casino ", count: 14_286)),
        ("NUL", "a\u{0}b"),
        ("nothing", ""),
    ]

    /// Whatever is written, the answer comes in time, and the service goes on.
    @Test func hostileTextsAreAnsweredInTime() async throws {
        try await withHooks(try ShippedRules(["markup", "flood", "spam-keywords"])) { service in
            for (number, one) in Self.strange.enumerated() {
                let answer = try await service.hook(
                    "before-message-send",
                    Self.request(text: one.text, user: "u\(number)")
                )
                #expect(answer.status == 200, "\(one.name)")
            }
            // A megabyte beside the text, as it is and compressed.
            let large = Self.request(text: "<b>Hi</b>", user: "large", custom: String(repeating: "x", count: 1_000_000))
            for wire in [Array(large.utf8), try Gzip.deflate(Array(large.utf8))] {
                let answer = try await service.hook("before-message-send", wire, signing: Array(large.utf8))
                #expect(String(decoding: answer.body, as: UTF8.self).contains(#""text":"Hi""#))
            }
            let malformed = [#"{"message":"#, "[]", "1", #"{"message":{"text":1e999}}"#, #"{"message":[]}"#]
            for body in malformed {
                #expect(try await service.hook("before-message-send", Array(body.utf8)).status == 200, "\(body)")
            }
            #expect(try await service.metric("backchannel_hook_overruns_total") == 0)
            #expect(try await service.get("/healthz").status == 200)
        }
    }

    private static func request(text: String, user: String, channel: String = "", custom: String? = nil) -> String {
        let field = custom.map { #","more":"\#($0)""# } ?? ""
        var writer = JSONWriter()
        writer.string(text)
        return
            #"{"message":{"id":"","text":\#(writer.text),"type":"regular"\#(field)},"user":{"id":"\#(user)","role":"user"},"channel":{"cid":"messaging:room","id":"room","type":"messaging"\#(channel)},"request_info":{"type":"client"}}"#
    }

    private static func message(_ id: String, _ text: String, by user: String, fields: String) -> String {
        let now = now()
        return
            #"{"type":"message.new","created_at":"\#(now)","cid":"messaging:room","message_id":"\#(id)","message":{"id":"\#(id)","text":"\#(text)","type":"regular","created_at":"\#(now)","updated_at":"\#(now)","user":{"id":"\#(user)"}\#(fields)},"user":{"id":"\#(user)"}}"#
    }
}

private func now() -> String { ISO8601DateFormatter().string(from: Date()) }

/// JSON as it stands in another.
private struct JSONText: Decodable, Sendable {
    let text: String

    init(from decoder: any Decoder) throws {
        let value = try Value(from: decoder)
        text = String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    private indirect enum Value: Codable {
        case null, bool(Bool), int(Int64), text(String), list([Value]), object([String: Value])

        init(from decoder: any Decoder) throws {
            let single = try decoder.singleValueContainer()
            if single.decodeNil() {
                self = .null
            } else if let value = try? single.decode(Bool.self) {
                self = .bool(value)
            } else if let value = try? single.decode(Int64.self) {
                self = .int(value)
            } else if let value = try? single.decode(String.self) {
                self = .text(value)
            } else if let value = try? single.decode([Value].self) {
                self = .list(value)
            } else {
                self = .object(try single.decode([String: Value].self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var single = encoder.singleValueContainer()
            switch self {
            case .null: try single.encodeNil()
            case .bool(let value): try single.encode(value)
            case .int(let value): try single.encode(value)
            case .text(let value): try single.encode(value)
            case .list(let values): try single.encode(values)
            case .object(let values): try single.encode(values)
            }
        }
    }
}

extension ServiceUnderTest {
    fileprivate func hook(_ path: String, _ hook: FixtureCase) async throws -> HTTPClientResponse {
        try await self.hook(path, hook.wire, signing: hook.body)
    }

    fileprivate func hook(_ path: String, _ body: String) async throws -> HTTPClientResponse {
        try await hook(path, Array(body.utf8))
    }

    fileprivate func hook(_ path: String, _ wire: [UInt8], signing body: [UInt8]? = nil) async throws
        -> HTTPClientResponse
    {
        let signature = Hex.encode(HMACSHA256(key: Self.secret).sign(body ?? wire))
        return try await HTTPClient().send(
            HTTPClientRequest(
                method: "POST",
                url: "\(webhookURL)/\(path)",
                headers: [(name: "X-Signature", value: signature)],
                body: wire
            )
        )
    }

    /// Returns when so much of what was decided on a user is in the history, and nothing is left to be stored.
    ///
    /// An answer is not kept waiting for the queue, so an empty queue alone does not tell.
    fileprivate func writesDown(_ count: Int, of user: String) async throws {
        try await eventually {
            try await json("/api/v1/decisions?user=\(user)")["data"]?.array.map(\.self).count ?? 0 >= count
        }
        try await drained()
    }

    /// Asks once, and returns when what was not known then has been read.
    fileprivate func knows(_ hook: FixtureCase, _ path: String) async throws {
        _ = try await self.hook(path, hook)
        try await eventually { try await metric("backchannel_hook_memory_wanted") == 0 }
    }

    fileprivate func effects(of rule: String) async throws -> [(action: String, lane: String)] {
        let effects = try await json("/api/v1/effects?cause=\(rule)&limit=100")["data"]?.array.map(\.self) ?? []
        return effects.map {
            ($0["action"]?.string ?? "", $0["lane"]?.string ?? "")
        }
    }

    /// Of the decisions on a message.
    fileprivate func decidedLabels(_ message: String) async throws -> [[String]] {
        let decisions = try await json("/api/v1/decisions?message=\(message)")["data"]?.array.map(\.self) ?? []
        return decisions.map { $0["labels"]?.array.compactMap(\.string) ?? [] }
    }

    fileprivate func json(_ path: String) async throws -> JSONValue {
        let answer = try await get(path)
        return try JSONParser().parse(answer.body)
    }
}
