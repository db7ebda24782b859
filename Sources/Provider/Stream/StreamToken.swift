package import Chat
package import Crypto
import JSON

/// The tokens that Stream's API and its clients are asked with: JSON Web Tokens signed with the app's secret.
///
/// The same bytes as the provider's own libraries make. Source: RFC 7519; PyPI `stream-chat`, `create_token`.
package enum StreamToken {
    /// For this server's own calls; never expires, so never hand it out.
    package static func server(signedBy key: HMACSHA256) -> String {
        token(key) { $0.field("server", true) }
    }

    /// For one user's client.
    ///
    /// - Parameters:
    ///   - issuedAt: without it, revoking the user's tokens makes this one invalid, too; whole seconds.
    ///   - expiresAt: whole seconds; without it the token is good until it is revoked.
    package static func user(
        _ id: String,
        issuedAt: Timestamp? = nil,
        expiresAt: Timestamp? = nil,
        signedBy key: HMACSHA256
    ) -> String {
        token(key) {
            $0.field("user_id", id)
            if let expiresAt { $0.field("exp", expiresAt.nanoseconds / 1_000_000_000) }
            if let issuedAt { $0.field("iat", issuedAt.nanoseconds / 1_000_000_000) }
        }
    }

    private static func token(_ key: HMACSHA256, _ claims: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter(capacity: 128)
        writer.object(claims)
        return JWT.sign(writer.text, with: key)
    }
}
