/// The text that JSON Web Tokens are made of: base64 with `-` and `_`, without padding.
///
/// Source: RFC 4648, section 5; RFC 7515, section 2.
package enum Base64URL {
    package static func encode(_ bytes: [UInt8]) -> String {
        let text = Base64.encode(bytes).utf8.prefix { $0 != padding }
        return String(decoding: text.map { urlSafe[$0] ?? $0 }, as: UTF8.self)
    }

    package static func decode(_ text: String) -> [UInt8]? { decode(text.utf8) }

    /// `nil` for anything but what ``encode(_:)`` gives: padding, white space, left-over bits, other characters.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard !text.contains(where: { $0 == padding || urlSafe[$0] != nil }) else { return nil }
        let plain = text.map { character in urlSafe.first { $0.value == character }?.key ?? character }
        let missing = (4 - plain.count % 4) % 4
        guard missing < 3 else { return nil }
        let padded = plain + [UInt8](repeating: padding, count: missing)
        return Base64.decode(String(decoding: padded, as: UTF8.self))
    }

    private static let padding = UInt8(ascii: "=")
    private static let urlSafe = [UInt8(ascii: "+"): UInt8(ascii: "-"), UInt8(ascii: "/"): UInt8(ascii: "_")]
}
