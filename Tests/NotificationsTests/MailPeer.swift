import Foundation
import HTTPClient
import TestSupport

/// A mail as the other side read it.
struct ReceivedMail: Decodable, Sendable {
    let headers: [String]
    /// Name and address of each.
    let from: [[String]]
    let to: [[String]]
    let replyTo: [[String]]
    let subject: String
    let messageID: String
    let date: String
    let autoSubmitted: String
    let contentType: String
    /// Type and content of each.
    let parts: [[String]]
    let defects: [String]
    let longestLine: Int
    /// In US-ASCII, without a CR or LF alone.
    let isClean: Bool

    // What a server knows besides.
    let sender: String?
    let recipients: [String]?
    let isEncrypted: Bool?
    let greeting: String?
    let user: String?

    /// With line ends as Swift has them.
    func content(_ type: String) -> String? {
        parts.first { $0[0] == type }.map { $0[1].replacing("\r\n", with: "\n") }
    }
}

/// A real mail server (aiosmtpd) on loopback, ended with its last owner.
final class MailPeer: Sendable {
    enum Mode: String, Sendable { case clear, starttls, implicit }

    static let user = "ada@example.com"
    static let password = "hush hush/@:?"

    let port: Int
    /// Holds the test's own authority.
    let authorityFile: String
    private let process: ChildProcess
    private let folder: TemporaryFolder

    init(_ mode: Mode, authenticates: Bool = false) async throws {
        folder = try TemporaryFolder()
        authorityFile = folder.path("ca.pem")
        var arguments = [scriptPath("mail_peer.py"), "serve", mode.rawValue]
        try await Self.makeCertificates(in: folder)
        arguments += ["--certificate", folder.path("server.pem"), "--key", folder.path("server.key")]
        if authenticates { arguments += ["--user", Self.user, "--password", Self.password] }
        process = try await ChildProcess(try await peerPython(), arguments)
        let line = try await process.line(containing: "port")
        port = try JSONDecoder().decode([String: Int].self, from: Data(line.utf8))["port"] ?? 0
    }

    func server(_ scheme: String = "smtp", credentials: String = "", options: String? = nil) throws -> SMTPServer {
        let options = options ?? "ca=\(authorityFile)"
        return try SMTPServer(url: "\(scheme)://\(credentials)127.0.0.1:\(port)/client.test?\(options)")
    }

    /// The next mail that it was given.
    func received() async throws -> ReceivedMail {
        let line = try await process.line(containing: "{")
        return try JSONDecoder().decode(ReceivedMail.self, from: Data(line.utf8))
    }

    private static func makeCertificates(in folder: TemporaryFolder) async throws {
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-x509"]
        try await openssl(
            ["req"] + key + [
                "-keyout", folder.path("ca.key"), "-out", folder.path("ca.pem"), "-subj", "/CN=Test authority",
            ]
        )
        try await openssl(
            ["req"] + key + [
                "-keyout", folder.path("server.key"), "-out", folder.path("server.pem"), "-subj", "/CN=Test server",
                "-addext", "subjectAltName=IP:127.0.0.1,DNS:mail.test", "-addext", "basicConstraints=critical,CA:FALSE",
                "-CA", folder.path("ca.pem"), "-CAkey", folder.path("ca.key"),
            ]
        )
    }

    private static func openssl(_ arguments: [String]) async throws {
        let process = try await ChildProcess("/usr/bin/openssl", arguments)
        guard await process.wait() == 0 else { throw TestFailure("openssl: \(await process.wholeErrorOutput())") }
    }
}

/// A script beside the tests.
func scriptPath(_ name: String) -> String { repositoryRoot.appending(path: "Tests/NotificationsTests/\(name)").path }

/// Has Python's own library read mails.
func parsed(_ mails: [[UInt8]]) async throws -> [ReceivedMail] {
    let folder = try TemporaryFolder()
    let lines = mails.map { Data($0).base64EncodedString() }.joined(separator: "\n")
    try Data(lines.utf8).write(to: folder.url.appending(path: "mails"))
    let process = try await ChildProcess(
        try await peerPython(),
        [scriptPath("mail_peer.py"), "parse", folder.path("mails")]
    )
    var received: [ReceivedMail] = []
    for await line in process.lines {
        received.append(try JSONDecoder().decode(ReceivedMail.self, from: Data(line.utf8)))
    }
    guard await process.wait() == 0 else { throw TestFailure(await process.wholeErrorOutput()) }
    return received
}
