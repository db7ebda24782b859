package import Chat
import Crypto

/// Signs outgoing webhooks so that the receiver can check where they come from, with any Standard Webhooks library.
///
/// Several secrets give several signatures, of which the receiver needs to know one: so a secret is changed without a gap.
/// Source: Standard Webhooks specification 1.0 (symmetric signatures, `v1`).
package struct WebhookSigner: Sendable {
    private let keys: [HMACSHA256]

    /// - Parameter secrets: `whsec_` and base64 of 24 to 64 bytes, the current one first.
    package init(secrets: [String]) throws(WebhookSecretError) {
        guard !secrets.isEmpty else { throw .missing }
        var keys: [HMACSHA256] = []
        for secret in secrets { keys.append(HMACSHA256(key: try Self.key(of: secret))) }
        self.keys = keys
    }

    /// A secret from random bytes, 24 to 64 of them.
    package static func secret(_ bytes: [UInt8]) -> String { prefix + Base64.encode(bytes) }

    /// - Parameters:
    ///   - id: the same in each attempt, without a full stop.
    ///   - time: of this attempt; receivers refuse one that differs from theirs by more than minutes.
    package func headers(id: String, at time: Timestamp, body: [UInt8]) -> [(name: String, value: String)] {
        let seconds = time.milliseconds / 1_000
        let content = Array("\(id).\(seconds).".utf8) + body
        let signatures = keys.map { "v1,\(Base64.encode($0.sign(content)))" }
        return [
            ("webhook-id", id), ("webhook-timestamp", "\(seconds)"),
            ("webhook-signature", signatures.joined(separator: " ")),
        ]
    }

    private static let prefix = "whsec_"

    private static func key(of secret: String) throws(WebhookSecretError) -> [UInt8] {
        guard secret.hasPrefix(prefix), let bytes = Base64.decode(String(secret.dropFirst(prefix.count))) else {
            throw .malformed
        }
        guard (24...64).contains(bytes.count) else { throw .length }
        return bytes
    }
}

/// Why a text is not a webhook's secret; holds nothing of it.
package enum WebhookSecretError: Error, Equatable, CustomStringConvertible {
    case missing
    case malformed
    case length

    package var description: String {
        switch self {
        case .missing: "no secret is set, so nobody could check where a webhook comes from; \(Self.advice)"
        case .malformed: "the secret is not whsec_ and base64; \(Self.advice)"
        case .length: "the secret has not 24 to 64 bytes; \(Self.advice)"
        }
    }

    private static let advice = "make one with: echo \"whsec_$(openssl rand -base64 32)\""
}
