/// The quoted strings of a JSON text, read without a parser: also of one that is cut short or otherwise broken.
package enum QuotedStrings {
    /// What stands between any two quotes that follow each other, unescaped, up to `bytesMost` bytes long.
    ///
    /// In a broken text nobody knows which quotes open: what is found too much does no harm to a search for ids.
    package static func all(in text: [UInt8], bytesMost: Int) -> Set<String> {
        var found: Set<String> = []
        var start: Int?
        forEachQuote(in: text) { quote in
            if let start { insert(text[(start + 1)..<quote], into: &found, bytesMost) }
            start = quote
        }
        if let start { insert(text[(start + 1)...], into: &found, bytesMost) }
        return found
    }

    /// Puts other strings in place of some, names of fields included; the rest of the text stays as it is.
    package static func replaced(in text: String, by replacement: (String) -> String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var start: Int?
        var copied = 0
        forEachQuote(in: bytes) { quote in
            guard let open = start else {
                start = quote
                return
            }
            start = nil
            guard let string = unescaped(bytes[(open + 1)..<quote]) else { return }
            let other = replacement(string)
            guard other != string else { return }
            result += bytes[copied...open]
            result += escaped(other)
            copied = quote
        }
        guard copied > 0 else { return text }
        return String(decoding: result + bytes[copied...], as: UTF8.self)
    }

    private static func forEachQuote(in text: [UInt8], _ body: (Int) -> Void) {
        var index = 0
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "\\"): index += 1  // what follows is escaped
            case UInt8(ascii: "\""): body(index)
            default: break
            }
            index += 1
        }
    }

    private static func insert(_ bytes: ArraySlice<UInt8>, into found: inout Set<String>, _ bytesMost: Int) {
        // An escape takes at most six bytes for one.
        guard !bytes.isEmpty, bytes.count <= 6 * bytesMost, let string = unescaped(bytes) else { return }
        if string.utf8.count <= bytesMost { found.insert(string) }
    }

    /// `nil` for what no JSON string holds.
    ///
    /// Source: RFC 8259 §7.
    private static func unescaped(_ bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.contains(UInt8(ascii: "\\")) else { return String(decoding: bytes, as: UTF8.self) }
        var units: [UInt16] = []
        var rest = bytes[...]
        while let first = rest.first {
            guard first == UInt8(ascii: "\\") else {
                let plain = rest.prefix { $0 != UInt8(ascii: "\\") }
                units += String(decoding: plain, as: UTF8.self).utf16
                rest = rest.dropFirst(plain.count)
                continue
            }
            guard let (unit, length) = escape(rest.dropFirst()) else { return nil }
            units.append(unit)
            rest = rest.dropFirst(1 + length)
        }
        return String(decoding: units, as: UTF16.self)
    }

    /// The UTF-16 unit that an escape stands for, and the escape's length behind its backslash.
    private static func escape(_ bytes: ArraySlice<UInt8>) -> (unit: UInt16, length: Int)? {
        guard let letter = bytes.first else { return nil }
        if let plain = plainEscapes[letter] { return (plain, 1) }
        let digits = bytes.dropFirst().prefix(4)
        guard letter == UInt8(ascii: "u"), digits.count == 4,
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { return nil }
        return (unit, 5)
    }

    private static let plainEscapes: [UInt8: UInt16] = [
        UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F, UInt8(ascii: "b"): 0x08,
        UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    ]

    private static func escaped(_ string: String) -> [UInt8] {
        string.utf8.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): [UInt8(ascii: "\\"), byte]
            case ..<0x20: Array("\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
            default: [byte]
            }
        }
    }
}
