import TestSupport
import Testing

@testable import Rules

/// What is done with eight bytes at once agrees with what is done with one.
struct EightBytesTests {
    @Test func everyQuestionIsThatOfItsBytes() {
        var random = SeededRandom()
        let seed = random.seed
        for _ in 0..<20_000 {
            let bytes = (0..<8).map { _ in
                Bool.random(using: &random) ? UInt8.random(in: 0...255, using: &random) : UInt8(ascii: "a")
            }
            let before = (0..<8).map { _ in UInt8.random(in: 96...98, using: &random) }
            let (eight, eightBefore) = (Self.eight(bytes), Self.eight(before))
            func held(_ answer: UInt64) -> [Bool] { (0..<8).map { answer >> (8 * $0 + 7) & 1 == 1 } }

            #expect(eight.areVisibleASCII == bytes.allSatisfy { (0x20...0x7E).contains($0) }, "TEST_SEED=\(seed)")
            #expect(eight.isBeyondASCII == bytes.contains { $0 > 127 }, "TEST_SEED=\(seed)")
            let sought = bytes[3]
            #expect(held(eight.equal(to: sought)) == bytes.map { $0 == sought }, "TEST_SEED=\(seed)")
            #expect(held(eight.within(48, 57)) == bytes.map { (48...57).contains($0) }, "TEST_SEED=\(seed)")
            #expect(held(eight.smallLetters) == bytes.map { (97...122).contains($0) }, "TEST_SEED=\(seed)")
            #expect(
                held(eight.repeated(after: eightBefore)) == zip(bytes, [before[7]] + bytes).map { $0 == $1 },
                "TEST_SEED=\(seed)"
            )
            #expect(EightBytes.leading(eight.smallLetters) == bytes.prefix { (97...122).contains($0) }.count)
            if !eight.isBeyondASCII {
                #expect(eight.lowered == Self.word(bytes.map { (65...90).contains($0) ? $0 | 0x20 : $0 }))
            }
            let count = Int.random(in: 0...9, using: &random)
            #expect(eight.first(count) == Self.word(bytes.enumerated().map { $0 < count ? $1 : 0 }))
            let spaced = eight.spaced(after: count)
            #expect(spaced.first(8) == Self.word(bytes.enumerated().map { $0 < count ? $1 : 0x20 }))
        }
    }

    @Test func aByteIsFoundWhereverItStands() {
        for count in 0...20 {
            for place in 0..<max(count, 1) {
                var bytes = [UInt8](repeating: 60 - 1, count: count)
                if count > 0 { bytes[place] = 60 }
                bytes.withUnsafeBufferPointer { #expect(EightBytes.contains(60, in: $0) == (count > 0)) }
                bytes.withUnsafeBufferPointer { #expect(!EightBytes.contains(61, in: $0)) }
            }
        }
    }

    /// A word that is not ASCII makes the folder look at one byte after the other.
    @Test func disguisesAreSeenAlikeInBothWays() {
        var random = SeededRandom()
        let seed = random.seed
        let alphabet = Array("aabbcdez  01245!$@|.-*e".unicodeScalars)
        let (folder, other) = (TextFolder(), TextFolder())
        var disguised = 0
        for _ in 0..<20_000 {
            var text = ""
            for _ in 0..<Int.random(in: 1...24, using: &random) {
                text.unicodeScalars.append(alphabet[Int.random(in: alphabet.indices, using: &random)])
            }
            text += "x"
            folder.fold(text)
            other.fold(text + " жя")
            #expect(folder.isDisguised == other.isDisguised, "TEST_SEED=\(seed) \(text.debugDescription)")
            if folder.isDisguised {
                disguised += 1
                #expect(other.revealed.text == folder.revealed.text + " жя", "TEST_SEED=\(seed)")
            }
        }
        #expect(disguised > 1_000 && disguised < 19_500)
    }

    @Test func plainTextIsCountedAsAnyTextIs() {
        var random = SeededRandom()
        let seed = random.seed
        let alphabet = Array("aabBcC D'e  00.!\n".unicodeScalars)
        for _ in 0..<20_000 {
            var text = ""
            for _ in 0..<Int.random(in: 0...40, using: &random) {
                text.unicodeScalars.append(alphabet[Int.random(in: alphabet.indices, using: &random)])
            }
            Array(text.utf8).withUnsafeBufferPointer { bytes in
                let (plain, any) = (TextMeasures(bytes, isASCII: true), TextMeasures(bytes, isASCII: false))
                func counts(_ measures: TextMeasures) -> [Int] {
                    [measures.words, measures.letters, measures.capitals, measures.longestRun]
                }
                #expect(counts(plain) == counts(any), "TEST_SEED=\(seed) \(text.debugDescription)")
            }
        }
    }

    /// Every scalar between others, and twice in a row.
    @Test func charactersAreCountedAsSwiftCountsThem() {
        let folder = TextFolder()
        for value in UInt32(0x20)..<0x20000 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = "a\(scalar)b\(scalar)\(scalar)\u{4E2D}"
            folder.fold(text)
            let expected = text.count
            // An expectation each costs more than what it looks at.
            if folder.value(of: .length) != Double(expected) {
                #expect(folder.value(of: .length) == Double(expected), "U+\(String(value, radix: 16))")
            }
        }
    }

    /// What stands behind makes characters be looked for in the whole text.
    @Test func placesAreWidenedAlikeInBothWays() {
        var random = SeededRandom()
        let seed = random.seed
        let alphabet = Array("abc Ößжя中のあ…€😀".unicodeScalars)
        for _ in 0..<2_000 {
            var text = ""
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                text.unicodeScalars.append(alphabet[Int.random(in: 0..<alphabet.count, using: &random)])
            }
            let (plain, clustered) = (Array(text.utf8), Array((text + "e\u{301}").utf8))
            let start = Int.random(in: 0..<plain.count, using: &random)
            let range = start..<Int.random(in: start...plain.count, using: &random)
            func widened(_ bytes: [UInt8]) -> Range<Int> {
                bytes.withUnsafeBufferPointer { bytes in
                    var bounds = CharacterBounds()
                    bounds.find(in: bytes)
                    return bounds.whole(range, in: bytes)
                }
            }
            #expect(widened(plain) == widened(clustered), "\(text) \(range), TEST_SEED=\(seed)")
        }
    }

    private static func word(_ bytes: [UInt8]) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
    private static func eight(_ bytes: [UInt8]) -> EightBytes { EightBytes(word(bytes)) }
}
