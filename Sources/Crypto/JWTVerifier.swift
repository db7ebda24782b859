package import Limits

/// Verifies signed JSON Web Tokens, from keys and expectations that do not depend on the token.
///
/// Source: RFC 7519, section 7.2; RFC 7515, section 5.2; RFC 8725.
package struct JWTVerifier: Sendable {
    private let keys: [JWTKey]
    private let expectations: JWTExpectations
    private let limits: Limits.Token

    /// - Parameters:
    ///   - keys: each allows its own algorithm and no other; several for the time of a rotation.
    ///   - issuer: who `iss` must name; `nil` for anyone.
    ///   - audiences: one of which `aud` must name; with none, a token that names any is refused (RFC 7519, 4.1.3).
    ///   - requiresExpiry: whether a token without `exp`, which is good for ever, is refused.
    package init(
        keys: [JWTKey],
        issuer: String? = nil,
        audiences: Set<String> = [],
        requiresExpiry: Bool = true,
        limits: Limits.Token = Limits.Token()
    ) {
        (self.keys, self.limits) = (keys, limits)
        expectations = JWTExpectations(
            issuer: issuer,
            audiences: audiences,
            requiresExpiry: requiresExpiry,
            leewaySeconds: Double(limits.leewaySeconds)
        )
    }

    /// The claims, as JSON text, of a token that holds at `now`, in seconds since 1970.
    ///
    /// - Throws: ``JWTError`` for the first thing that is wrong; claims are read only once the signature is found good.
    package func verify(_ token: String, now: Int64) throws(JWTError) -> String {
        let token = try SignedToken(token, bytesMost: limits.bytes)
        let algorithm = try token.algorithm()
        let candidates = keys.filter { $0.algorithm == algorithm }
        guard !candidates.isEmpty else { throw .algorithmNotAllowed }
        guard candidates.contains(where: { $0.verifies(token.signature, of: token.signedBytes) }) else {
            let isDER =
                algorithm == .es256 && token.signature.first == 0x30
                && token.signature.count != ECDSASignature.rawBytes
            throw isDER ? .derSignature : .signatureMismatch
        }
        try expectations.check(try token.claims(), now: Double(now))
        return String(decoding: token.claimsText, as: UTF8.self)
    }
}

/// Signs JSON Web Tokens.
package enum JWT {
    /// An HS256 token of claims that are a JSON object.
    package static func sign(_ claimsJSON: String, secret: String) -> String {
        sign(claimsJSON, with: HMACSHA256(key: secret))
    }

    package static func sign(_ claimsJSON: String, with key: HMACSHA256) -> String {
        let signed = "\(header).\(Base64URL.encode(Array(claimsJSON.utf8)))"
        return "\(signed).\(Base64URL.encode(key.sign(Array(signed.utf8))))"
    }

    private static let header = Base64URL.encode(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8))
}
