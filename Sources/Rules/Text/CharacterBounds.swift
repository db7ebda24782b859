/// Where the characters of a text begin and end, as people count them: extended grapheme clusters.
struct CharacterBounds {
    var isKnown = false
    private(set) var count = 0
    /// Every scalar is a character of its own, and the bounds are read off the text.
    private var isPlain = false
    /// The beginning of the character that each byte is in, and the text's end.
    private var starts: [UInt16] = []
    private var ends: [UInt16] = []

    mutating func find(in text: UnsafeBufferPointer<UInt8>) {
        isKnown = true
        isPlain = true
        count = 0
        var place = 0
        while place < text.count {
            let (scalar, length) = UTF8Reader.scalar(text, at: place)
            guard Self.standsAlone(scalar) else { return findClusters(in: text) }
            place += length
            count += 1
        }
    }

    private mutating func findClusters(in text: UnsafeBufferPointer<UInt8>) {
        isPlain = false
        count = 0
        starts.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        for character in String(decoding: text, as: UTF8.self) {
            let (start, length) = (starts.count, character.utf8.count)
            starts.append(contentsOf: repeatElement(UInt16(start), count: length))
            ends.append(contentsOf: repeatElement(UInt16(start + length), count: length))
            count += 1
        }
    }

    /// The range of the text's bytes widened to whole characters.
    func whole(_ range: Range<Int>, in text: UnsafeBufferPointer<UInt8>) -> Range<Int> {
        guard isPlain else {
            let start = range.lowerBound < starts.count ? Int(starts[range.lowerBound]) : range.lowerBound
            return start..<(range.isEmpty ? start : Int(ends[range.upperBound - 1]))
        }
        func isWithin(_ place: Int) -> Bool { place < text.count && text[place] & 0xC0 == 0x80 }
        var (start, end) = (range.lowerBound, range.upperBound)
        while isWithin(start) { start -= 1 }
        guard !range.isEmpty else { return start..<start }
        while isWithin(end) { end += 1 }
        return start..<end
    }

    /// Among scalars that most texts are made of: whether no neighbour of the same sort joins it in one character.
    ///
    /// Source: Unicode Standard Annex #29, table 2: all of these have the property `Other`, or break on both sides.
    private static func standsAlone(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x0D: false
        case 0..<0x300: true
        case 0x370..<0x483: true  // Greek, Cyrillic
        case 0x2010..<0x2028, 0x2030..<0x205F, 0x20A0..<0x20D0: true  // punctuation, currencies
        case 0x3041..<0x3097, 0x309D..<0x3100, 0x4E00..<0xA000: true  // kana, ideographs
        case 0x1F300..<0x1F3FB, 0x1F400..<0x1F650: true  // emoji, without tones of skin
        default: false
        }
    }
}
