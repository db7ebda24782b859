import Chat
import Crypto
import Limits

/// Sessions of people who signed in with a key in a browser, which then holds the session instead of the key.
///
/// A session says which key it came of and until when, signed with what all nodes know. Nothing of it is stored: who may
/// what is asked of the key itself at each request, so a key that is revoked ends its sessions.
struct Sessions: Sendable {
    struct Session: Sendable, Equatable {
        /// `nil` for the key of the configuration.
        let keyID: String?
        let expires: Timestamp
    }

    private let signature: HMACSHA256
    private let seconds: Int64

    /// - Parameters:
    ///   - secret: what all nodes know; without one sessions end with the process.
    ///   - bootstrapDigest: of the configuration's key, which ends the sessions of the one before when it is changed.
    init(secret: String?, bootstrapDigest: [UInt8]?, limits: Limits.Dashboard) {
        let root = secret.map { Array($0.utf8) } ?? (try? randomBytes(SHA256.byteCount)) ?? []
        // A secret that also signs other things signs nothing of theirs here.
        let derived = HMACSHA256(key: root).sign(Array("backchannel session".utf8) + (bootstrapDigest ?? []))
        signature = HMACSHA256(key: derived)
        seconds = Int64(limits.sessionSeconds)
    }

    func begin(_ keyID: String?, at now: Timestamp) -> (token: String, session: Session) {
        let expires = Timestamp(nanoseconds: (now.milliseconds / 1_000 + seconds) * 1_000_000_000)
        let claims = "\(Self.version).\(keyID ?? Self.bootstrap).\(expires.milliseconds / 1_000)"
        return ("\(claims).\(code(claims))", Session(keyID: keyID, expires: expires))
    }

    /// `nil` for what this service never gave, and for what is over.
    func session(in token: String, at now: Timestamp) -> Session? {
        guard token.utf8.count <= Self.mostBytes else { return nil }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == Self.version, let end = Int64(parts[2]) else { return nil }
        let expected = code(parts[..<3].joined(separator: "."))
        guard constantTimeEquals(Array(parts[3].utf8), Array(expected.utf8)) else { return nil }
        guard now.milliseconds < end * 1_000 else { return nil }
        let keyID = parts[1] == Self.bootstrap ? nil : String(parts[1])
        return Session(keyID: keyID, expires: Timestamp(nanoseconds: end * 1_000_000_000))
    }

    private func code(_ claims: String) -> String { Base64URL.encode(signature.sign(Array(claims.utf8))) }

    private static let version = "1"
    /// No key has such an id: theirs are hexadecimal.
    private static let bootstrap = "ADMIN_API_KEY"
    private static let mostBytes = 256
}
