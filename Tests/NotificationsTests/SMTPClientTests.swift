import Foundation
import HTTPClient
import Limits
import TestSupport
import Testing

/// Against a real mail server.
struct SMTPClientTests {
    static let message = Array("Subject: x\r\nDate: Sat, 21 Nov 2026 09:21:36 +0000\r\n\r\n.dot\r\n..\r\n".utf8)

    static func mail(to name: String) -> SMTPMail {
        SMTPMail(sender: "from@example.com", recipients: ["\(name)@example.com"], message: message)
    }

    static let credentials: String = {
        let allowed = CharacterSet.alphanumerics
        let parts = [MailPeer.user, MailPeer.password].compactMap {
            $0.addingPercentEncoding(withAllowedCharacters: allowed)
        }
        return parts.joined(separator: ":") + "@"
    }()

    @Test func sendsEncryptedAndAuthenticated() async throws {
        for (mode, scheme) in [(MailPeer.Mode.starttls, "smtp"), (.implicit, "smtps")] {
            let peer = try await MailPeer(mode, authenticates: true)
            let client = SMTPClient(server: try peer.server(scheme, credentials: Self.credentials))
            for name in ["one", "two"] {
                let reply = try await client.send(Self.mail(to: name))
                #expect(reply == SMTPReply(code: 250, status: "2.0.0"))
                let received = try await peer.received()
                #expect(received.sender == "from@example.com")
                #expect(received.recipients == ["\(name)@example.com"])
                #expect(received.isEncrypted == true && received.user == MailPeer.user)
                #expect(received.greeting == "client.test")
                #expect(received.content("text/plain") == ".dot\n..\n")
            }
        }
    }

    @Test func sendsInTheClearOnlyWhenAllowed() async throws {
        let peer = try await MailPeer(.clear)
        for option in ["starttls=off", "starttls=optional"] {
            _ = try await SMTPClient(server: peer.server(options: option)).send(Self.mail(to: "one"))
            let received = try await peer.received()
            #expect(received.isEncrypted == false)
        }
        let error = await Self.failure(try peer.server(), to: "one")
        #expect(error?.kind == .misconfigured)
    }

    @Test func optionalEncryptionIsUsed() async throws {
        let peer = try await MailPeer(.starttls)
        let server = try peer.server(options: "starttls=optional&ca=\(peer.authorityFile)")
        _ = try await SMTPClient(server: server).send(Self.mail(to: "one"))
        let received = try await peer.received()
        #expect(received.isEncrypted == true)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let name: String
        let kind: SMTPError.Kind
        let reply: String?
        var mayHaveBeenSent = false
        var testDescription: String { name }
    }

    @Test(arguments: [
        Refusal(name: "rcpt-550", kind: .refused, reply: "550 5.7.1"),
        Refusal(name: "rcpt-450", kind: .temporary, reply: "450 4.7.1"),
        Refusal(name: "data-554", kind: .refused, reply: "554 5.7.1"),
        Refusal(name: "data-452", kind: .temporary, reply: "452 4.7.1"),
        Refusal(name: "rcpt-530", kind: .misconfigured, reply: "530 5.7.1"),
        Refusal(name: "cut", kind: .temporary, reply: nil, mayHaveBeenSent: true),
    ])
    func repliesDecide(_ example: Refusal) async throws {
        let peer = try await MailPeer(.starttls)
        let client = SMTPClient(server: try peer.server())
        let error = await #expect(throws: SMTPError.self) { try await client.send(Self.mail(to: example.name)) }
        #expect(error?.kind == example.kind, "\(error?.description ?? "")")
        #expect(error?.reply?.description == example.reply)
        #expect(error?.mayHaveBeenSent == example.mayHaveBeenSent)
        Self.expectNoSecret(error)
        // The connection, or a new one, serves the next mail.
        _ = try await client.send(Self.mail(to: "one"))
    }

    @Test func authenticationFailsAsMisconfiguration() async throws {
        let peer = try await MailPeer(.starttls, authenticates: true)
        let wrong = await Self.failure(try peer.server(credentials: "ada:hush@"), to: "one")
        #expect(wrong?.kind == .misconfigured && wrong?.reply?.code == 535, "\(wrong?.description ?? "")")
        let none = await Self.failure(try peer.server(), to: "one")
        #expect(none?.kind == .misconfigured && none?.reply?.code == 530, "\(none?.description ?? "")")
        let open = try await MailPeer(.starttls)
        let unoffered = await Self.failure(try open.server(credentials: "ada:hush@"), to: "one")
        #expect(unoffered == nil || unoffered?.kind == .misconfigured, "\(unoffered?.description ?? "")")
    }

    @Test func certificatesAreChecked() async throws {
        let (peer, stranger) = (try await MailPeer(.starttls), try await MailPeer(.implicit))
        let unknown = await Self.failure(try peer.server(options: "starttls=required"), to: "one")
        #expect(unknown?.kind == .misconfigured, "\(unknown?.description ?? "")")
        let other = await Self.failure(try stranger.server("smtps", options: "ca=\(peer.authorityFile)"), to: "one")
        #expect(other?.kind == .misconfigured, "\(other?.description ?? "")")
        let url = "smtp://localhost:\(peer.port)?ca=\(peer.authorityFile)"
        let misnamed = await Self.failure(try SMTPServer(url: url), to: "one")
        #expect(misnamed?.kind == .misconfigured, "\(misnamed?.description ?? "")")
        let missing = await Self.failure(try peer.server(options: "ca=/none/hush"), to: "one")
        #expect(missing?.kind == .misconfigured, "\(missing?.description ?? "")")
        for error in [unknown, other, misnamed, missing] {
            #expect(error?.mayHaveBeenSent == false)
            Self.expectNoSecret(error)
        }
    }

    @Test func nobodyThereIsTemporary() async throws {
        let error = await Self.failure(try SMTPServer(url: "smtp://127.0.0.1:\(try closedPort())"), to: "one")
        #expect(error?.kind == .temporary && error?.mayHaveBeenSent == false, "\(error?.description ?? "")")
        let silent = try SilentServer()
        var limits = Limits.SMTP()
        limits.mailMilliseconds = 50
        let server = try SMTPServer(url: "smtp://127.0.0.1:\(silent.port)")
        let slow = await Self.failure(server, to: "one", limits)
        #expect(slow?.kind == .temporary && slow?.mayHaveBeenSent == false, "\(slow?.description ?? "")")
        let task = Task { try await SMTPClient(server: server).send(Self.mail(to: "one")) }
        task.cancel()
        let cancelled = await #expect(throws: SMTPError.self) { try await task.value }
        #expect(cancelled?.kind == .cancelled)
    }

    @Test func envelopesAreChecked() async throws {
        let server = try SMTPServer(url: "smtp://127.0.0.1:\(try closedPort())")
        var limits = Limits.SMTP()
        (limits.recipients, limits.mailBytes) = (2, 100)
        let good = "a@example.com"
        let cases = [
            SMTPMail(sender: good, recipients: [], message: Self.message),
            SMTPMail(sender: good, recipients: [good, good, good], message: Self.message),
            SMTPMail(sender: good, recipients: ["a@example.com>\r\nRCPT TO:<hush@example.com"], message: Self.message),
            SMTPMail(sender: "hush\u{0}@example.com", recipients: [good], message: Self.message),
            SMTPMail(sender: good, recipients: ["hüsh@example.com"], message: Self.message),
            SMTPMail(sender: good, recipients: ["hush"], message: Self.message),
            SMTPMail(sender: good, recipients: [good], message: [UInt8](repeating: 65, count: 101)),
        ]
        for mail in cases {
            let client = SMTPClient(server: server, limits: limits)
            let error = await #expect(throws: SMTPError.self) { try await client.send(mail) }
            #expect(error?.kind == .invalidMail)
            Self.expectNoSecret(error)
        }
    }

    private static func failure(
        _ server: SMTPServer,
        to name: String,
        _ limits: Limits.SMTP = Limits.SMTP()
    ) async -> SMTPError? {
        do throws(SMTPError) {
            _ = try await SMTPClient(server: server, limits: limits).send(mail(to: name))
            return nil
        } catch {
            return error
        }
    }

    /// Of passwords, addresses, content and the server's own text there is nothing.
    private static func expectNoSecret(_ error: SMTPError?) {
        let text = error.map { "\($0) \(String(reflecting: $0))" } ?? ""
        #expect(!text.contains("hush") && !text.contains("example.com") && !text.contains("dot"), "\(text)")
    }
}
