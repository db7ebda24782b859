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
    package static func decode(_ text: String) -> [UInt8]? {
        decode(text, value: strictValue)
    }

    /// As ``decode(_:)``, but takes upper case and ignores white space around the digits.
    package static func decodeLenient(_ text: String) -> [UInt8]? {
        if let bytes = decode(text, value: lenientValue) { return bytes }
        let trimmed = text.utf8.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        return decode(String(decoding: trimmed, as: UTF8.self), value: lenientValue)
    }

    // Inlined, so that the choice of digits costs no call for each of them.
    @inline(__always)
    private static func decode(_ text: String, value: (UInt8) -> UInt8?) -> [UInt8]? {
        let span = text.utf8.span
        guard span.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(span.count / 2)
        for index in stride(from: 0, to: span.count, by: 2) {
            guard let high = value(span[index]), let low = value(span[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

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
