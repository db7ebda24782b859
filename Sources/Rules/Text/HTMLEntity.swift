/// A character written as HTML's `&name;`, `&#number;` or `&#xnumber;`.
///
/// Names are those of HTML 4 and XML. Numbers 128 to 159 mean Windows-1252's characters. Source: the HTML standard,
/// "Numeric character reference end state".
struct HTMLEntity {
    let scalar: UInt32
    /// How many bytes it takes, the semicolon included, which a number may lack.
    let count: Int

    /// - Parameter text: begins with `&`. What is decoded to `&` goes on being decoded: `&amp;lt;` is `<`.
    init?(_ text: UnsafeBufferPointer<UInt8>) {
        guard var (scalar, end) = Self.decoded(text, after: 0) else { return nil }
        while scalar == UInt32(UInt8(ascii: "&")), let (next, nextEnd) = Self.decoded(text, after: end - 1) {
            (scalar, end) = (next, nextEnd)
        }
        (self.scalar, count) = (scalar, end)
    }

    /// - Parameter start: the place of what stands for `&`.
    private static func decoded(_ text: UnsafeBufferPointer<UInt8>, after start: Int) -> (UInt32, Int)? {
        var place = start + 1
        guard place < text.count else { return nil }
        if text[place] == UInt8(ascii: "#") { return number(text, from: place + 1) }
        var key: UInt64 = 0
        while place < text.count, ASCIITable.isLetter(text[place]) || ASCIITable.isDigit(text[place]) {
            guard place - start <= 8 else { return nil }
            key = key << 8 | UInt64(text[place])
            place += 1
        }
        guard place < text.count, text[place] == UInt8(ascii: ";"), let scalar = named[key] else { return nil }
        return (scalar, place + 1)
    }

    private static func number(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> (UInt32, Int)? {
        var (place, value, digits) = (start, UInt32(0), 0)
        let isHex = place < text.count && text[place] | 0x20 == UInt8(ascii: "x")
        if isHex { place += 1 }
        while place < text.count, digits < 16, let digit = digit(text[place], isHex: isHex) {
            value = min(value * (isHex ? 16 : 10) + digit, 0x110000)
            (place, digits) = (place + 1, digits + 1)
        }
        guard digits > 0 else { return nil }
        if place < text.count, text[place] == UInt8(ascii: ";") { place += 1 }
        if 128..<160 ~= value { value = windows1252[Int(value) - 128] }
        return (Unicode.Scalar(value)?.value ?? 0xFFFD, place)
    }

    private static func digit(_ byte: UInt8, isHex: Bool) -> UInt32? {
        if ASCIITable.isDigit(byte) { return UInt32(byte) - 48 }
        return isHex && (byte | 0x20) &- UInt8(ascii: "a") < 6 ? UInt32(byte | 0x20) - 87 : nil
    }

    /// By the name's bytes, the last lowest.
    private static let named: [UInt64: UInt32] = {
        let text = String(describing: UnicodeData.entities)
        let pairs = text.split(separator: ";").compactMap { entry -> (UInt64, UInt32)? in
            let parts = entry.split(separator: " ")
            guard parts.count == 2, let scalar = UInt32(parts[1], radix: 16) else { return nil }
            return (parts[0].utf8.reduce(0) { $0 << 8 | UInt64($1) }, scalar)
        }
        return Dictionary(pairs) { first, _ in first }
    }()

    /// Source: the WHATWG Encoding standard, index windows-1252.
    private static let windows1252: [UInt32] = [
        0x20AC, 0x81, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0x8D, 0x17D,
        0x8F,
        0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A, 0x153, 0x9D, 0x17E,
        0x178,
    ]
}
