import Chat
import HTTPClient
import HTTPServer
import JSON
import Limits
import Notifications
import TestSupport
import Testing

/// The contract of ``NotificationChannel``, held against every implementation.
struct NotificationChannelTests {
    typealias Kind = ChannelUnderTest.Kind

    @Test(arguments: Kind.allCases)
    func eachAttemptCarriesTheSameID(_ kind: Kind) async throws {
        try await ChannelUnderTest.with(kind, that: .accepts) { peer in
            for _ in 0..<2 {
                let outcome = await peer.channel.deliver(peer.notification())
                guard case .delivered(let answer) = outcome else { throw TestFailure("\(outcome)") }
                #expect(answer.hasPrefix("2"))
            }
            let ids = try await peer.ids()
            #expect(ids.count == 2 && Set(ids).count == 1)
            if kind != .slack { #expect(ids.allSatisfy { !$0.contains("hush") }) }
        }
    }

    @Test(arguments: Kind.allCases)
    func aBusyReceiverIsTriedAgain(_ kind: Kind) async throws {
        try await ChannelUnderTest.with(kind, that: .busy) { peer in
            guard case .retry(let failure, nil) = await peer.channel.deliver(peer.notification()) else {
                throw TestFailure("not tried again")
            }
            #expect(failure.code?.isEmpty == false && !failure.mayHaveBeenDelivered)
        }
    }

    @Test(arguments: Kind.allCases)
    func aRefusalIsFinal(_ kind: Kind) async throws {
        try await ChannelUnderTest.with(kind, that: .refuses) { peer in
            guard case .giveUp(let failure) = await peer.channel.deliver(peer.notification()) else {
                throw TestFailure("not given up")
            }
            #expect(failure.code?.isEmpty == false && !failure.mayHaveBeenDelivered)
        }
    }

    @Test(arguments: Kind.allCases)
    func aWrongSecretStopsTheChannel(_ kind: Kind) async throws {
        try await ChannelUnderTest.with(kind, that: .unauthorised) { peer in
            guard case .misconfigured(let failure) = await peer.channel.deliver(peer.notification()) else {
                throw TestFailure("not misconfigured")
            }
            #expect(failure.code?.isEmpty == false && !failure.mayHaveBeenDelivered)
        }
    }

    @Test(arguments: Kind.allCases)
    func anAnswerThatIsMissingLeavesItOpen(_ kind: Kind) async throws {
        try await ChannelUnderTest.with(kind, that: .silent) { peer in
            let outcome = await peer.channel.deliver(peer.notification())
            guard case .retry(let failure, nil) = outcome else { throw TestFailure("\(outcome)") }
            #expect(failure.mayHaveBeenDelivered && failure.code == nil)
        }
    }

    @Test(arguments: Kind.allCases)
    func nobodyThereIsTriedAgain(_ kind: Kind) async throws {
        try await ChannelUnderTest.with(kind, that: .absent) { peer in
            guard case .retry(let failure, nil) = await peer.channel.deliver(peer.notification()) else {
                throw TestFailure("not tried again")
            }
            #expect(!failure.mayHaveBeenDelivered && failure.code == nil)
        }
    }

    @Test(arguments: Kind.allCases)
    func failuresNameNoSecret(_ kind: Kind) async throws {
        for behaviour in ChannelUnderTest.Behaviour.allCases {
            try await ChannelUnderTest.with(kind, that: behaviour) { peer in
                let outcome = await peer.channel.deliver(peer.notification())
                #expect(!"\(outcome)".lowercased().contains("hush"), "\(outcome)")
            }
        }
    }

    @Test(arguments: [Kind.mail, .slack])
    func withoutTextThereIsNothingToSay(_ kind: Kind) async throws {
        try await ChannelUnderTest.with(kind, that: .accepts) { peer in
            guard case .giveUp = await peer.channel.deliver(peer.notification(content: nil)) else {
                throw TestFailure("not given up")
            }
        }
    }

    @Test(arguments: Kind.allCases)
    func cancellingEndsTheAttempt(_ kind: Kind) async throws {
        try await ChannelUnderTest.with(kind, that: .accepts) { peer in
            let (channel, notification) = (peer.channel, peer.notification())
            let task = Task { await channel.deliver(notification) }
            task.cancel()
            switch await task.value {
            case .retry, .delivered: break
            case let outcome: throw TestFailure("\(outcome)")
            }
        }
    }

    // MARK: What is particular to one

    @Test func mailWithoutAnAddressIsGivenUp() async throws {
        try await ChannelUnderTest.with(.mail, that: .accepts) { peer in
            for email in [nil, "hush", "hush@example.com\r\nBcc: x@example.com", "hüsh@example.com"] {
                var notification = peer.notification()
                notification.recipient?.email = email
                guard case .giveUp(let failure) = await peer.channel.deliver(notification) else {
                    throw TestFailure("not given up")
                }
                #expect(failure.reason.contains("address") && !failure.reason.contains("hush"))
            }
        }
    }

    @Test(arguments: [
        (200, "delivered"), (204, "delivered"), (301, "misconfigured"), (400, "giveUp"), (401, "misconfigured"),
        (403, "misconfigured"), (404, "retry"), (408, "retry"), (410, "misconfigured"), (413, "giveUp"),
        (422, "giveUp"),
        (425, "retry"), (429, "retry"), (500, "retry"), (503, "retry"),
    ])
    func statusesDecide(_ status: Int, _ outcome: String) async throws {
        let answer: @Sendable (TestServer.Received) -> HTTPResponse = { _ in
            HTTPResponse(status: status, headers: [("Retry-After", "7"), ("Location", "/hush")])
        }
        try await withTestServer(answer) { server in
            let channel = try SlackChannel(url: server.url, addresses: .any, client: HTTPClient())
            let delivered = await channel.deliver(Self.plain)
            #expect("\(delivered)".hasPrefix(outcome), "\(delivered)")
            if case .retry(_, let wait) = delivered { #expect(wait == .seconds(7)) }
            #expect(server.received.count == 1)
        }
    }

    @Test func aWaitIsBoundedAndANumber() async throws {
        for (header, wait) in [("99999999", Duration.seconds(3_600)), ("soon", nil), ("-1", nil), ("0", .zero)] {
            try await withTestServer({ _ in HTTPResponse(status: 429, headers: [("Retry-After", header)]) }) { server in
                let channel = try SlackChannel(url: server.url, addresses: .any, client: HTTPClient())
                guard case .retry(_, let found) = await channel.deliver(Self.plain) else { throw TestFailure(header) }
                #expect(found == wait)
            }
        }
    }

    @Test func webhooksSayWhatHappened() async throws {
        let notification = OutgoingNotification(
            id: "e1",
            kind: "new-offer",
            at: .init(milliseconds: 0),
            recipient: NotificationRecipient(userID: "u1"),
            content: .example,
            data: #"{"offer":{"amount":1.50}}"#
        )
        try await withTestServer({ _ in HTTPResponse(status: 200) }) { server in
            let signer = try WebhookSigner(secrets: [WebhookSigner.secret([UInt8](repeating: 7, count: 32))])
            let channel = try WebhookChannel(
                url: server.url,
                addresses: .any,
                signer: signer,
                client: HTTPClient(),
                now: { .init(milliseconds: 1_500) }
            )
            _ = await channel.deliver(notification)
            let request = try #require(server.received.first)
            let body = """
                {"type":"new-offer","timestamp":"1970-01-01T00:00:00.000Z","recipient":{"user_id":"u1"},\
                "notification":{"title":"Hush","text":"Hush & hush"},"data":{"offer":{"amount":1.50}}}
                """
            #expect(String(decoding: request.body, as: UTF8.self) == body)
            let id = try #require(request.head[header: "webhook-id"])
            for (name, value) in signer.headers(id: id, at: .init(milliseconds: 1_500), body: request.body) {
                #expect(request.head[header: name] == value)
            }
        }
    }

    @Test func forbiddenAddressesStopTheChannel() async throws {
        #expect(throws: OutgoingAddressError.forbidden) {
            try SlackChannel(url: "http://127.0.0.1/hush", addresses: .publicOnly, client: HTTPClient())
        }
        try await withTestServer({ _ in HTTPResponse(status: 200) }) { server in
            // Accepted while it is allowed, as a name that led elsewhere would be; judged again when connecting.
            let lan = AddressPolicy.publicOnly(or: [AddressRange("::1")].compactMap(\.self))
            let channel = try SlackChannel(
                url: "http://localhost:\(server.port)/",
                addresses: lan,
                client: HTTPClient()
            )
            let outcome = await channel.deliver(Self.plain)
            #expect("\(outcome)".hasPrefix("misconfigured") || "\(outcome)".hasPrefix("retry"), "\(outcome)")
            #expect(server.received.isEmpty)
        }
    }

    private static let plain = OutgoingNotification(
        id: "e1",
        kind: "k",
        at: .init(milliseconds: 0),
        content: NotificationContent(subject: "S", text: "T")
    )
}
