/// What a scalar of a normalised text is to the features, as bits.
struct ScalarKind: OptionSet {
    let rawValue: UInt8

    static let letter = ScalarKind(rawValue: 1)
    static let digit = ScalarKind(rawValue: 2)
    static let space = ScalarKind(rawValue: 4)
    static let upper = ScalarKind(rawValue: 8)
    /// Stands within words, as in "don't".
    static let apostrophe = ScalarKind(rawValue: 16)
    static let currency = ScalarKind(rawValue: 32)
    static let emoji = ScalarKind(rawValue: 64)
    /// Written as ideographs, without spaces.
    static let ideograph = ScalarKind(rawValue: 128)

    /// By the byte, with what it is in lower case.
    static let ascii: [(lower: UInt8, kind: ScalarKind)] = (0..<128).map { byte in
        let byte = UInt8(byte)
        var kind = ScalarKind()
        if ASCIITable.isLetter(byte) { kind.insert(.letter) }
        if ASCIITable.isLetter(byte), byte < 0x60 { kind.insert(.upper) }
        if ASCIITable.isDigit(byte) { kind.insert(.digit) }
        if ASCIITable.isSpace(byte) { kind.insert(.space) }
        if byte == UInt8(ascii: "'") { kind.insert(.apostrophe) }
        if byte == UInt8(ascii: "$") { kind.insert(.currency) }
        return (ASCIITable.lower(byte), kind)
    }

    /// Of a scalar beyond ASCII; typographic quotes are plain ones.
    static func other(_ scalar: UInt32, _ tables: UnicodeTables) -> (lower: UInt32, kind: ScalarKind) {
        switch scalar {
        case 0x2018, 0x2019: return (0x27, .apostrophe)
        case 0x201C, 0x201D: return (0x22, [])
        case 0xA3, 0xA4, 0xA5, 0x20A0...0x20CF: return (scalar, .currency)
        case 0x1F300...0x1FAFF, 0x2600...0x27BF: return (scalar, .emoji)
        default: break
        }
        let info = tables.info(scalar)
        switch info.kind {
        case .letter, .mark:
            let lower = tables.mapping(info).flatMap { $0.lower == 0 ? nil : $0.lower } ?? scalar
            var kind: ScalarKind = info.isUpper ? [.letter, .upper] : .letter
            if info.wordClass == .ideograph { kind.insert(.ideograph) }
            return (lower, kind)
        case .digit: return (scalar, .digit)
        case .space: return (0x20, .space)
        default: return (scalar, [])
        }
    }
}
