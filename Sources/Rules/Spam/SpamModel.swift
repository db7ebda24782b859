/// A model that tells spam by its text: weights, calibration, thresholds, and what it was trained on.
package struct SpamModel: Sendable, Equatable {
    let weights: QuantisedWeights
    package let calibration: PlattScaling
    package let thresholds: SpamThresholds
    package let profile: LanguageProfile
    /// Texts that it learned from.
    package let spam: Int
    package let ham: Int

    /// The SHA-256 of all of it, in hexadecimal digits: models of one version score alike.
    package let version: String
    /// As it is stored; see ``SpamModelFile``.
    package let bytes: [UInt8]

    init(
        weights: QuantisedWeights,
        calibration: PlattScaling,
        thresholds: SpamThresholds,
        profile: LanguageProfile,
        spam: Int,
        ham: Int
    ) {
        (self.weights, self.calibration, self.thresholds, self.profile) = (weights, calibration, thresholds, profile)
        (self.spam, self.ham) = (spam, ham)
        let file = SpamModelFile(weights, calibration, thresholds, profile, spam: spam, ham: ham)
        (version, bytes) = (file.version, file.bytes)
    }

    /// Reads a model as it is stored.
    ///
    /// - Throws: ``SpamModelFault`` where it is damaged, of another version, or no model.
    package init(_ bytes: [UInt8]) throws(SpamModelFault) {
        var reader = try SpamModelFile.Reader(bytes)
        self = try reader.model()
    }

    /// What the model makes of the text that was extracted last.
    package func score(_ extractor: SpamExtractor) -> SpamScore {
        let margin = Double(weights.margin(extractor.features))
        return SpamScore(
            margin: margin,
            probability: calibration.probability(margin),
            familiarity: profile.familiarity(extractor),
            thresholds: thresholds
        )
    }

    /// What to go on learning from.
    package var learnable: LinearWeights { weights.weights }
}
