/// What every byte of ASCII is to the folding.
enum ASCIITable {
    /// A byte in lower case; `space` for white space; 0 for what needs more thought: `&`, what cannot be seen, what is not ASCII.
    static let folded: [UInt8] = (0...255).map { byte in
        switch UInt8(byte) {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt8(byte) | 0x20
        case 0x09...0x0D, 0x1C...0x20: UInt8(ascii: " ")
        case 0..<0x20, 0x7F..., UInt8(ascii: "&"): 0
        default: UInt8(byte)
        }
    }
    /// 1 for letters and digits.
    static let word: [UInt8] = (0...255).map { isLetter(UInt8($0)) || isDigit(UInt8($0)) ? 1 : 0 }

    /// Bits: a letter, a capital, a letter or digit, an apostrophe.
    static let traits: [UInt8] = (0...255).map { byte in
        let byte = UInt8(byte)
        let (letter, word) = (isLetter(byte), isWord(byte))
        return (letter ? 1 : 0) | (letter && byte < 0x60 ? 2 : 0) | (word ? 4 : 0) | (byte == UInt8(ascii: "'") ? 8 : 0)
    }

    @inline(__always)
    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }
    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
    @inline(__always)
    static func isWord(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }
    @inline(__always)
    static func lower(_ byte: UInt8) -> UInt8 { byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte }
    @inline(__always)
    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte &- 9 < 5 || byte &- 0x1C < 4 }
}
