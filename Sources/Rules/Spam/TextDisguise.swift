package import Randomness

/// Ways in which spammers write words so that filters do not know them.
///
/// Applied to texts whose label is known, they teach a model to see through them; and they are what it is tried on.
package enum TextDisguise: String, CaseIterable, Sendable {
    case leet, zeroWidth = "zero-width", homoglyph, spaced, punctuation, fullWidth = "full-width"
    case mathematical, zalgo, stroke, stretched, split, mixed

    /// Words with fewer letters stay as they are.
    private static let shortestWord = 3

    /// The text with its words disguised.
    ///
    /// - Parameter rate: the share of words that are, 0 to 1.
    package func disguised(_ text: String, rate: Double = 1, using random: inout SplitMix) -> String {
        var result = String.UnicodeScalarView()
        var word: [Unicode.Scalar] = []
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace {
                append(word, to: &result, rate, &random)
                word.removeAll(keepingCapacity: true)
                result.append(scalar)
            } else {
                word.append(scalar)
            }
        }
        append(word, to: &result, rate, &random)
        return String(result)
    }

    private func append(
        _ word: [Unicode.Scalar],
        to result: inout String.UnicodeScalarView,
        _ rate: Double,
        _ random: inout SplitMix
    ) {
        let letters = word.count { Self.isLetter($0) }
        guard letters >= Self.shortestWord, random.chance(percent: rate * 100) else {
            return result.append(contentsOf: word)
        }
        let kind = self == .mixed ? Self.allCases[random.below(Self.allCases.count - 1)] : self
        result.append(contentsOf: kind.disguised(word, &random))
    }

    private func disguised(_ word: [Unicode.Scalar], _ random: inout SplitMix) -> [Unicode.Scalar] {
        switch self {
        case .leet: replaced(word, Self.leetSigns, percent: 70, &random)
        case .homoglyph: replaced(word, Self.homoglyphs, percent: 80, &random)
        case .stroke: replaced(word, Self.strokes, percent: 90, &random)
        case .fullWidth: word.map { 0x21...0x7E ~= $0.value ? Self.scalar($0.value + 0xFEE0) : $0 }
        case .mathematical: mathematical(word, &random)
        case .zeroWidth: joined(word, Self.invisibles, percent: 100, &random)
        case .spaced: joined(word, " ", percent: 100, &random)
        case .punctuation: joined(word, ".-_*·~", percent: 60, isOneOf: true, &random)
        case .zalgo: stacked(word, &random)
        case .stretched: stretched(word, &random)
        case .split: split(word, &random)
        case .mixed: word
        }
    }

    // MARK: How

    private func replaced(
        _ word: [Unicode.Scalar],
        _ table: [Unicode.Scalar: [Unicode.Scalar]],
        percent: Double,
        _ random: inout SplitMix
    ) -> [Unicode.Scalar] {
        var changed = word
        for index in word.indices {
            guard let choices = table[word[index]], random.chance(percent: percent) else { continue }
            changed[index] = choices[random.below(choices.count)]
        }
        return changed
    }

    /// Something between each two.
    private func joined(
        _ word: [Unicode.Scalar],
        _ signs: String,
        percent: Double,
        isOneOf: Bool = false,
        _ random: inout SplitMix
    ) -> [Unicode.Scalar] {
        let signs = Array(signs.unicodeScalars)
        let same = signs[random.below(signs.count)]
        var result: [Unicode.Scalar] = []
        for (index, scalar) in word.enumerated() {
            if index > 0, random.chance(percent: percent) {
                result.append(isOneOf ? same : signs[random.below(signs.count)])
            }
            result.append(scalar)
        }
        return result
    }

    private func mathematical(_ word: [Unicode.Scalar], _ random: inout SplitMix) -> [Unicode.Scalar] {
        // Bold, sans-serif, sans-serif bold, monospace: alphabets without gaps.
        let capitals: [UInt32] = [0x1D400, 0x1D5A0, 0x1D5D4, 0x1D670]
        let first = capitals[random.below(capitals.count)]
        return word.map { scalar in
            switch scalar {
            case "A"..."Z": Self.scalar(first + scalar.value - 0x41)
            case "a"..."z": Self.scalar(first + 26 + scalar.value - 0x61)
            default: scalar
            }
        }
    }

    private func stacked(_ word: [Unicode.Scalar], _ random: inout SplitMix) -> [Unicode.Scalar] {
        word.flatMap { scalar in
            [scalar]
                + (Self.isLetter(scalar)
                    ? (0...random.below(3)).map { _ in Self.scalar(0x300 + UInt32(random.below(0x46))) } : [])
        }
    }

    private func stretched(_ word: [Unicode.Scalar], _ random: inout SplitMix) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        for scalar in word {
            let times = Self.isLetter(scalar) && random.chance(percent: 35) ? 3 + random.below(3) : 1
            result.append(contentsOf: repeatElement(scalar, count: times))
        }
        return result
    }

    private func split(_ word: [Unicode.Scalar], _ random: inout SplitMix) -> [Unicode.Scalar] {
        let place = 1 + random.below(word.count - 1)
        return Array(word[..<place]) + [" "] + Array(word[place...])
    }

    // MARK: With what

    private static let invisibles = "\u{200B}\u{200C}\u{200D}\u{2060}\u{FEFF}\u{AD}"

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isAlphabetic }

    private static func scalar(_ value: UInt32) -> Unicode.Scalar { Unicode.Scalar(value) ?? "\u{FFFD}" }

    /// Each word is a letter and what stands for it, in small letters; capitals are added where they have a form.
    private static func table(_ words: String) -> [Unicode.Scalar: [Unicode.Scalar]] {
        var table: [Unicode.Scalar: [Unicode.Scalar]] = [:]
        for word in words.split(separator: " ") {
            let scalars = Array(word.unicodeScalars)
            table[scalars[0], default: []] += scalars.dropFirst()
        }
        return table
    }

    private static let leetSigns = table(
        "a4@ A4@ b8 B8 e3 E3 g9 G9 i1! I1! l1| L1| o0 O0 s5$ S5$ t7 T7"
    )
    private static let homoglyphs = table(
        """
        aаα AΑА bЬƄ BΒВ cсϲ CСϹ dԁ eеҽ EΕЕ gɡց hһհ HΗН iіι IІΙ jј JЈ KΚК lⅼӏ mⅿ MΜМ nոп NΝ oоοօ OΟОՕ pрρ PΡР qԛ sѕ SЅՏ \
        tт TΤТ uսυ UՍ vνѵ wԝա xхⅹ XΧХ yуү YΥҮ ZΖ rг
        """
    )
    private static let strokes = table(
        "aⱥ AȺ bƀ BɃ cȼ CȻ dđ DĐ eɇ EɆ gǥ GǤ hħ HĦ iɨ IƗ jɉ lłƚ LŁ oøɵ OØ pᵽ PⱣ rɍ RɌ tŧ TŦ uʉ yɏ YɎ zƶ ZƵ"
    )
}
