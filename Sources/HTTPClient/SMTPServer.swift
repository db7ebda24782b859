/// A mail server and how to speak with it, as `SMTP_URL` names it.
///
/// `smtp://` begins in the clear, on port 587 unless given, and turns to TLS (STARTTLS, RFC 3207); `smtps://` is TLS from the
/// first byte (RFC 8314), on port 465. A path is the name we greet with.
package struct SMTPServer: Sendable, Equatable, CustomStringConvertible {
    package enum StartTLS: String, Sendable, CaseIterable {
        /// Mail and password are sent encrypted or not at all.
        case required
        /// Encrypted when the server offers it, which an attacker on the way can prevent.
        case optional
        case off
    }

    package let host: String
    package let port: Int
    /// TLS from the first byte.
    package let isTLS: Bool
    package let startTLS: StartTLS
    /// The file of the authorities that may have signed the server's certificate; `nil` is the system's.
    package let authorityFile: String?
    /// What we call ourselves in `EHLO`; `nil` is this machine's name.
    let greeting: String?
    let user: String?
    let password: String?

    /// - Throws: ``SMTPServerError`` with what is allowed; it names no part of the URL.
    package init(url: String) throws(SMTPServerError) {
        let parts: URLParts
        do throws(OutgoingAddressError) { parts = try URLParts(url) } catch { throw .malformed }
        guard let scheme = parts.scheme, ["smtp", "smtps"].contains(scheme), let host = parts.host, !host.isEmpty else {
            throw .malformed
        }
        guard let pairs = parts.pairs, Set(pairs.map(\.name)).count == pairs.count,
            pairs.allSatisfy({ ["starttls", "ca"].contains($0.name) })
        else { throw .option }
        let wanted = pairs.first { $0.name == "starttls" }?.value
        isTLS = scheme == "smtps"
        guard let startTLS = StartTLS(rawValue: wanted ?? "required"), !isTLS || wanted == nil else { throw .startTLS }
        guard (parts.user == nil) == (parts.password == nil) else { throw .credentials }
        guard parts.user == nil || isTLS || startTLS == .required else { throw .clearPassword }

        self.host = host
        self.startTLS = startTLS
        port = parts.port ?? (isTLS ? 465 : 587)
        authorityFile = pairs.first { $0.name == "ca" }?.value
        let path = parts.path?.dropFirst() ?? ""
        guard path.utf8.allSatisfy(Self.isHostByte) else { throw .greeting }
        greeting = path.isEmpty ? nil : String(path)
        (user, password) = (parts.user, parts.password)
    }

    /// Scheme, host and port: what a log line may show.
    package var description: String { "\(isTLS ? "smtps" : "smtp")://\(host):\(port)" }

    /// What libcurl connects to.
    var address: String { "\(description)/\(greeting ?? "")" }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}

/// Why a URL names no mail server that we could use.
package enum SMTPServerError: Error, Equatable, CustomStringConvertible {
    case malformed
    case option
    case startTLS
    case credentials
    case clearPassword
    case greeting

    package var description: String {
        switch self {
        case .malformed:
            "not a mail server; give smtp://USER:PASSWORD@HOST:PORT or smtps://…, special characters as %XX"
        case .option: "an option that there is not, or twice; there are starttls=required|optional|off and ca=FILE"
        case .startTLS:
            "starttls is required, optional or off, and has no meaning with smtps://, which is always encrypted"
        case .credentials: "a user without a password, or the reverse; give both or neither"
        case .clearPassword: "a password that may go unencrypted; use smtps:// or starttls=required"
        case .greeting: "the path is the name to greet the server with; give a host name or leave it out"
        }
    }
}
