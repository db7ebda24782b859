/// Unicode's data as the folding looks it up: properties, NFKC's mappings, lower case, look-alikes of ASCII.
///
/// Read once from ``UnicodeData``; about 300 KB. Sources: Unicode Character Database; UTS #39, `confusables.txt`.
///
/// `@unchecked Sendable`: the one instance is never changed after it is made, nor freed; arrays would be counted and checked
/// with every scalar.
final class UnicodeTables: @unchecked Sendable {
    static let shared = UnicodeTables()

    /// What becomes of a scalar.
    struct Mapping {
        /// Its full decomposition's place and length in `decompositions`; no length where it stays.
        var decomposition: UInt16 = 0
        var decompositionCount: UInt8 = 0
        /// The decomposition is one of compatibility, which loses something.
        var isCompatible = false
        /// 0 where it stays.
        var lower: UInt32 = 0
        /// The place and length in `targets` of the ASCII that it looks like.
        var target: UInt16 = 0
        var targetCount: UInt8 = 0
    }

    private let pages: UnsafePointer<UInt16>
    private let infos: UnsafePointer<UInt32>
    private let mappings: UnsafePointer<Mapping>
    private let decompositions: UnsafePointer<UInt32>
    private let targets: UnsafePointer<UInt8>
    private let compositions: [UInt64: UInt32]

    @inline(__always)
    func info(_ scalar: UInt32) -> ScalarInfo {
        ScalarInfo(bits: infos[Int(pages[Int(scalar >> 7)]) << 7 | Int(scalar & 127)])
    }

    @inline(__always)
    func mapping(_ info: ScalarInfo) -> Mapping? { info.mapping == 0 ? nil : mappings[info.mapping] }

    func decomposition(_ mapping: Mapping) -> UnsafeBufferPointer<UInt32> {
        UnsafeBufferPointer(
            start: decompositions + Int(mapping.decomposition),
            count: Int(mapping.decompositionCount)
        )
    }

    func target(_ mapping: Mapping) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: targets + Int(mapping.target), count: Int(mapping.targetCount))
    }

    /// The one scalar that NFC makes of two.
    func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
        Self.hangul(first, second) ?? compositions[UInt64(first) << 32 | UInt64(second)]
    }

    /// Source: the Unicode Standard, section 3.12, "Hangul Syllable Composition".
    private static func hangul(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if 0x1100..<0x1113 ~= first, 0x1161..<0x1176 ~= second {
            return 0xAC00 + ((first - 0x1100) * 21 + second - 0x1161) * 28
        }
        if 0xAC00..<0xD7A4 ~= first, (first - 0xAC00) % 28 == 0, 0x11A8..<0x11C3 ~= second {
            return first + second - 0x11A7
        }
        return nil
    }

    private init() {
        var reader = TableReader(UnicodeData.scalars)
        var infos = Self.infos(&reader)
        var mappings: [UInt32: Mapping] = [:]
        let (decompositions, targets) = Self.mappings(&reader, into: &mappings)
        (self.decompositions, self.targets) = (Self.kept(decompositions), Self.kept(targets))
        compositions = Self.compositions(&reader)
        var ordered = [Mapping()]
        for (scalar, mapping) in mappings {
            infos[Int(scalar)] |= UInt32(ordered.count) << ScalarInfo.mappingShift
            ordered.append(mapping)
        }
        self.mappings = Self.kept(ordered)
        let (pages, stored) = Self.paged(infos)
        (self.pages, self.infos) = (Self.kept(pages), Self.kept(stored))
    }

    /// A copy for as long as the process lives.
    private static func kept<Value>(_ values: [Value]) -> UnsafePointer<Value> {
        let storage = UnsafeMutablePointer<Value>.allocate(capacity: values.count)
        storage.initialize(from: values, count: values.count)
        return UnsafePointer(storage)
    }

    private static func infos(_ reader: inout TableReader) -> [UInt32] {
        let kinds = (0..<reader.number()).map { _ in
            ScalarInfo(kind: reader.number(), script: reader.number(), upper: reader.number(), class: reader.number())
        }
        var infos: [UInt32] = []
        infos.reserveCapacity(0x110000)
        for _ in 0..<reader.number() {
            let length = reader.number()
            infos.append(contentsOf: repeatElement(kinds[reader.number()].bits, count: length))
        }
        return infos
    }

    private static func mappings(
        _ reader: inout TableReader,
        into mappings: inout [UInt32: Mapping]
    ) -> ([UInt32], [UInt8]) {
        var (scalar, first) = (0, 0)
        var decompositions: [UInt32] = []
        for _ in 0..<reader.number() {
            scalar += reader.number()
            let header = reader.number()
            mappings[UInt32(scalar), default: Mapping()].decomposition = UInt16(decompositions.count)
            mappings[UInt32(scalar)]?.decompositionCount = UInt8(header >> 1)
            mappings[UInt32(scalar)]?.isCompatible = header & 1 == 1
            first += reader.signed()
            var part = first
            decompositions.append(UInt32(part))
            for _ in 1..<header >> 1 {
                part += reader.signed()
                decompositions.append(UInt32(part))
            }
        }
        scalar = 0
        for _ in 0..<reader.number() {
            scalar += reader.number()
            mappings[UInt32(scalar), default: Mapping()].lower = UInt32(scalar + reader.signed())
        }
        scalar = 0
        var targets: [UInt8] = []
        for _ in 0..<reader.number() {
            scalar += reader.number()
            let count = reader.number()
            mappings[UInt32(scalar), default: Mapping()].target = UInt16(targets.count)
            mappings[UInt32(scalar)]?.targetCount = UInt8(count)
            for _ in 0..<count { targets.append(UInt8(reader.number())) }
        }
        return (decompositions, targets)
    }

    private static func compositions(_ reader: inout TableReader) -> [UInt64: UInt32] {
        var compositions: [UInt64: UInt32] = [:]
        var (composite, second) = (0, 0)
        for _ in 0..<reader.number() {
            composite += reader.number()
            let first = composite - reader.signed()
            second += reader.signed()
            compositions[UInt64(first) << 32 | UInt64(second)] = UInt32(composite)
        }
        return compositions
    }

    /// Pages of 128 scalars, those that are alike once.
    private static func paged(_ infos: [UInt32]) -> ([UInt16], [UInt32]) {
        var pages: [UInt16] = []
        var stored: [UInt32] = []
        var known: [ArraySlice<UInt32>: UInt16] = [:]
        for start in stride(from: 0, to: infos.count, by: 128) {
            let page = infos[start..<start + 128]
            if let number = known[page] {
                pages.append(number)
            } else {
                let number = UInt16(stored.count >> 7)
                known[page] = number
                pages.append(number)
                stored += page
            }
        }
        return (pages, stored)
    }
}

/// What kind of thing a scalar is, in one word.
struct ScalarInfo {
    enum Kind: UInt32 { case other, letter, digit, mark, space, hidden, punctuation, control }

    static let mappingShift: UInt32 = 18
    static let latin: UInt32 = 1

    let bits: UInt32

    init(bits: UInt32) { self.bits = bits }

    init(kind: Int, script: Int, upper: Int, class: Int) {
        bits = UInt32(kind | script << 3 | upper << 8 | `class` << 9)
    }

    var kind: Kind { Kind(rawValue: bits & 7).unsafelyUnwrapped }
    /// Of a letter, by the numbers of `scripts/unicode-tables`; Chinese and Japanese are one; 0 is none.
    var script: UInt32 { bits >> 3 & 31 }
    var isUpper: Bool { bits >> 8 & 1 == 1 }
    /// The canonical combining class.
    var combiningClass: UInt32 { bits >> 9 & 255 }
    var mapping: Int { Int(bits >> Self.mappingShift) }

    var isLatinLetter: Bool { kind == .letter && script == Self.latin }
    /// Part of a word: a letter, a digit, or a mark on one.
    var wordClass: WordClass {
        switch kind {
        case .letter: script >= 13 && script <= 17 ? .ideograph : .word
        case .digit, .mark: .word
        default: .none
        }
    }
}

/// What a character is to the bounds of words.
package enum WordClass: UInt8, Sendable {
    case none, word
    /// Of a script that writes no spaces between words: every character may begin and end one.
    case ideograph
}

/// Reads the numbers of ``UnicodeData``: five bits a character, the lowest first; the sixth says that more follow.
private struct TableReader {
    private var rest: UnsafeBufferPointer<UInt8>.SubSequence
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private let values: [UInt8]

    init(_ data: StaticString) {
        rest = UnsafeBufferPointer(start: data.utf8Start, count: data.utf8CodeUnitCount)[...]
        var values = [UInt8](repeating: 0, count: 256)
        for (value, digit) in Self.digits.enumerated() { values[Int(digit)] = UInt8(value) }
        self.values = values
    }

    mutating func number() -> Int {
        var (number, shift) = (0, 0)
        while let digit = rest.popFirst() {
            let value = Int(values[Int(digit)])
            number |= (value & 31) << shift
            shift += 5
            if value < 32 { break }
        }
        return number
    }

    mutating func signed() -> Int {
        let number = number()
        return number & 1 == 0 ? number >> 1 : -((number + 1) >> 1)
    }
}
