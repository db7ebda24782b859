import COpenSSL

/// SHA-256.
///
/// Source: FIPS 180-4, computed by OpenSSL.
package enum SHA256 {
    package static let byteCount = 32

    /// The 32-byte digest of `bytes`.
    package static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var state = SHA256State()
        bytes.withUnsafeBytes { state.update($0) }
        return state.finished()
    }
}

/// A SHA-256 in progress.
///
/// A plain value: copying it copies the computation, which is what makes a keyed HMAC reusable.
struct SHA256State: Sendable {
    // OpenSSL's context holds no pointer, so a copy in another thread is independent.
    private var context = SHA256_CTX()

    init() { SHA256_Init(&context) }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        // The base address of an empty buffer may be nil, which the C function does not promise to take.
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        SHA256_Update(&context, base, bytes.count)
    }

    consuming func finished() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: SHA256.byteCount) { buffer, count in
            SHA256_Final(buffer.baseAddress, &context)
            count = SHA256.byteCount
        }
    }
}
