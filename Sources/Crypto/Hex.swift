/// Hexadecimal text.
///
/// Source: RFC 4648, section 8, in lower case.
package enum Hex {
    /// Two lower-case digits a byte.
    package static func encode(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { text in
            for (index, byte) in bytes.enumerated() {
                text[index * 2] = digit(byte >> 4)
                text[index * 2 + 1] = digit(byte & 0x0f)
            }
            return bytes.count * 2
        }
    }

    /// The bytes of lower-case digits; `nil` for anything else, an odd number of digits included.
    package static func decode(_ text: String) -> [UInt8]? { decode(text, values: strictValues) }

    /// As ``decode(_:)``, but takes upper case and ignores white space around the digits.
    package static func decodeLenient(_ text: String) -> [UInt8]? {
        if let bytes = decode(text, values: lenientValues) { return bytes }
        let trimmed = text.utf8.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        return decode(String(decoding: trimmed, as: UTF8.self), values: lenientValues)
    }

    private static func decode(_ text: String, values: [UInt8]) -> [UInt8]? {
        let span = text.utf8.span
        guard span.count.isMultiple(of: 2) else { return nil }
        let values = values.span
        var invalid: UInt8 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: span.count / 2) { bytes, count in
            for index in 0..<span.count / 2 {
                let (high, low) = (values[Int(span[index * 2])], values[Int(span[index * 2 + 1])])
                invalid |= high | low
                bytes[index] = high << 4 | low & 0x0f
            }
            count = span.count / 2
        }
        return invalid & noDigit == 0 ? bytes : nil
    }

    /// A bit that no digit's value has.
    private static let noDigit: UInt8 = 0x80
    private static let strictValues = (UInt8.min...UInt8.max).map { strictValue($0) ?? noDigit }
    private static let lenientValues = (UInt8.min...UInt8.max).map { lenientValue($0) ?? noDigit }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    private static func strictValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    private static func lenientValue(_ digit: UInt8) -> UInt8? {
        let isUpper = digit >= UInt8(ascii: "A") && digit <= UInt8(ascii: "F")
        return strictValue(isUpper ? digit | 0x20 : digit)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
}
