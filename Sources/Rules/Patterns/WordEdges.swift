/// Where in a text words may begin or end: everywhere but within a word.
///
/// A word is a run of letters, digits and marks. Where a script writes words without spaces between them (Chinese, Japanese,
/// Thai, Lao, Khmer, Burmese) every character is one. Offsets within a character are no edges.
package struct WordEdges: Sendable {
    /// Bit `i` tells of the place before byte `i`.
    private var bits: [UInt64]

    /// Edges that the caller knows better than the text at hand shows: of a text that lost its spaces, for example.
    ///
    /// - Parameter offsets: each in bytes, from 0 to the text's length; both of these are to be among them.
    package init(_ offsets: some Sequence<Int>, byteCount: Int) {
        bits = [UInt64](repeating: 0, count: (byteCount >> 6) + 1)
        for offset in offsets { bits[offset >> 6] |= 1 << UInt64(offset & 63) }
    }

    package func contains(_ offset: Int) -> Bool { bits[offset >> 6] & (1 << UInt64(offset & 63)) != 0 }

    /// Whether the place before byte `offset` of a text in UTF-8 is an edge, in constant time.
    @inline(__always)
    package static func isEdge(_ offset: Int, in text: Span<UInt8>) -> Bool {
        guard offset > 0, offset < text.count else { return true }
        let (before, after) = (text[offset - 1], text[offset])
        if before | after < 0x80 { return !(isPartOfWord(before) && isPartOfWord(after)) }
        return isEdgeBeyondASCII(offset, in: text)
    }

    private static func isEdgeBeyondASCII(_ offset: Int, in text: Span<UInt8>) -> Bool {
        if text[offset] & 0xC0 == 0x80 { return false }
        var start = offset - 1
        while start > 0, offset - start < 4, text[start] & 0xC0 == 0x80 { start -= 1 }
        return !(isPartOfWord(scalar(in: text, at: start)) && isPartOfWord(scalar(in: text, at: offset)))
    }

    /// The scalar that begins at `offset`; U+FFFD for what is none.
    private static func scalar(in text: Span<UInt8>, at offset: Int) -> UInt32 {
        let lead = text[offset]
        if lead < 0x80 { return UInt32(lead) }
        let count = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
        guard lead >= 0xC2, lead < 0xF5, offset + count <= text.count else { return 0xFFFD }
        var value = UInt32(lead) & (0x7F >> UInt32(count))
        for next in offset + 1..<offset + count {
            guard text[next] & 0xC0 == 0x80 else { return 0xFFFD }
            value = value << 6 | UInt32(text[next] & 0x3F)
        }
        return value
    }

    private static func isPartOfWord(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 }

    /// Blocks of scripts without spaces.
    ///
    /// Source: Unicode 16, Blocks.txt, and UAX #29 on where words need a dictionary.
    private static func standsAlone(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3040...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
            0xF900...0xFAFF, 0x20000...0x3FFFF:
            true
        default: false
        }
    }

    private static func isPartOfWord(_ scalar: UInt32) -> Bool {
        if scalar < 0x80 { return isPartOfWord(UInt8(scalar)) }
        if standsAlone(scalar) { return false }
        // Latin, Greek and Cyrillic letters without a look into the tables; Latin-1's × and ÷ are none.
        if (0xC0...0x2AF).contains(scalar) { return scalar != 0xD7 && scalar != 0xF7 }
        guard let properties = Unicode.Scalar(scalar)?.properties else { return false }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .decimalNumber:
            return true
        default: return false
        }
    }
}
