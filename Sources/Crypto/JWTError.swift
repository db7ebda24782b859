/// Why a JWT was refused; holds nothing of it.
package enum JWTError: Error, Equatable, CustomStringConvertible {
    case tooLong(limit: Int)
    /// Not three parts with points between them.
    case notSigned(parts: Int)
    case encrypted
    case invalidBase64URL(part: String)
    case malformed(part: String)
    case missingAlgorithm
    /// `alg: none`.
    case unsigned
    case algorithmNotAllowed
    case criticalExtension
    /// ECDSA in DER, where a JWT holds r and s.
    case derSignature
    case signatureMismatch
    case missingClaim(String)
    case malformedClaim(String)
    case expired
    case notYetValid
    case issuedInFuture
    case wrongAudience
    case unexpectedAudience
    case wrongIssuer

    /// One word for logs and counters.
    package var reason: String {
        switch self {
        case .tooLong: "too_long"
        case .notSigned: "not_signed"
        case .encrypted: "encrypted"
        case .invalidBase64URL(let part): "invalid_base64url_\(part)"
        case .malformed(let part): "malformed_\(part)"
        case .missingAlgorithm: "missing_algorithm"
        case .unsigned: "unsigned"
        case .algorithmNotAllowed: "algorithm_not_allowed"
        case .criticalExtension: "critical_extension"
        case .derSignature: "der_signature"
        case .signatureMismatch: "signature_mismatch"
        case .missingClaim(let name): "missing_\(name)"
        case .malformedClaim(let name): "malformed_\(name)"
        case .expired: "expired"
        case .notYetValid: "not_yet_valid"
        case .issuedInFuture: "issued_in_future"
        case .wrongAudience: "wrong_audience"
        case .unexpectedAudience: "unexpected_audience"
        case .wrongIssuer: "wrong_issuer"
        }
    }

    package var description: String {
        switch self {
        case .tooLong(let limit): "the token is longer than \(limit) bytes"
        case .notSigned(let parts): "the token has \(parts) parts; a signed one has three, with points between them"
        case .encrypted: "the token is encrypted (JWE); send a signed one"
        case .invalidBase64URL(let part): "the token's \(part) is not base64url without padding"
        case .malformed(let part): "the token's \(part) is not a JSON object with each name once"
        case .missingAlgorithm: "the token's header names no algorithm"
        case .unsigned: "the token is not signed (alg: none)"
        case .algorithmNotAllowed: "the token is signed by an algorithm that no configured key is for"
        case .criticalExtension: "the token wants extensions to be understood (crit), and none is known here"
        case .derSignature: "the token's ES256 signature is in DER; a JWT holds r and s, 64 bytes together"
        case .signatureMismatch: "the token's signature was not made with a configured key"
        case .missingClaim(let name): "the token has no claim \(name)"
        case .malformedClaim(let name): "the token's claim \(name) is of the wrong type"
        case .expired: "the token has expired"
        case .notYetValid: "the token is not valid yet (nbf)"
        case .issuedInFuture: "the token was issued in the future (iat); compare the clocks"
        case .wrongAudience: "the token is for another audience (aud)"
        case .unexpectedAudience: "the token names an audience (aud) and none is configured; configure it"
        case .wrongIssuer: "the token is from another issuer (iss)"
        }
    }
}
