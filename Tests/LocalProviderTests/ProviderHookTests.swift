import Foundation
import HTTPClient
import HTTPServer
import JSON
import TestSupport
import Testing

@testable import local_provider

/// What the local provider asks the app's hook before a user's message is sent, and what it makes of the answer.
struct ProviderHookTests {
    private static let path = "/channels/messaging/room/message"

    private func withHook(
        _ answer: @escaping @Sendable (TestServer.Received) -> HTTPResponse,
        settings: String = "",
        _ body: (LocalProviderProcess, TestServer) async throws -> Void
    ) async throws {
        let hook = try TestServer(answer)
        let provider = try LocalProviderProcess()
        try await provider.start()
        let users = #"{"users":{"ada":{"id":"ada","name":"Ada"},"bob":{"id":"bob"}}}"#
        try #require(try await provider.call("POST", "/users", users).status == 201)
        let data = #"{"data":{"created_by_id":"ada","members":["ada","bob"],"order_id":"9001"}}"#
        try #require(try await provider.call("POST", "/channels/messaging/room/query", data).status == 201)
        let url = #""before_message_send_hook_url":"\#(hook.url)/ask""#
        try #require(try await provider.call("PATCH", "/app", "{\(url)\(settings)}").status == 200)
        try await body(provider, hook)
        await provider.stop()
        await hook.stop()
    }

    private func send(_ id: String, _ text: String = "hello", to provider: LocalProviderProcess) async throws
        -> JSONValue
    {
        let body = #"{"message":{"id":"\#(id)","text":"\#(text)","tag":1}}"#
        let answer = try await provider.control(
            "POST",
            "/act",
            #"{"user_id":"bob","path":"\#(Self.path)","body":\#(body)}"#
        )
        return try #require(try JSONParser().parse(answer.body)["message"])
    }

    private func stored(_ id: String, at provider: LocalProviderProcess) async throws -> JSONValue? {
        let answer = try await provider.call("GET", "/messages/\(id)")
        return answer.status == 200 ? try JSONParser().parse(answer.body)["message"] : nil
    }

    private static func says(_ json: String) -> HTTPResponse {
        HTTPResponse(status: 200, headers: [(name: "Content-Type", value: "application/json")], body: Array(json.utf8))
    }

    @Test func itIsAskedAsTheContractSays() async throws {
        try await withHook({ _ in HTTPResponse(status: 200) }) { provider, hook in
            let sent = try await send("m1", to: provider)
            #expect(sent["text"]?.string == "hello" && sent["before_message_send_failed"] == nil)
            let asked = try #require(hook.received.first)
            #expect(asked.head.path == "/ask" && asked.head[header: "X-Signature"]?.count == 64)
            let body = try JSONParser().parse(asked.body)
            #expect(body["message"]?["text"]?.string == "hello" && body["message"]?["tag"]?.int64 == 1)
            for name in ["cid", "created_at", "user"] { #expect(body["message"]?[name] == nil, "\(name)") }
            #expect(body["user"]?["id"]?.string == "bob" && body["channel"]?["cid"]?.string == "messaging:room")
            #expect(body["channel"]?["order_id"]?.string == "9001" && body["request_info"]?["type"]?.string == "client")
            // A server's messages are not asked about, and neither is one that is refused anyway.
            let message = #"{"message":{"id":"m2","text":"x","user_id":"ada"}}"#
            #expect(try await provider.call("POST", Self.path, message).status == 201)
            await #expect(throws: TestFailure.self) { try await send("m1", to: provider) }
            #expect(hook.received.count == 1)
        }
    }

    @Test func itsAnswerIsObeyed() async throws {
        let rewrite = #"{"message":{"text":"•••","masked":true,"id":"other","user":{"id":"ada"},"cid":"a:b"}}"#
        let answers: @Sendable (TestServer.Received) -> HTTPResponse = { request in
            switch String(decoding: request.body, as: UTF8.self) {
            case let body where body.contains("rewrite"): Self.says(rewrite)
            case let body where body.contains("refuse"): Self.says(#"{"message":{"type":"error","text":"No."}}"#)
            default: Self.says("{}")
            }
        }
        try await withHook(answers) { provider, _ in
            let rewritten = try await send("m1", "rewrite me", to: provider)
            #expect(rewritten["text"]?.string == "•••" && rewritten["masked"]?.bool == true)
            #expect(rewritten["id"]?.string == "m1" && rewritten["user"]?["id"]?.string == "bob")
            let refused = try await send("m2", "refuse me", to: provider)
            #expect(refused["type"]?.string == "error" && refused["text"]?.string == "No.")
            #expect(try await stored("m2", at: provider) == nil)
            #expect(try await send("m3", to: provider)["text"]?.string == "hello")
            let applied = try await provider.applied("message:").map(\.entity)
            #expect(applied == ["message:m1", "message:m3"])
        }
    }

    /// Whatever goes wrong, the message is sent, and says so.
    @Test(arguments: ["fails", "is no JSON", "is not there", "is late"])
    func withoutAnAnswerTheMessageIsSent(_ fault: String) async throws {
        let late = fault == "is late"
        try await withHook(
            { _ in fault == "fails" ? HTTPResponse(status: 500) : Self.says("nonsense") },
            settings: late ? #","before_message_send_hook_attempt_timeout_ms":1"# : ""
        ) { provider, hook in
            // Where nobody ever answers: a port that takes connections and says nothing.
            let silent = late ? try listeningSocket() : nil
            defer { if let silent { close(silent.descriptor) } }
            if let silent {
                let url = #"{"before_message_send_hook_url":"http://127.0.0.1:\#(silent.port)/"}"#
                try #require(try await provider.call("PATCH", "/app", url).status == 200)
            }
            if fault == "is not there" { await hook.stop() }
            let sent = try await send("m1", to: provider)
            #expect(sent["text"]?.string == "hello" && sent["before_message_send_failed"]?.bool == true)
            #expect(try await stored("m1", at: provider)?["before_message_send_failed"]?.bool == true)
        }
    }

    @Test func whatTheHookChangedOutlivesAKill() async throws {
        let folder = try TemporaryFolder()
        let hook = try TestServer { _ in Self.says(#"{"message":{"text":"•••"}}"#) }
        let provider = try LocalProviderProcess(folder: folder.path("data"))
        try await provider.start()
        try #require(try await provider.call("POST", "/users", #"{"users":{"bob":{"id":"bob"}}}"#).status == 201)
        let data = #"{"data":{"created_by_id":"bob"}}"#
        try #require(try await provider.call("POST", "/channels/messaging/room/query", data).status == 201)
        let url = #"{"before_message_send_hook_url":"\#(hook.url)"}"#
        try #require(try await provider.call("PATCH", "/app", url).status == 200)
        _ = try await send("m1", to: provider)
        await hook.stop()
        await provider.kill()
        try await provider.start()
        let stored = try await stored("m1", at: provider)
        #expect(stored?["text"]?.string == "•••" && stored?["before_message_send_failed"] == nil)
        await provider.stop()
    }
}
