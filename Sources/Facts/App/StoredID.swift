import Crypto

/// Identifiers that MongoDB keeps as bytes, as the text that apps show them as.
enum StoredID {
    /// Lower-case hexadecimal digits.
    static func text(ofObjectID bytes: [UInt8]) -> String { Hex.encode(bytes) }

    /// Source: RFC 9562, section 4.
    static func text(ofUUID bytes: [UInt8]) -> String {
        let digits = Hex.encode(bytes)
        var parts: [Substring] = []
        var rest = digits[...]
        for count in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return parts.joined(separator: "-")
    }

    static func bytes(ofUUID text: String) -> [UInt8]? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [8, 4, 4, 4, 12] else { return nil }
        return bytes(parts.joined(), count: 16)
    }

    /// The bytes of hexadecimal digits in either case.
    static func bytes(_ text: String, count: Int) -> [UInt8]? {
        guard text.utf8.count == count * 2 else { return nil }
        return Hex.decode(text.lowercased())
    }
}
