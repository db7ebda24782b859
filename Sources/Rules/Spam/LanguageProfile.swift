import Glibc

/// Tells whether a text is written as those were that a model learned from: in their script, and in their language.
///
/// The language is told by how usual the text's stretches of four letters are; a text with fewer than ``fewest`` of them cannot be
/// told. Disguises do not matter, since the squeezed text is looked at. Source: after Cavnar, Trenkle, "N-gram-based text
/// categorization", SDAIR 1994.
package struct LanguageProfile: Sendable, Equatable {
    /// What can be said of a text.
    package enum Familiarity: String, Sendable {
        case familiar, foreign
        /// Too short to tell.
        case unknown
    }

    /// Stretches of four letters below which nothing can be said.
    static let fewest = 12
    static let bits = 16
    /// Stored rarities are in eighths of a bit.
    private static let resolution: Float = 8
    /// The share of texts learned from that may pass for foreign.
    private static let refused = 0.01
    /// No text is foreign below this, in bits: a few hundred texts that are all alike would let nothing else pass.
    ///
    /// Texts in other languages lay above 15.7 for models of 240 to 5,574 English texts.
    private static let leastLimit: Float = 15.25

    /// By the number of ``ScalarInfo/script``: one bit each.
    let scripts: UInt32
    /// By stretch: how rare it is, in eighths of a bit.
    let rarities: [UInt8]
    /// The mean rarity from which on a text is foreign, by ``stratum(of:)``.
    let limits: [Float]

    init(scripts: UInt32, rarities: [UInt8], limits: [Float]) {
        (self.scripts, self.rarities, self.limits) = (scripts, rarities, limits)
    }

    /// Of the text that was extracted last.
    package func familiarity(_ extractor: SpamExtractor) -> Familiarity {
        let script = Self.mainScript(extractor.text)
        if let script, scripts >> script & 1 == 0 { return .foreign }
        var (sum, count): (Float, Int) = (0, 0)
        Self.forEachStretch(extractor.squeezed) {
            sum += Float(rarities[$0])
            count += 1
        }
        guard count >= Self.fewest else { return .unknown }
        return sum / Float(count) / Self.resolution <= limits[Self.stratum(of: count)] ? .familiar : .foreign
    }

    // MARK: Learned

    /// Collects what the texts of a training are written in.
    struct Builder {
        private var counts = [Float](repeating: 0, count: 1 << bits)
        private var scriptTexts = [Int](repeating: 0, count: 32)
        private var stretches: [UInt16] = []
        private var ends: [Int] = []

        mutating func add(_ extractor: SpamExtractor) {
            if let script = mainScript(extractor.text) { scriptTexts[Int(script)] += 1 }
            forEachStretch(extractor.squeezed) {
                counts[$0] += 1
                stretches.append(UInt16($0))
            }
            ends.append(stretches.count)
        }

        /// Scripts count from a hundredth of the texts on.
        func profile() -> LanguageProfile {
            let total = scriptTexts.reduce(0, +)
            let scripts = scriptTexts.indices.reduce(UInt32(0)) {
                scriptTexts[$1] * 100 >= max(total, 1) ? $0 | 1 << UInt32($1) : $0
            }
            let all = Float(stretches.count) + Float(counts.count) / 4
            func rarity(_ count: Float) -> Float { log2f(all / (count + 0.25)) }
            let rarities = counts.map { UInt8(min(255, (rarity($0) * resolution).rounded())) }
            return LanguageProfile(scripts: scripts, rarities: rarities, limits: limits(rarity))
        }

        /// Of each stratum, the rarity that few texts go beyond when they are looked at as if they had not been learned from.
        private func limits(_ rarity: (Float) -> Float) -> [Float] {
            var means = [[Float]](repeating: [], count: strata)
            var start = 0
            for end in ends {
                defer { start = end }
                guard end - start >= fewest else { continue }
                var own: [UInt16: Float] = [:]
                for stretch in stretches[start..<end] { own[stretch, default: 0] += 1 }
                let sum = stretches[start..<end].reduce(Float(0)) { $0 + rarity(counts[Int($1)] - (own[$1] ?? 0)) }
                means[stratum(of: end - start)].append(sum / Float(end - start))
            }
            // A longer text has no wider limit than a shorter one; a stratum without texts has that of the one before.
            var last = log2f(Float(stretches.count) + 1)
            return means.map { means in
                if !means.isEmpty {
                    let sorted = means.sorted()
                    last = max(
                        leastLimit,
                        min(last, sorted[min(sorted.count - 1, Int(Double(sorted.count) * (1 - refused)))])
                    )
                }
                return last
            }
        }
    }

    // MARK: Of a text

    /// Texts of 12 to 23, 24 to 47, 48 to 95 stretches, and longer: the longer, the surer.
    static let strata = 4

    private static func stratum(of count: Int) -> Int {
        var (stratum, most) = (0, fewest * 2)
        while count >= most, stratum < strata - 1 { (stratum, most) = (stratum + 1, most * 2) }
        return stratum
    }

    private static func forEachStretch(_ squeezed: SqueezedText, _ body: (Int) -> Void) {
        let scalars = squeezed.scalars
        var (hash, letters) = (UInt32(0), 0)
        for place in 0..<squeezed.count {
            // Links and digits are of no language.
            letters = scalars[place] > 0x39 ? letters &+ 1 : 0
            // Four letters back nothing is left of a letter.
            hash = hash << 8 &+ (scalars[place] &* 0x9E37_79B1) >> 24
            if letters >= 4 { body(Int((hash &* 0x85EB_CA6B) >> UInt32(32 - bits))) }
        }
    }

    /// The script of most letters; `nil` where there is none.
    private static func mainScript(_ text: SpamText) -> UInt32? {
        var counts = InlineArray<32, Int>(repeating: 0)
        let tables = UnicodeTables.shared
        for place in 0..<text.count where text.kinds[place].contains(.letter) {
            counts[Int(tables.info(text.scalars[place]).script)] += 1
        }
        var (best, most): (UInt32?, Int) = (nil, 0)
        // 0 is letters of no script.
        for script in 1..<32 where counts[script] > most { (best, most) = (UInt32(script), counts[script]) }
        return best
    }
}
