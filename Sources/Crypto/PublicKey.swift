import COpenSSL

/// A public key that signatures are verified with: RSA, or P-256.
///
/// `@unchecked Sendable`: OpenSSL's key is not changed after it was read, and any number of threads may verify with it.
/// Source: OpenSSL 3.0, openssl-threads(7).
package final class PublicKey: @unchecked Sendable {
    package enum Kind: Sendable { case rsa, p256 }

    package let kind: Kind
    private let key: OpaquePointer

    /// Reads a PEM text with a `PUBLIC KEY` or a `CERTIFICATE`, whose dates and issuer are not looked at.
    package init(pem: [UInt8]) throws(PublicKeyError) {
        let text = String(decoding: pem, as: UTF8.self)
        guard !text.contains("PRIVATE KEY-----") else { throw .privateKey }
        guard let key = Self.read(pem, isCertificate: text.contains("-----BEGIN CERTIFICATE-----")) else {
            ERR_clear_error()
            throw .unreadable
        }
        do throws(PublicKeyError) { kind = try Self.kind(of: key) } catch {
            EVP_PKEY_free(key)
            throw error
        }
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    /// Whether `signature` is one of `message`: RSASSA-PKCS1-v1_5, or ECDSA in DER, in both cases with SHA-256.
    func verifies(_ signature: [UInt8], of message: ArraySlice<UInt8>) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()  // a wrong signature leaves its reasons in this thread's queue
        }
        guard EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1 else { return false }
        return message.withUnsafeBufferPointer {
            EVP_DigestVerify(context, signature, signature.count, $0.baseAddress, $0.count) == 1
        }
    }

    private static func read(_ pem: [UInt8], isCertificate: Bool) -> OpaquePointer? {
        guard let bytes = BIO_new_mem_buf(pem, Int32(clamping: pem.count)) else { return nil }
        defer { BIO_free(bytes) }
        guard isCertificate else { return PEM_read_bio_PUBKEY(bytes, nil, nil, nil) }
        guard let certificate = PEM_read_bio_X509(bytes, nil, nil, nil) else { return nil }
        defer { X509_free(certificate) }
        return X509_get_pubkey(certificate)
    }

    private static func kind(of key: OpaquePointer) throws(PublicKeyError) -> Kind {
        if EVP_PKEY_is_a(key, "RSA") == 1 {
            let bits = Int(EVP_PKEY_get_bits(key))
            guard bits >= rsaBitsLeast else { throw .tooSmall(bits: bits, least: rsaBitsLeast) }
            return .rsa
        }
        guard EVP_PKEY_is_a(key, "EC") == 1 else { throw .unknownKind }
        var name = [CChar](repeating: 0, count: 64)
        guard EVP_PKEY_get_group_name(key, &name, name.count, nil) == 1,
            String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) == "prime256v1"
        else { throw .unknownKind }
        return .p256
    }

    /// Source: RFC 7518, section 3.3.
    private static let rsaBitsLeast = 2_048
}

/// Why a text is not a key to verify with; holds nothing of it.
package enum PublicKeyError: Error, Equatable, CustomStringConvertible {
    case unreadable
    case privateKey
    case tooSmall(bits: Int, least: Int)
    case unknownKind

    package var description: String {
        switch self {
        case .unreadable:
            "no public key in PEM was found; expected -----BEGIN PUBLIC KEY----- or -----BEGIN CERTIFICATE-----"
        case .privateKey:
            "the text holds a private key; give the public one alone: openssl pkey -in private.pem -pubout"
        case .tooSmall(let bits, let least): "the RSA key has \(bits) bits; at least \(least) are needed"
        case .unknownKind: "the key is neither RSA nor of the curve P-256"
        }
    }
}
