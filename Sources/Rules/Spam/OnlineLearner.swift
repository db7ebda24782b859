import Glibc

/// Learns from one verdict after the other: logistic regression by AdaGrad, over the features and table of the batch training.
///
/// Sources: Duchi, Hazan, Singer, "Adaptive subgradient methods", JMLR 12, 2011; recipe R1, step 11.
package struct OnlineLearner: Sendable {
    /// The step of a feature that is met for the first time, about.
    private static let rate: Float = 0.5
    /// What a feature seems to have seen before it is met: keeps the first steps small.
    private static let accumulated: Float = 0.03
    /// Spam is rarer and counts double.
    private static let spamWeight: Float = 2

    package private(set) var weights: LinearWeights
    private var squares: [Float]
    private var biasSquares = Self.accumulated

    /// - Parameter weights: what is known already.
    package init(_ weights: LinearWeights = LinearWeights()) {
        self.weights = weights
        squares = [Float](repeating: Self.accumulated, count: SpamHash.places)
    }

    /// How far the text extracted last is on the side of spam: above 0, likelier spam than not.
    package func margin(_ extractor: SpamExtractor) -> Float { weights.margin(extractor.features) }

    /// Takes the verdict on a text.
    ///
    /// Score first, learn when the verdict comes: so no text is judged by its own label.
    package mutating func learn(_ extractor: SpamExtractor, isSpam: Bool) {
        let features = extractor.features
        let probability = 1 / (1 + expf(-weights.margin(features)))
        let gradient = isSpam ? (probability - 1) * Self.spamWeight : probability
        biasSquares += gradient * gradient
        weights.bias -= Self.rate * gradient / biasSquares.squareRoot()
        for group in FeatureGroup.allCases {
            let slope = gradient * features.value(of: group)
            for place in features[group] {
                squares[Int(place)] += slope * slope
                weights.table[Int(place)] -= Self.rate * slope / squares[Int(place)].squareRoot()
            }
        }
    }
}
