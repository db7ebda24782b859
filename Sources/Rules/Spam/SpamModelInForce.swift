import Glibc

/// The model that judges at a moment, with what is known of single places.
///
/// A value that never changes: a newer one takes its place.
package final class SpamModelInForce: Sendable {
    package let model: SpamModel
    /// By channel type: what the model's own log odds mean there.
    package let places: [String: PlattScaling]
    /// Verdicts learned since the model was made.
    package let learned: Int
    private let weights: QuantisedWeights
    /// As decisions name it: the model's version, and how many verdicts it has learned since.
    package let version: String

    /// - Parameter learner: the model's weights with what has been learned since; left out: nothing has.
    package init(
        _ model: SpamModel,
        learner: OnlineLearner? = nil,
        learned: Int = 0,
        places: [String: PlattScaling] = [:]
    ) {
        (self.model, self.places, self.learned) = (model, places, learned)
        version = learned == 0 ? model.version : "\(model.version)+\(learned)"
        weights = learner.map { QuantisedWeights($0.weights) } ?? QuantisedWeights(model.logOdds)
    }

    /// What the model makes of the text that was extracted last.
    ///
    /// - Parameter place: the type of the channel; `nil` asks the model alone.
    package func score(_ extractor: SpamExtractor, in place: String?) -> SpamScore {
        SpamScore(
            margin: Double(weights.margin(extractor.features)),
            probability: probability(extractor, in: place),
            familiarity: model.profile.familiarity(extractor),
            thresholds: model.thresholds
        )
    }

    package func reasons(_ extractor: SpamExtractor, most: Int = 5) -> [SpamReason] {
        SpamReason.reasons(weights, extractor, most: most)
    }

    /// What rules are told of a text.
    func answer(_ extractor: SpamExtractor, in place: String?) -> SpamAnswer {
        let probability = probability(extractor, in: place)
        // The language matters to the highest alone.
        guard probability > model.thresholds.mostForeign else {
            return SpamAnswer(probability: probability, model: version)
        }
        return SpamAnswer(probability: score(extractor, in: place).judged, model: version)
    }

    private func probability(_ extractor: SpamExtractor, in place: String?) -> Double {
        let scaling = place.flatMap { places[$0] } ?? .none
        return scaling.probability(Double(weights.margin(extractor.features)))
    }
}

/// Where the model in force is found.
package protocol SpamSource: Sendable {
    /// `nil` where there is none: then conditions on spam are unknown.
    var current: SpamModelInForce? { get }
}

/// How likely a text is spam, and by which model.
package struct SpamAnswer: Sendable, Equatable {
    /// 0 to 1; outside the languages learned below the threshold for blocking.
    package let probability: Double
    package let model: String
}

extension SpamModel {
    /// Weights whose margins are log odds: what is learned from verdicts goes on from there.
    package var logOdds: LinearWeights {
        var weights = learnable
        let slope = Float(calibration.slope)
        for place in weights.table.indices { weights.table[place] *= slope }
        weights.bias = weights.bias * slope + Float(calibration.offset)
        return weights
    }
}
