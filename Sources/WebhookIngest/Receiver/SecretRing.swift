package import Chat
import Crypto
import Synchronization

/// When a secret last verified something, so that an operator can see when an old one may go.
package struct SecretUse: Sendable, Equatable {
    package let apiKey: String?
    /// `nil`: nothing since the start.
    package let lastUsed: Timestamp?
}

/// Every configured secret, ready to verify.
final class SecretRing: Sendable {
    private final class Entry: Sendable {
        let apiKey: String?
        let code: HMACSHA256
        /// Nanoseconds since 1970; the least value for never.
        let lastUsed = Atomic(Int64.min)

        init(_ secret: SigningSecret) {
            apiKey = secret.apiKey
            code = HMACSHA256(key: secret.secret)
        }

        func verifies(_ signature: [UInt8], of body: [UInt8]) -> Bool {
            constantTimeEquals(code.sign(body), signature)
        }
    }

    private let entries: [Entry]

    init(_ secrets: [SigningSecret]) { entries = secrets.map(Entry.init) }

    /// The configured key whose secret signed `body`, tried first if `apiKey` names it; `.some(nil)` for a secret
    /// without a key, `nil` if none did.
    func signer(of body: [UInt8], signature: [UInt8], apiKey: String?, now: Timestamp) -> String?? {
        let named = apiKey == nil ? nil : entries.first { $0.apiKey == apiKey && $0.verifies(signature, of: body) }
        // Among the rest, those that `apiKey` names were tried already.
        let found =
            named
            ?? entries.first {
                (apiKey == nil || $0.apiKey != apiKey) && $0.verifies(signature, of: body)
            }
        guard let found else { return nil }
        found.lastUsed.store(now.nanoseconds, ordering: .relaxed)
        return .some(found.apiKey)
    }

    var uses: [SecretUse] {
        entries.map { entry in
            let time = entry.lastUsed.load(ordering: .relaxed)
            return SecretUse(apiKey: entry.apiKey, lastUsed: time == .min ? nil : Timestamp(nanoseconds: time))
        }
    }
}
