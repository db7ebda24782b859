import COpenSSL

/// The two forms of an ECDSA signature over P-256.
enum ECDSASignature {
    /// Of `r` and `s`, each as 32 bytes: what a JWT holds.
    ///
    /// Source: RFC 7518, section 3.4.
    static let rawBytes = 64

    /// The DER form, which OpenSSL wants; `nil` unless there are ``rawBytes``.
    static func der(raw: [UInt8]) -> [UInt8]? {
        guard raw.count == rawBytes, let signature = ECDSA_SIG_new() else { return nil }
        defer { ECDSA_SIG_free(signature) }
        let half = Int32(rawBytes / 2)
        let (r, s) = raw.withUnsafeBufferPointer { bytes in
            (BN_bin2bn(bytes.baseAddress, half, nil), BN_bin2bn(bytes.baseAddress.map { $0 + rawBytes / 2 }, half, nil))
        }
        guard ECDSA_SIG_set0(signature, r, s) == 1 else {  // which takes both over
            BN_free(r)
            BN_free(s)
            return nil
        }
        let count = i2d_ECDSA_SIG(signature, nil)
        guard count > 0 else { return nil }
        return [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, written in
            var place = buffer.baseAddress
            written = Int(max(0, i2d_ECDSA_SIG(signature, &place)))
        }
    }
}
