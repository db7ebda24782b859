import Randomness

/// Disguised copies of texts, added to what a model learns from.
package struct SpamAugmentation: Sendable {
    /// Copies of each spam.
    package var spamCopies = 2
    /// The share of ham that gets a copy, 0 to 1: disguises alone are no sign of spam.
    package var hamShare = 0.15
    package var seed: UInt64

    package init(seed: UInt64) { self.seed = seed }

    /// The copies, each with the number of the text that it is of; the same for a text wherever it stands among others.
    package func copies(of texts: [LabelledText]) -> [(text: LabelledText, source: Int)] {
        var copies: [(LabelledText, Int)] = []
        for (index, text) in texts.enumerated() {
            var random = SplitMix(seed: seed, element: index)
            let count = text.isSpam ? spamCopies : random.chance(percent: hamShare * 100) ? 1 : 0
            for _ in 0..<count {
                let kind = TextDisguise.allCases[random.below(TextDisguise.allCases.count)]
                let rate = random.chance(percent: 50) ? 1 : 0.3
                let disguised = kind.disguised(text.text, rate: rate, using: &random)
                copies.append((LabelledText(disguised, isSpam: text.isSpam), index))
            }
        }
        return copies
    }
}
