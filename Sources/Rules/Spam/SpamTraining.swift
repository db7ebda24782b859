package import Limits
import Randomness

/// Makes a model of labelled texts: disguised copies, weights, calibration on texts that were not learned from.
///
/// The same texts, in the same order, and the same seed make the same model. Source: recipe R1, steps 8 and 9.
package struct SpamTraining: Sendable {
    package var seed: UInt64
    /// How often the texts are divided anew to calibrate.
    package var rounds = 5
    /// Of each division, the parts.
    package var parts = 5
    /// How much a wrong text counts against large weights; 0.1 where more than 3 of 100 labels may be wrong.
    package var cost: Float = 2
    package var thresholds = SpamThresholds.standard
    private let limits: Limits.Spam

    /// What a disguised copy counts, a text as it was written being 1.
    private static let copyWeight: Float = 0.1
    /// The largest projected gradient that is left where only margins are wanted, two parameters being made of thousands of them.
    private static let calibrationTolerance: Float = 0.02

    package init(seed: UInt64, limits: Limits.Spam = Limits.Spam()) { (self.seed, self.limits) = (seed, limits) }

    /// As a model is made anew beside the service: one division is enough for thousands of texts, and takes a fifth of the time.
    package static func refit(_ limits: Limits.Spam) -> Self {
        var training = Self(seed: 1, limits: limits)
        training.rounds = 1
        return training
    }

    /// A model, and how its like did on texts that they had not learned from.
    package struct Outcome: Sendable {
        package let model: SpamModel
        /// Of the texts set aside, round by round.
        package let outOfFold: SpamMetrics
    }

    /// - Throws: ``SpamTrainingError`` where there are too few texts of either kind.
    package func outcome(of texts: [LabelledText]) throws(SpamTrainingError) -> Outcome {
        let (spam, ham) = (texts.count { $0.isSpam }, texts.count { !$0.isSpam })
        guard spam >= limits.leastOfEach, ham >= limits.leastOfEach else {
            throw SpamTrainingError(spam: spam, ham: ham, least: limits.leastOfEach)
        }
        let prepared = Prepared(texts, seed: seed)
        let (margins, labels) = outOfFold(texts, prepared)
        let calibration = PlattScaling(margins, isSpam: labels)
        let model = SpamModel(
            weights: QuantisedWeights(
                trainer.weights(of: prepared.samples, chosen: prepared.samples(where: { _ in true }))
            ),
            calibration: calibration,
            thresholds: thresholds,
            profile: prepared.profile,
            spam: spam,
            ham: ham
        )
        let scores = margins.map { calibration.probability($0) }
        return Outcome(model: model, outOfFold: SpamMetrics(scores, isSpam: labels))
    }

    private var trainer: SupportVectorTrainer {
        var trainer = SupportVectorTrainer(seed: seed)
        trainer.cost = cost
        return trainer
    }

    /// The margin of each text by weights that were learned without it or its like.
    private func outOfFold(_ texts: [LabelledText], _ prepared: Prepared) -> (margins: [Double], isSpam: [Bool]) {
        var (random, trainer) = (SplitMix(seed: seed), trainer)
        trainer.tolerance = Self.calibrationTolerance
        var (margins, labels): ([Double], [Bool]) = ([], [])
        for _ in 0..<rounds {
            let folds = SpamFolds(texts, count: parts, using: &random)
            for part in 0..<parts {
                let weights = trainer.weights(
                    of: prepared.samples,
                    chosen: prepared.samples(where: { folds.parts[$0] != part })
                )
                for index in texts.indices where folds.parts[index] == part {
                    margins.append(Double(weights.margin(of: index, in: prepared.samples)))
                    labels.append(texts[index].isSpam)
                }
            }
        }
        return (margins, labels)
    }

    /// The features of texts and, behind them, of their copies.
    private struct Prepared {
        private(set) var samples = SpamSamples()
        let profile: LanguageProfile
        private let sources: [Int]

        init(_ texts: [LabelledText], seed: UInt64) {
            let extractor = SpamExtractor()
            var languages = LanguageProfile.Builder()
            for text in texts {
                extractor.extract(text.text)
                samples.append(extractor, isSpam: text.isSpam)
                languages.add(extractor)
            }
            let copies = SpamAugmentation(seed: seed).copies(of: texts)
            for copy in copies {
                extractor.extract(copy.text.text)
                samples.append(extractor, isSpam: copy.text.isSpam, weight: copyWeight)
            }
            sources = Array(texts.indices) + copies.map(\.source)
            profile = languages.profile()
        }

        /// Those of which the text they are of is wanted.
        func samples(where isWanted: (Int) -> Bool) -> [Int] { sources.indices.filter { isWanted(sources[$0]) } }
    }
}

/// There is too little to learn from.
package struct SpamTrainingError: Error, Equatable, CustomStringConvertible {
    let spam: Int
    let ham: Int
    let least: Int

    package var description: String {
        "\(spam) texts are spam and \(ham) are not; a model needs at least \(least) of each"
    }
}
