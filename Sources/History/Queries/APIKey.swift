package import Chat
import Crypto
import MongoDB

/// What a key may do.
///
/// `docs/api.md` says which route asks for which.
package enum APIRole: String, Sendable, CaseIterable { case admin, moderator, analyst, service }

/// An API key as it is kept: never its secret.
package struct APIKey: Sendable, Equatable {
    package let id: String
    package let name: String
    package let role: APIRole
    package let created: Timestamp
    package let revoked: Timestamp?
    /// The start of the UTC day of the last use that was noted.
    package let lastUsed: Timestamp?
    /// SHA-256 of the secret.
    let digest: [UInt8]

    init?(_ document: BSONDocument) {
        guard let id = document.string("_id"), let digest = document.binary("secret_sha256"),
            let role = document.string("role").flatMap(APIRole.init), let created = document.time("created")
        else { return nil }
        (self.id, self.digest, self.role, self.created) = (id, digest, role, created)
        name = document.string("name") ?? ""
        revoked = document.time("revoked")
        lastUsed = document.time("last_used")
    }

    /// Whether this is the key that `presented` claims to be, revoked or not.
    package func matches(_ presented: PresentedKey) -> Bool {
        presented.id == id && constantTimeEquals(presented.digest, digest)
    }
}

/// What a client showed: `bc_<id>_<secret>`.
package struct PresentedKey: Sendable, Hashable {
    package let id: String
    /// SHA-256 of the secret.
    let digest: [UInt8]

    static let prefix = "bc"
    static let idBytes = 6
    static let secretBytes = 32

    /// `nil` for what no key looks like.
    package init?(_ text: String) {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == Self.prefix, Hex.decode(String(parts[1]))?.count == Self.idBytes,
            Hex.decode(String(parts[2]))?.count == Self.secretBytes
        else { return nil }
        id = String(parts[1])
        digest = SHA256.digest(Array(parts[2].utf8))
    }
}
