import Foundation
package import HTTPClient

/// A mail as the other side read it.
package struct ReceivedMail: Decodable, Sendable {
    package let headers: [String]
    /// Name and address of each.
    package let from: [[String]]
    package let to: [[String]]
    package let replyTo: [[String]]
    package let subject: String
    package let messageID: String
    package let date: String
    package let autoSubmitted: String
    package let contentType: String
    /// Type and content of each.
    package let parts: [[String]]
    package let defects: [String]
    package let longestLine: Int
    /// In US-ASCII, without a CR or LF alone.
    package let isClean: Bool

    // What a server knows besides.
    package let sender: String?
    package let recipients: [String]?
    package let isEncrypted: Bool?
    package let greeting: String?
    package let user: String?

    /// With line ends as Swift has them.
    package func content(_ type: String) -> String? {
        parts.first { $0[0] == type }.map { $0[1].replacing("\r\n", with: "\n") }
    }
}

/// A real mail server (aiosmtpd) on loopback, ended with its last owner.
package final class MailPeer: Sendable {
    package enum Mode: String, Sendable { case clear, starttls, implicit }

    package static let user = "ada@example.com"
    package static let password = "hush hush/@:?"

    package let port: Int
    /// Holds the test's own authority.
    package let authorityFile: String
    /// Also reads mails from a file: see there.
    package static let script = repositoryRoot.appending(path: "Tests/TestSupport/mail_peer.py").path

    private let process: ChildProcess
    private let folder: TemporaryFolder

    package init(_ mode: Mode, authenticates: Bool = false) async throws {
        folder = try TemporaryFolder()
        authorityFile = folder.path("ca.pem")
        var arguments = [Self.script, "serve", mode.rawValue]
        try await Self.makeCertificates(in: folder)
        arguments += ["--certificate", folder.path("server.pem"), "--key", folder.path("server.key")]
        if authenticates { arguments += ["--user", Self.user, "--password", Self.password] }
        process = try await ChildProcess(try await peerPython(), arguments)
        let line = try await process.line(containing: "port")
        port = try JSONDecoder().decode([String: Int].self, from: Data(line.utf8))["port"] ?? 0
    }

    package func server(_ scheme: String = "smtp", credentials: String = "", options: String? = nil) throws
        -> SMTPServer
    {
        let options = options ?? "ca=\(authorityFile)"
        return try SMTPServer(url: "\(scheme)://\(credentials)127.0.0.1:\(port)/client.test?\(options)")
    }

    /// The next mail that it was given.
    package func received() async throws -> ReceivedMail {
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
