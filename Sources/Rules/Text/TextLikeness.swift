/// Whether texts say the same: by a digest, and by a sketch of 64 bits that differs little where texts do.
package struct TextLikeness: Sendable, Equatable {
    /// Bits that two sketches may differ by: of short messages (ten words and more) with one word replaced 93 % do, and of
    /// 4,000,000 pairs of different messages one in 26,000 (UCI SMS Spam Collection).
    package static let distance = 14

    /// Equal for texts that are equal once folded, but for white space at the ends; numbers count.
    package let digest: UInt64
    /// Charikar's SimHash over three words in a row, or over four bytes in a row in texts of fewer than six words.
    package let sketch: UInt64

    /// - Parameter folded: a text's folded form.
    package init(_ folded: TextForm) { self.init(folded.bytes) }

    private init(_ bytes: UnsafeBufferPointer<UInt8>) {
        var (start, end) = (0, bytes.count)
        while start < end, bytes[start] == 0x20 { start += 1 }
        while end > start, bytes[end - 1] == 0x20 { end -= 1 }
        let text = UnsafeBufferPointer(rebasing: bytes[start..<end])
        digest = text.reduce(Self.seed) { Self.appended($0, $1) }
        sketch = BitCounts.sketch { Self.add(text, to: &$0) }
    }

    /// Whether one may be the other with little changed.
    package static func isSimilar(_ left: UInt64, _ right: UInt64) -> Bool {
        (left ^ right).nonzeroBitCount <= distance
    }

    /// FNV-1a.
    ///
    /// Source: draft-eastlake-fnv, section 2.
    private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325
    @inline(__always)
    private static func appended(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }

    private static func add(_ text: UnsafeBufferPointer<UInt8>, to bits: inout BitCounts) {
        var (last, lastButOne, words) = (UInt64(0), UInt64(0), 0)
        var (hash, length) = (seed, 0)
        for place in 0...text.count {
            let byte = place < text.count ? text[place] : 0x20
            if byte < 128, !ASCIITable.isWord(byte) {
                guard length > 0 else { continue }
                words += 1
                // A word by itself as well: what is changed at one place changes three of four only there.
                bits.add(mixed(hash))
                if words > 1 { bits.add(mixed(last &* 31 ^ hash)) }
                if words > 2 { bits.add(mixed(lastButOne &* 961 ^ last &* 31 ^ hash)) }
                (lastButOne, last) = (last, hash)
                (hash, length) = (seed, 0)
            } else {
                hash = appended(hash, byte)
                length += 1
            }
        }
        if words < 6 { addBytes(text, to: &bits) }
    }

    private static func addBytes(_ text: UnsafeBufferPointer<UInt8>, to bits: inout BitCounts) {
        var window: UInt32 = 0
        for (place, byte) in text.enumerated() {
            window = window << 8 | UInt32(byte)
            if place >= 3 || place == text.count - 1 { bits.add(mixed(UInt64(window) | 1 << 40)) }
        }
    }

    /// Source: MurmurHash3's finaliser.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var value = (value ^ (value >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        value = (value ^ (value >> 33)) &* 0xC4CE_B9FE_1A85_EC53
        return value ^ (value >> 33)
    }
}

/// How many of some hashes have each bit: 64 counters at once, the counters' lowest bits in the first plane.
private struct BitCounts {
    private static let planeCount = 32

    private let planes: UnsafeMutableBufferPointer<UInt64>
    private var total = 0

    private init(planes: UnsafeMutableBufferPointer<UInt64>) { self.planes = planes }

    /// The sketch of what is added; the counters live on the stack.
    static func sketch(_ adding: (inout BitCounts) -> Void) -> UInt64 {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: planeCount) { planes in
            planes.initialize(repeating: 0)
            var counts = BitCounts(planes: planes)
            adding(&counts)
            return counts.sketch
        }
    }

    mutating func add(_ hash: UInt64) {
        total += 1
        var (carry, plane) = (hash, 0)
        while carry != 0, plane < Self.planeCount {
            let next = planes[plane] & carry
            planes[plane] ^= carry
            (carry, plane) = (next, plane + 1)
        }
    }

    /// The bits that more than half of the hashes have.
    private var sketch: UInt64 {
        var (greater, equal) = (UInt64(0), UInt64.max)
        for plane in (0..<Self.planeCount).reversed() {
            if (total / 2) >> plane & 1 == 1 {
                equal &= planes[plane]
            } else {
                greater |= equal & planes[plane]
                equal &= ~planes[plane]
            }
        }
        return greater
    }
}
