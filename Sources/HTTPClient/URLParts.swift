import CCurl

/// An address taken apart by libcurl itself, so that what is checked is what is connected to.
struct URLParts {
    let scheme: String?
    /// Percent-decoded, as are the password and the host.
    let user: String?
    let password: String?
    let host: String?
    let port: Int?
    /// As sent, from the first slash.
    let path: String?
    /// As sent, without the question mark.
    let query: String?

    /// - Throws: ``OutgoingAddressError/malformed`` or, for protocols libcurl does not know, `scheme`.
    init(_ url: String) throws(OutgoingAddressError) {
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }), let handle = curl_url() else { throw .malformed }
        defer { curl_url_cleanup(handle) }
        switch curl_url_set(handle, CURLUPART_URL, url, 0) {
        case CURLUE_OK: break
        case CURLUE_UNSUPPORTED_SCHEME: throw .scheme
        default: throw .malformed
        }
        func part(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
            var text: UnsafeMutablePointer<CChar>?
            guard curl_url_get(handle, part, &text, UInt32(flags)) == CURLUE_OK, let text else { return nil }
            defer { curl_free(text) }
            return String(cString: text)
        }
        scheme = part(CURLUPART_SCHEME)
        user = part(CURLUPART_USER, CURLU_URLDECODE)
        password = part(CURLUPART_PASSWORD, CURLU_URLDECODE)
        host = part(CURLUPART_HOST)
        port = part(CURLUPART_PORT).flatMap { Int($0) }
        path = part(CURLUPART_PATH)
        query = part(CURLUPART_QUERY)
    }

    /// The query's pairs in order, percent-decoded; `nil` for one that is no `name=value`.
    var pairs: [(name: String, value: String)]? {
        var pairs: [(name: String, value: String)] = []
        for pair in (query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let value = Self.decoded(parts[1]) else { return nil }
            pairs.append((String(parts[0]), value))
        }
        return pairs
    }

    private static func decoded(_ text: Substring) -> String? {
        var count: Int32 = 0
        guard let decoded = curl_easy_unescape(nil, String(text), Int32(text.utf8.count), &count) else { return nil }
        defer { curl_free(decoded) }
        let bytes = UnsafeRawBufferPointer(start: decoded, count: Int(count))
        return bytes.contains { $0 < 0x20 || $0 == 0x7F } ? nil : String(validating: bytes, as: UTF8.self)
    }
}
