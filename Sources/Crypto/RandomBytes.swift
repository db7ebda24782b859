import COpenSSL

/// The operating system gave no randomness: nothing that must be unguessable can be made.
package struct RandomnessUnavailable: Error, CustomStringConvertible {
    package var description: String {
        "draw random bytes: OpenSSL's generator has no entropy. Check that the process may read the system's generator."
    }
}

/// Cryptographically strong random bytes, for keys and identifiers.
package func randomBytes(_ count: Int) throws(RandomnessUnavailable) -> [UInt8] {
    precondition(count >= 0 && count <= Int32.max, "randomBytes: count out of range")
    var bytes = [UInt8](repeating: 0, count: count)
    guard RAND_bytes(&bytes, Int32(count)) == 1 else { throw RandomnessUnavailable() }
    return bytes
}
