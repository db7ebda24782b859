/// What a model makes of a text.
package struct SpamScore: Sendable, Equatable {
    /// How far the text is on the side of spam, before calibration.
    package let margin: Double
    /// Of spam, 0 to 1: of texts with 0.9 nine in ten are.
    package let probability: Double
    package let familiarity: LanguageProfile.Familiarity
    let thresholds: SpamThresholds

    /// What the score alone speaks for: outside the languages learned it holds, and never blocks.
    package var advice: Advice {
        if probability >= thresholds.block, familiarity == .familiar { return .block }
        return probability >= thresholds.hold ? .hold : .allow
    }

    package enum Advice: String, Sendable { case allow, hold, block }

    /// The probability as conditions of rules see it: outside the languages learned it stays below the threshold for
    /// blocking, so that a rule that deletes from there on leaves such texts to one that holds.
    package var judged: Double { familiarity == .familiar ? probability : min(probability, thresholds.mostForeign) }
}

/// From which probability on a text is held for a moderator, and from which on it may be blocked.
package struct SpamThresholds: Sendable, Equatable {
    package var hold: Double
    package var block: Double

    package init(hold: Double, block: Double) { (self.hold, self.block) = (hold, block) }

    /// On the test part of the SMS collection 1 of 100 texts lies between the two.
    package static let standard = SpamThresholds(hold: 0.2, block: 0.9)

    /// What a text in another language comes to at most.
    package var mostForeign: Double { block - 0.01 }
}
