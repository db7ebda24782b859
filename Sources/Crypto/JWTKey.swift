/// How a JWT is signed.
///
/// Source: RFC 7518, section 3.1.
package enum JWTAlgorithm: String, Sendable, CaseIterable {
    case hs256 = "HS256"
    case rs256 = "RS256"
    case es256 = "ES256"
}

/// A key together with the one algorithm it is for: what a token says of itself never decides how it is verified.
package struct JWTKey: Sendable {
    package let algorithm: JWTAlgorithm
    private let material: Material

    private enum Material: Sendable {
        case secret(HMACSHA256)
        case publicKey(PublicKey)
    }

    /// A secret shared with who signs.
    ///
    /// - Throws: ``JWTKeyError`` for an empty one, and for a PEM text, which everyone may know.
    package init(secret: [UInt8]) throws(JWTKeyError) {
        guard !secret.isEmpty else { throw .emptySecret }
        guard !String(decoding: secret, as: UTF8.self).contains("-----BEGIN ") else { throw .secretIsPEM }
        algorithm = .hs256
        material = .secret(HMACSHA256(key: secret))
    }

    /// The public key of who signs: RS256 for an RSA key, ES256 for one of P-256.
    package init(publicKeyPEM pem: [UInt8]) throws(PublicKeyError) {
        let key = try PublicKey(pem: pem)
        algorithm = key.kind == .rsa ? .rs256 : .es256
        material = .publicKey(key)
    }

    func verifies(_ signature: [UInt8], of message: ArraySlice<UInt8>) -> Bool {
        switch material {
        case .secret(let code): constantTimeEquals(code.sign(message), signature)
        case .publicKey(let key) where algorithm == .es256:
            ECDSASignature.der(raw: signature).map { key.verifies($0, of: message) } ?? false
        case .publicKey(let key): key.verifies(signature, of: message)
        }
    }
}

/// Why a secret cannot verify tokens.
package enum JWTKeyError: Error, Equatable, CustomStringConvertible {
    case emptySecret
    case secretIsPEM

    package var description: String {
        switch self {
        case .emptySecret: "the secret is empty, so anyone could sign with it"
        case .secretIsPEM: "the secret is a PEM text; give a public key as a key file, not as a secret"
        }
    }
}
