import Crypto
import Gzip

/// Finds out why a signature does not verify.
///
/// Pure: the same delivery gives the same cause.
package enum SignatureDoctor {
    /// The likely cause; what a matching signature proves comes before what is only likely.
    ///
    /// - Parameters:
    ///   - rawBytes: the body as sent.
    ///   - inflatedBytes: the body after inflating, the same if it was not compressed; `nil` if it cannot be inflated.
    ///   - bytesMost: of a longer body only the headers are examined.
    package static func diagnose(
        signatureHeader: String?,
        apiKeyHeader: String?,
        rawBytes: [UInt8],
        inflatedBytes: [UInt8]?,
        secrets: [SigningSecret],
        bytesMost: Int = .max
    ) -> RejectionCause {
        guard let signatureHeader, !signatureHeader.allSatisfy(\.isWhitespace) else { return .missingSignature }
        guard let signature = signature(of: signatureHeader) else { return .notHex }
        let isKeyUnknown = apiKeyHeader.map { key in !secrets.contains { $0.apiKey == key } } ?? false
        guard rawBytes.count <= bytesMost, inflatedBytes?.count ?? 0 <= bytesMost else {
            return isKeyUnknown ? .unknownKey : .mismatch
        }

        let codes = secrets.map { HMACSHA256(key: $0.secret) }
        let isSigned = { (body: [UInt8]) in codes.contains { constantTimeEquals($0.sign(body), signature) } }
        guard let body = inflatedBytes else {
            if isSigned(rawBytes) { return .compressedBytes }
            return endsEarly(gzip: rawBytes) ? .truncated : .malformedGzip
        }
        if rawBytes.count != body.count, isSigned(rawBytes) { return .compressedBytes }
        let keys = secrets.compactMap(\.apiKey)
        if keys.contains(where: { constantTimeEquals(HMACSHA256(key: $0).sign(body), signature) }) { return .otherKey }
        if JSONSpelling.variants(of: body).contains(where: isSigned) { return .reserialised }
        if isKeyUnknown { return .unknownKey }
        return JSONSpelling.endsEarly(body) ? .truncated : .mismatch
    }

    /// The 32 bytes of an `X-Signature`; `nil` for anything else.
    static func signature(of header: String) -> [UInt8]? {
        guard let bytes = Hex.decodeLenient(header), bytes.count == SHA256.byteCount else { return nil }
        return bytes
    }

    private static func endsEarly(gzip: [UInt8]) -> Bool {
        do throws(GzipError) {
            // The cap only bounds the work: content that reaches it did not end early.
            _ = try Gzip.inflate(gzip, cap: max(gzip.count, 1) * 16)
            return false
        } catch {
            return error == .truncated
        }
    }
}
