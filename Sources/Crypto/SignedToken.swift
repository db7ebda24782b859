import JSON

/// A token in its compact form (RFC 7515, section 7.1), taken apart but not yet believed.
struct SignedToken {
    /// What the signature covers: header and claims as they were sent.
    let signedBytes: ArraySlice<UInt8>
    let signature: [UInt8]
    let claimsText: [UInt8]
    private let headerText: [UInt8]

    init(_ token: String, bytesMost: Int) throws(JWTError) {
        guard token.utf8.count <= bytesMost else { throw .tooLong(limit: bytesMost) }
        let bytes = Array(token.utf8)
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count != Self.encryptedParts else { throw .encrypted }
        guard parts.count == 3 else { throw .notSigned(parts: parts.count) }
        headerText = try Self.decode(parts[0], "header")
        claimsText = try Self.decode(parts[1], "claims")
        signature = try Self.decode(parts[2], "signature")
        signedBytes = bytes[..<parts[1].endIndex]
    }

    /// The algorithm that the header names, if it is one of ours.
    func algorithm() throws(JWTError) -> JWTAlgorithm {
        let header = try Self.object(headerText, "header")
        guard header["crit"] == nil else { throw .criticalExtension }
        guard let name = header["alg"]?.string else { throw .missingAlgorithm }
        guard name.lowercased() != "none" else { throw .unsigned }
        guard let algorithm = JWTAlgorithm(rawValue: name) else { throw .algorithmNotAllowed }
        return algorithm
    }

    func claims() throws(JWTError) -> JSONValue { try Self.object(claimsText, "claims") }

    /// Source: RFC 7516, section 7.1.
    private static let encryptedParts = 5

    private static func decode(_ text: ArraySlice<UInt8>, _ part: String) throws(JWTError) -> [UInt8] {
        guard let bytes = Base64URL.decode(text) else { throw .invalidBase64URL(part: part) }
        return bytes
    }

    /// Each name once: others might read the second where this reads the first (RFC 7515, section 4; RFC 7519, section 4).
    private static func object(_ text: [UInt8], _ part: String) throws(JWTError) -> JSONValue {
        guard let value = try? JSONParser().parse(text), value.kind == .object else { throw .malformed(part: part) }
        var names: Set<String> = []
        for (name, _) in value.object where !names.insert(name).inserted { throw .malformed(part: part) }
        return value
    }
}
