import Limits

@testable import Rules

/// The features of a text found in the plainest way: strings, lists and sets.
///
/// Shares nothing with the extractor but the normalisation, the recognition of links, and what a scalar is.
struct StraightFeatures {
    private(set) var words: Set<UInt32> = []
    private(set) var characters: Set<UInt32> = []
    private(set) var squeezed: Set<UInt32> = []

    private typealias Sign = (scalar: UInt32, kind: ScalarKind)

    init(_ text: String) {
        let signs = String(decoding: NormalisedText(text).bytes, as: UTF8.self).unicodeScalars.map(Self.sign)
        words = Self.words(signs)
        characters = Self.stretches(Self.collapsed(signs), 1...5, .characters)
        squeezed = Self.stretches(Self.squeezed(signs), 3...5, .squeezed)
    }

    private static func sign(_ scalar: Unicode.Scalar) -> Sign {
        scalar.value < 128
            ? (UInt32(ScalarKind.ascii[Int(scalar.value)].lower), ScalarKind.ascii[Int(scalar.value)].kind)
            : { ($0.lower, $0.kind) }(ScalarKind.other(scalar.value, .shared))
    }

    private static func place(_ scalars: [UInt32], _ group: FeatureGroup) -> UInt32 {
        var hash = group.seed
        for scalar in scalars { hash = (hash ^ UInt64(scalar)) &* 1_099_511_628_211 }
        hash = (hash ^ (hash / 8_589_934_592)) &* 18_397_679_294_719_823_053
        hash ^= hash / 8_589_934_592
        return UInt32(hash / 70_368_744_177_664)
    }

    private static func words(_ signs: [Sign]) -> Set<UInt32> {
        var tokens: [[UInt32]] = []
        var index = 0
        while index < signs.count {
            let kind = signs[index].kind
            var token = [signs[index].scalar]
            index += 1
            if kind.contains(.letter) {
                while index < signs.count {
                    if signs[index].kind.contains(.letter) {
                        token.append(signs[index].scalar)
                        index += 1
                    } else if signs[index].kind.contains(.apostrophe), index + 1 < signs.count,
                        signs[index + 1].kind.contains(.letter)
                    {
                        token += [signs[index].scalar, signs[index + 1].scalar]
                        index += 2
                    } else {
                        break
                    }
                }
                tokens.append(token)
            } else if kind.contains(.digit) {
                var count = 1
                while index < signs.count, signs[index].kind.contains(.digit) {
                    (index, count) = (index + 1, count + 1)
                }
                tokens.append([0x23, UInt32(min(count, 14))])
            } else if !kind.contains(.space) {
                tokens.append(token)
            }
        }
        var found = Set(tokens.map { place($0, .words) })
        for (first, second) in zip(tokens, tokens.dropFirst()) { found.insert(place(first + [0x20] + second, .words)) }
        return found
    }

    private static func collapsed(_ signs: [Sign]) -> [UInt32] {
        let words = signs.split { $0.kind.contains(.space) }
        let texts = words.map { $0.map { $0.kind.contains(.digit) ? 0x30 : $0.scalar } }
        return texts.isEmpty ? [0x20] : [0x20] + texts.joined(separator: [0x20]) + [0x20]
    }

    private static func squeezed(_ signs: [Sign]) -> [UInt32] {
        var result: [UInt32] = []
        for word in signs.split(whereSeparator: { $0.kind.contains(.space) }).map(Array.init) {
            if isLink(word) {
                result.append(1)
                continue
            }
            let isDisguised = isDisguised(word)
            for sign in word {
                if sign.kind.contains(.letter) {
                    if result.suffix(2) != [sign.scalar, sign.scalar] { result.append(sign.scalar) }
                } else if isDisguised, let letter = leet(sign.scalar) {
                    if result.suffix(2) != [letter, letter] { result.append(letter) }
                } else if sign.kind.contains(.digit), result.last != 0x30 {
                    result.append(0x30)
                }
            }
        }
        return result
    }

    private static func leet(_ scalar: UInt32) -> UInt32? {
        let table: [Character: Character] = [
            "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i", "|": "l",
            "€": "e",
        ]
        return Unicode.Scalar(scalar).flatMap { table[Character($0)] }?.unicodeScalars.first?.value
    }

    private static func isDisguised(_ word: [Sign]) -> Bool {
        let letters = word.count { $0.kind.contains(.letter) }
        let marks = word.indices.filter { !word[$0].kind.contains(.letter) && leet(word[$0].scalar) != nil }
        let touches = marks.contains { mark in
            [mark - 1, mark + 1].contains { word.indices.contains($0) && word[$0].kind.contains(.letter) }
        }
        return letters >= 2 && marks.count <= letters && touches
    }

    private static func isLink(_ word: [Sign]) -> Bool {
        let text = SpamText(limits: .init())
        text.read(String(String.UnicodeScalarView(word.compactMap { Unicode.Scalar($0.scalar) })))
        return text.count > 0 && LinkShape.isLink(text, 0..<text.count)
    }

    private static func stretches(_ scalars: [UInt32], _ lengths: ClosedRange<Int>, _ group: FeatureGroup) -> Set<
        UInt32
    > {
        var found: Set<UInt32> = []
        for length in lengths where length <= scalars.count {
            for start in 0...scalars.count - length {
                found.insert(place(Array(scalars[start..<start + length]), group))
            }
        }
        return found
    }
}
