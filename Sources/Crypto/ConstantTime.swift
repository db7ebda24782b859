import COpenSSL

/// Compares secrets in a time that depends on their lengths alone.
///
/// Different lengths are unequal.
package func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return CRYPTO_memcmp(left, right, left.count) == 0
}
