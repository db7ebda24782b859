import Crypto

/// Tells addresses apart without showing them.
enum AddressDigest {
    static func of(_ address: String) -> String { Hex.encode(Array(SHA256.digest(Array(address.utf8)).prefix(8))) }
}
