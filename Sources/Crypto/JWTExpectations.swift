import JSON

/// What the registered claims of a token must say.
///
/// Source: RFC 7519, section 4.1.
struct JWTExpectations: Sendable {
    let issuer: String?
    let audiences: Set<String>
    let requiresExpiry: Bool
    /// By how much clocks may differ.
    let leewaySeconds: Double

    /// - Parameter now: seconds since 1970.
    func check(_ claims: JSONValue, now: Double) throws(JWTError) {
        try checkTimes(claims, now: now)
        try checkIssuer(claims)
        try checkAudience(claims)
    }

    private func checkTimes(_ claims: JSONValue, now: Double) throws(JWTError) {
        if let expiry = try Self.time("exp", in: claims) {
            guard now < expiry + leewaySeconds else { throw .expired }
        } else if requiresExpiry {
            throw .missingClaim("exp")
        }
        if let start = try Self.time("nbf", in: claims), now < start - leewaySeconds { throw .notYetValid }
        if let issued = try Self.time("iat", in: claims), now < issued - leewaySeconds { throw .issuedInFuture }
    }

    private func checkIssuer(_ claims: JSONValue) throws(JWTError) {
        guard let issuer else { return }
        guard let claim = claims["iss"] else { throw .missingClaim("iss") }
        guard let text = claim.string else { throw .malformedClaim("iss") }
        guard text == issuer else { throw .wrongIssuer }
    }

    private func checkAudience(_ claims: JSONValue) throws(JWTError) {
        guard let claim = claims["aud"] else {
            guard audiences.isEmpty else { throw .missingClaim("aud") }
            return
        }
        let named = claim.string.map { [$0] } ?? claim.array.compactMap(\.string)
        guard claim.kind == .string || claim.kind == .array && named.count == Array(claim.array).count else {
            throw .malformedClaim("aud")
        }
        guard !audiences.isEmpty else { throw .unexpectedAudience }
        guard !audiences.isDisjoint(with: named) else { throw .wrongAudience }
    }

    /// A NumericDate may have a fraction.
    private static func time(_ name: String, in claims: JSONValue) throws(JWTError) -> Double? {
        guard let claim = claims[name] else { return nil }
        guard claim.kind == .integer || claim.kind == .double, let seconds = claim.double else {
            throw .malformedClaim(name)
        }
        return seconds
    }
}
