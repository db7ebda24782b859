import JSON

/// One request of the provider's API, of the unversioned (v1) one where that has it, without its host and our credentials.
///
/// Source: GetStream/protocol 236.0.4, `openapi/chat-openapi.json`.
struct StreamRequest: Sendable, Equatable {
    struct Parameter: Sendable, Equatable {
        let name: String
        let value: String
    }

    let endpoint: ProviderEndpoint
    let method: String
    /// Percent-encoded.
    let path: String
    var query: [Parameter] = []
    /// `nil` for methods without one.
    var body: String?

    /// - Parameter path: not yet encoded.
    init(
        _ endpoint: ProviderEndpoint,
        _ method: String,
        _ path: [String],
        query: [(String, String?)] = [],
        body: ((inout JSONWriter) -> Void)? = nil
    ) {
        self.endpoint = endpoint
        self.method = method
        self.path = path.map { "/" + PercentEncoding.encode($0) }.joined()
        self.query = query.compactMap { name, value in value.map { Parameter(name: name, value: $0) } }
        guard let body else { return }
        var writer = JSONWriter(capacity: 512)
        writer.object(body)
        self.body = writer.text
    }
}

/// Text inside an address.
enum PercentEncoding {
    /// Everything but RFC 3986's unreserved characters is encoded.
    static func encode(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            if isUnreserved(byte) {
                result.append(byte)
            } else {
                result.append(contentsOf: [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]])
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
