import Crypto

/// A value of an entry, of which the chain holds a commitment only: the value can be removed later and the chain still holds.
///
/// The commitment is HMAC-SHA256 of name and value under a random salt. Without the salt it says nothing of the value, not
/// even to whoever tries out every user's id; with it, it fits one value alone.
struct AuditValue: Sendable, Equatable {
    struct Opening: Sendable, Equatable {
        let value: String
        let salt: [UInt8]
    }

    let name: String
    let commitment: [UInt8]
    /// `nil` once it was erased.
    private(set) var opening: Opening?

    /// - Parameter salt: ``saltBytes`` random bytes, never used twice.
    init(_ name: String, _ value: String, salt: [UInt8]) {
        self.name = name
        commitment = Self.commitment(name, value, salt)
        opening = Opening(value: value, salt: salt)
    }

    init(_ name: String, commitment: [UInt8], opening: Opening?) {
        (self.name, self.commitment, self.opening) = (name, commitment, opening)
    }

    /// What is stored beside the commitment is what was committed to, or nothing.
    var holds: Bool {
        guard commitment.count == SHA256.byteCount else { return false }
        guard let opening else { return true }
        return opening.salt.count == Self.saltBytes
            && Self.commitment(name, opening.value, opening.salt) == commitment
    }

    mutating func erase() { opening = nil }

    /// The name cannot hold the byte between the two.
    private static func commitment(_ name: String, _ value: String, _ salt: [UInt8]) -> [UInt8] {
        HMACSHA256(key: salt).sign(Array(name.utf8) + [0] + Array(value.utf8))
    }

    static let saltBytes = 32
}
