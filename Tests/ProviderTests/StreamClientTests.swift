import Chat
import HTTPClient
import HTTPServer
import JSON
import Limits
import Telemetry
import TestSupport
import Testing

@testable import Provider

struct StreamClientTests {
    private static let message = NewMessage(cid: "messaging:l-7", id: "bc-1", sender: "bot", text: "Hi")

    @Test func sendsWithKeyAndBareToken() async throws {
        try await ScriptedProvider.run({ _ in ScriptedProvider.json(201, #"{"duration":"1ms"}"#) }) {
            client,
            provider in
            let outcome = try await client.performWhenAdmitted(.sendMessage(Self.message))
            #expect(outcome == .done(ProviderAnswer(status: 201)))
            let request = try #require(provider.received.first)
            #expect(request.head.method == "POST")
            #expect(request.head.path == "/channels/messaging/l-7/message")
            #expect(request.head.query.map { "\($0.name)=\($0.value)" } == ["api_key=fixture key"])
            let token =
                "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzZXJ2ZXIiOnRydWV9.xrimvg0OJcOEl7s6e7JLDd-eq__NMmpyZwds8oRVtn0"
            #expect(request.head[header: "Authorization"] == token)
            #expect(request.head[header: "stream-auth-type"] == "jwt")
            #expect(request.head[header: "Content-Type"] == "application/json")
            #expect(request.body == #"{"message":{"id":"bc-1","user_id":"bot","text":"Hi"}}"#)
        }
    }

    /// A body-less method has none, and what was asked for is in the address.
    @Test func deletesWithoutABody() async throws {
        try await ScriptedProvider.run({ _ in ScriptedProvider.json(200, "{}") }) { client, provider in
            let deletion = MessageDeletion(cid: "a:b", id: "m é", isHard: true, by: "mod+1&x=y")
            _ = try await client.performWhenAdmitted(.deleteMessage(deletion))
            let request = try #require(provider.received.first)
            #expect(request.head.method == "DELETE")
            #expect(request.head.path == "/messages/m é")
            #expect(request.head.query.map(\.value) == ["fixture key", "true", "mod+1&x=y"])
            #expect(request.body.isEmpty && request.head[header: "Content-Type"] == nil)
        }
    }

    @Test(arguments: [
        "", "HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{\"mess", "SMTP ready\r\n",
        "HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nhello",
    ])
    func aBrokenAnswerMayHaveBeenApplied(_ line: String) async throws {
        let peer = try RudePeer(saying: line)
        let outcome = await ScriptedProvider.client(at: peer.url).perform(.sendMessage(Self.message))
        guard case .retry(let failure, nil, true) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(failure.endpoint == .sendMessage)
    }

    @Test func silenceHasAnEnd() async throws {
        let peer = try RudePeer(saying: nil)
        var limits = Limits.Provider()
        limits.callMilliseconds = 50
        let outcome = await ScriptedProvider.client(at: peer.url, limits: limits).perform(.sendMessage(Self.message))
        #expect(outcome.name == "retry")
    }

    @Test func whatNobodyTookWasNotApplied() async throws {
        let client = ScriptedProvider.client(at: "http://127.0.0.1:\(try closedPort())")
        let outcome = await client.perform(.sendMessage(Self.message))
        guard case .retry(_, nil, false) = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test func anUnusableAddressIsOurFault() async {
        let client = ScriptedProvider.client(at: "gopher://localhost")
        #expect(await client.perform(.sendMessage(Self.message)).name == "misconfigured")
    }

    @Test func whatNeedNotBeSentIsNot() async throws {
        try await ScriptedProvider.run({ _ in ScriptedProvider.json(201, "{}") }) { client, provider in
            let over = UserBan(target: "ada", by: "mod", until: ProviderFixture.now)
            #expect(await client.perform(.ban(over)) == .alreadyDone(.over))
            #expect(await client.perform(.upsertUsers([])).name == "giveUp")
            #expect(provider.received.isEmpty)
        }
    }

    @Test func answersTeachTheLimit() async throws {
        let reset = 4_102_444_800  // far ahead by whatever clock the server's `Date` comes from
        let headers = [
            (name: "X-RateLimit-Limit", value: "1000"), (name: "X-RateLimit-Remaining", value: "0"),
            (name: "X-RateLimit-Reset", value: "\(reset)"),
        ]
        try await ScriptedProvider.run({ _ in ScriptedProvider.json(201, "{}", headers) }) { client, _ in
            #expect(client.admit(.sendMessage) == .admitted)
            _ = await client.perform(.sendMessage(Self.message))
            #expect(client.admit(.sendMessage) != .admitted)
            #expect(client.admit(.ban) == .admitted)
        }
    }

    /// The page of a proxy has no limit headers, nor has an error before the limit, and that must not lift the limit.
    @Test(arguments: [(200, "<html>"), (502, "<html>"), (401, #"{"code":5}"#)])
    func onlyAnAcceptedCallLiftsTheLimit(_ status: Int, _ body: String) async throws {
        try await ScriptedProvider.run({ _ in ScriptedProvider.json(status, body) }) { client, _ in
            var admitted = 0
            while client.admit(.sendMessage) == .admitted {
                _ = await client.perform(.sendMessage(Self.message))
                admitted += 1
                try #require(admitted < 1_000)
            }
            #expect(admitted > 1)
        }
    }

    @Test func outcomesAreCounted() async throws {
        let metrics = Metrics()
        let peer = try RudePeer(saying: "")
        let client = StreamClient(
            credentials: StreamCredentials(apiKey: "k", secret: "s", baseURL: peer.url),
            http: HTTPClient(),
            metrics: metrics,
            now: { ProviderFixture.now }
        )
        _ = await client.perform(.sendMessage(Self.message))
        let line = "backchannel_provider_calls_total{endpoint=\"SendMessage\",outcome=\"retry\"} 1"
        #expect(metrics.rendered().contains(line))
    }
}
