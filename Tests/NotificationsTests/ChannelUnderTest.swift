import Chat
import Foundation
import HTTPClient
import HTTPServer
import Limits
import Notifications
import TestSupport

/// A channel, and another side that does as it is told.
struct ChannelUnderTest {
    enum Kind: String, CaseIterable { case mail, webhook, slack }

    /// What the other side does.
    enum Behaviour: CaseIterable {
        case accepts, busy, refuses, unauthorised
        /// Takes the notification and then says nothing, or hangs up.
        case silent
        case absent
    }

    let channel: any NotificationChannel
    /// Ids of what the other side was given.
    let ids: () async throws -> [String]
    private let mailbox: String
    private let end: () async -> Void

    func notification(_ id: String = "effect/hush/1", content: NotificationContent? = .example) -> OutgoingNotification
    {
        OutgoingNotification(
            id: id,
            kind: "new-offer",
            at: Timestamp(milliseconds: 1_795_252_896_789),
            recipient: NotificationRecipient(userID: "u1", name: "Hush\r\nBcc: x", email: "\(mailbox)@hush.example"),
            content: content,
            data: #"{"secret":"hush"}"#
        )
    }

    static func with(_ kind: Kind, that behaviour: Behaviour, _ body: (ChannelUnderTest) async throws -> Void)
        async throws
    {
        let channel = try await kind == .mail ? mail(behaviour) : http(kind, behaviour)
        do {
            try await body(channel)
        } catch {
            await channel.end()
            throw error
        }
        await channel.end()
    }

    private static func mail(_ behaviour: Behaviour) async throws -> ChannelUnderTest {
        let peer = try await MailPeer(.starttls, authenticates: behaviour == .unauthorised)
        let credentials = behaviour == .unauthorised ? "ada:hush@" : ""
        let server =
            try behaviour == .absent
            ? SMTPServer(url: "smtp://127.0.0.1:\(closedPort())") : peer.server(credentials: credentials)
        let mailbox =
            switch behaviour {
            case .busy: "rcpt-451"
            case .refuses: "rcpt-550"
            case .silent: "cut"
            default: "one"
            }
        return ChannelUnderTest(
            channel: MailChannel(client: SMTPClient(server: server), sender: try MailAddress("from@example.com")),
            ids: { [try await peer.received().messageID, try await peer.received().messageID] },
            mailbox: mailbox,
            end: { withExtendedLifetime(peer) {} }
        )
    }

    private static func http(_ kind: Kind, _ behaviour: Behaviour) async throws -> ChannelUnderTest {
        let status =
            switch behaviour {
            case .busy: 503
            case .refuses: 400
            case .unauthorised: 401
            default: 200
            }
        let server = try TestServer { _ in HTTPResponse(status: status, body: Array("hush".utf8)) }
        let silent = try SilentServer()
        let url =
            switch behaviour {
            case .silent: "\(silent.url)/hush"
            case .absent: "http://127.0.0.1:\(try closedPort())/hush"
            default: "\(server.url)/hush"
            }
        var limits = Limits.Notifications()
        if behaviour == .silent { limits.webhookMilliseconds = 100 }
        let channel: any NotificationChannel =
            if kind == .slack {
                try SlackChannel(url: url, addresses: .any, client: HTTPClient(), limits: limits)
            } else {
                try WebhookChannel(
                    url: url,
                    addresses: .any,
                    signer: try WebhookSigner(secrets: [WebhookSigner.secret([UInt8](repeating: 7, count: 32))]),
                    client: HTTPClient(),
                    limits: limits,
                    now: { Timestamp(milliseconds: 1_795_252_900_000) }
                )
            }
        return ChannelUnderTest(
            channel: channel,
            // Slack has no id: the body stands for it.
            ids: { server.received.map { $0.head[header: "webhook-id"] ?? String(decoding: $0.body, as: UTF8.self) } },
            mailbox: "one",
            end: {
                withExtendedLifetime(silent) {}
                await server.stop()
            }
        )
    }
}

extension NotificationContent {
    static let example = NotificationContent(subject: "Hush", text: "Hush & hush", html: "<p>Hush</p>")
}
