/// Eight bytes of a text looked at together; what holds of one is told by the highest bit of its place.
///
/// The first byte is the lowest, as on every processor that Swift runs on. Source: Warren, "Hacker's Delight", 6-1.
struct EightBytes {
    private let bytes: UInt64

    init(_ bytes: UInt64) { self.bytes = bytes }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    @inline(__always)
    private static func all(_ byte: UInt8) -> UInt64 { ones &* UInt64(byte) }

    /// Every byte is a space, or visible and ASCII.
    @inline(__always)
    var areVisibleASCII: Bool {
        // In none is the highest bit set, nor would be by adding 1, nor is missing after adding 0x60.
        (bytes | (bytes &+ Self.ones) | ~(bytes &+ Self.all(0x60))) & Self.highs == 0
    }

    @inline(__always)
    func equal(to byte: UInt8) -> UInt64 {
        let difference = bytes ^ Self.all(byte)
        return ~(((difference & ~Self.highs) &+ ~Self.highs) | difference) & Self.highs
    }

    /// Letters of ASCII in lower case; other letters are not told.
    @inline(__always)
    var smallLetters: UInt64 { within(UInt8(ascii: "a"), UInt8(ascii: "z")) }

    /// Bytes of ASCII from the one to the other.
    @inline(__always)
    func within(_ first: UInt8, _ last: UInt8) -> UInt64 {
        let low = bytes & ~Self.highs
        return (low &+ Self.all(0x80 - first)) & ~(low &+ Self.all(0x7F - last)) & ~bytes & Self.highs
    }

    /// Of ASCII, in lower case.
    @inline(__always)
    var lowered: UInt64 {
        bytes | within(UInt8(ascii: "A"), UInt8(ascii: "Z")) >> 2
    }

    /// So many of them from the first on, the rest 0; all of them for eight and more.
    @inline(__always)
    func first(_ count: Int) -> UInt64 { count < 8 ? bytes & ((1 << UInt64(8 * count)) &- 1) : bytes }

    /// So many of them from the first on, the rest spaces.
    @inline(__always)
    func spaced(after count: Int) -> EightBytes {
        guard count < 8 else { return self }
        let kept: UInt64 = (1 << UInt64(8 * count)) &- 1
        return EightBytes(bytes & kept | Self.all(0x20) & ~kept)
    }

    /// Which bytes are the same as the ones before them.
    @inline(__always)
    func repeated(after before: EightBytes) -> UInt64 {
        EightBytes(bytes ^ Self.later(bytes, before.bytes)).equal(to: 0)
    }

    /// What holds of each byte, told at the place of the next.
    ///
    /// - Parameter before: of the eight bytes before.
    @inline(__always)
    static func later(_ now: UInt64, _ before: UInt64) -> UInt64 { now << 8 | before >> 56 }

    /// For how many bytes from the first on something holds without a gap.
    @inline(__always)
    static func leading(_ held: UInt64) -> Int { (~held & highs).trailingZeroBitCount >> 3 }

    /// Whether some byte is not ASCII.
    @inline(__always)
    var isBeyondASCII: Bool { bytes & Self.highs != 0 }

    static func contains(_ byte: UInt8, in text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let start = text.baseAddress else { return false }
        let source = UnsafeRawPointer(start)
        var place = 0
        while place &+ 8 <= text.count {
            if Self(source.loadUnaligned(fromByteOffset: place, as: UInt64.self)).equal(to: byte) != 0 { return true }
            place &+= 8
        }
        return text[place...].contains(byte)
    }
}
