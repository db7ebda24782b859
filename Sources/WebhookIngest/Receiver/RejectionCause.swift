/// Why a delivery was rejected, as far as it can be told; the raw value is what metrics and logs show.
package enum RejectionCause: String, Sendable, CaseIterable {
    case missingSignature = "missing-signature"
    case notHex = "not-hex"
    case otherKey = "other-key"
    case compressedBytes = "compressed-bytes"
    case malformedGzip = "malformed-gzip"
    case reserialised
    case truncated
    case unknownKey = "unknown-key"
    case mismatch
    /// Too many at once to look for the cause.
    case unexamined
    case tooLarge = "too-large"

    /// What it means and what to do.
    package var sentence: String {
        switch self {
        case .missingSignature:
            "There is no X-Signature header. Send one (`backchannel sign FILE` shows how), or let the proxy pass it on."
        case .notHex:
            "X-Signature is not the 64 hexadecimal digits of an HMAC-SHA256; it has no prefix such as sha256=."
        case .otherKey:
            "The body was signed with an API key where its API secret belongs. Sign with the secret."
        case .compressedBytes:
            "The compressed bytes were signed. Sign the body as it is before compression."
        case .malformedGzip:
            "The body begins like gzip and cannot be inflated. Look for a proxy that changes or compresses bodies."
        case .reserialised:
            "The body was written anew after it was signed. Make the proxy or framework pass on the bytes as they came."
        case .truncated:
            "The body ends early. Look for a proxy with a limit on the size of bodies, or a sender that gave up."
        case .unknownKey:
            "X-Api-Key names no configured key. Set GETSTREAM_API_KEY and its secret to those the provider uses now."
        case .mismatch:
            "The signature belongs to no configured secret. Compare GETSTREAM_API_SECRET with the provider's dashboard."
        case .unexamined:
            "The signature could not be verified; there were too many such deliveries to look for the cause."
        case .tooLarge:
            "The body is larger than is accepted. If it is genuine, raise WEBHOOK_BODY_BYTES or WEBHOOK_INFLATED_BYTES."
        }
    }
}
