package import Limits
import Randomness

/// How well models do that are made of a file's texts: the reference protocol, everything chosen on the training part.
///
/// Source: Almeida, Hidalgo, Yamakami, "Contributions to the study of SMS spam filtering", DocEng 2011, whose division it is.
package struct SpamEvaluation: Sendable {
    /// Texts from the beginning of the file that a model is made of; the rest it is tried on.
    package var trainRows: Int
    package var seed: UInt64
    /// Parts of the cross-validation over all texts.
    package var folds = 10
    package var limits = Limits.Spam()

    package init(trainRows: Int, seed: UInt64) { (self.trainRows, self.seed) = (trainRows, seed) }

    /// One try: the metrics that come of its scores.
    package struct Part: Sendable {
        package let name: String
        /// The texts' places in the file, from 0; with their scores and labels.
        package let rows: [Int]
        package let metrics: SpamMetrics
        /// Labels that were asked for; `nil` where that is not the question.
        package var labelsUsed: Int?
    }

    /// Spam in disguise, from elsewhere.
    package struct Disguised: Sendable {
        package let kind: String
        package let texts: [(row: Int, text: String)]

        package init(kind: String, texts: [(row: Int, text: String)]) { (self.kind, self.texts) = (kind, texts) }
    }

    package struct Outcome: Sendable {
        package let split: Part
        package let crossValidation: Part
        /// Every label at once; and at most a fifth of them, late.
        package let online: [Part]
        /// By kind; spam alone.
        package let evasion: [Part]
        package let evasionGiven: [Part]
        package let model: SpamModel
    }

    /// - Throws: ``SpamTrainingError`` where a part has too little of either kind.
    package func run(
        _ texts: [LabelledText],
        disguised: [Disguised] = [],
        progress: (Double, String) -> Void
    ) throws(SpamTrainingError) -> Outcome {
        let test = Array(texts.indices.dropFirst(trainRows))
        guard !test.isEmpty else { throw SpamTrainingError(spam: 0, ham: 0, least: 1) }
        progress(0, "split")
        let model = try SpamTraining(seed: seed, limits: limits).outcome(of: Array(texts[..<trainRows])).model
        let scorer = Scorer(model)
        let split = scorer.part("test", texts, test)
        progress(0.1, "evasion")
        let spam = test.filter { texts[$0].isSpam }
        let evasion = TextDisguise.allCases.map { kind in
            scorer.part("evasion:\(kind.rawValue)", Self.disguised(texts, spam, kind, seed: seed))
        }
        let given = disguised.map { scorer.part("evasion-file:\($0.kind)", $0.texts) }
        progress(0.2, "cross-validation")
        let crossValidation = try crossValidation(texts) { progress(0.2 + 0.6 * $0, "cross-validation") }
        progress(0.8, "online")
        let online = [
            OnlineTrial(name: "online:all", policy: .every).run(texts, from: trainRows, seed: seed),
            OnlineTrial(name: "online:fifth", policy: .doubtful).run(texts, from: trainRows, seed: seed),
        ]
        progress(1, "")
        return Outcome(
            split: split,
            crossValidation: crossValidation,
            online: online,
            evasion: evasion,
            evasionGiven: given,
            model: model
        )
    }

    /// With another seed than training's copies have.
    private static func disguised(
        _ texts: [LabelledText],
        _ rows: [Int],
        _ kind: TextDisguise,
        seed: UInt64
    ) -> [(row: Int, text: String)] {
        rows.map { row in
            var random = SplitMix(seed: ~seed, element: row)
            return (row, kind.disguised(texts[row].text, using: &random))
        }
    }

    private func crossValidation(
        _ texts: [LabelledText],
        progress: (Double) -> Void
    ) throws(SpamTrainingError) -> Part {
        var random = SplitMix(seed: seed)
        let parts = SpamFolds(texts, count: folds, using: &random)
        var training = SpamTraining(seed: seed, limits: limits)
        training.rounds = 1
        var scores = [Double](repeating: 0, count: texts.count)
        for part in 0..<folds {
            let rows = texts.indices.filter { parts.parts[$0] != part }
            let scorer = Scorer(try training.outcome(of: rows.map { texts[$0] }).model)
            for row in texts.indices where parts.parts[row] == part {
                scores[row] = scorer.probability(texts[row].text)
            }
            progress(Double(part + 1) / Double(folds))
        }
        let metrics = SpamMetrics(scores, isSpam: texts.map(\.isSpam))
        return Part(name: "cross-validation", rows: Array(texts.indices), metrics: metrics)
    }
}

/// Scores texts with one model.
private struct Scorer {
    private let model: SpamModel
    private let extractor = SpamExtractor()

    init(_ model: SpamModel) { self.model = model }

    func probability(_ text: String) -> Double {
        extractor.extract(text)
        return model.score(extractor).probability
    }

    func part(_ name: String, _ texts: [LabelledText], _ rows: [Int]) -> SpamEvaluation.Part {
        let metrics = SpamMetrics(rows.map { probability(texts[$0].text) }, isSpam: rows.map { texts[$0].isSpam })
        return SpamEvaluation.Part(name: name, rows: rows, metrics: metrics)
    }

    /// Of spam alone.
    func part(_ name: String, _ texts: [(row: Int, text: String)]) -> SpamEvaluation.Part {
        let metrics = SpamMetrics(texts.map { probability($0.text) }, isSpam: texts.map { _ in true })
        return SpamEvaluation.Part(name: name, rows: texts.map(\.row), metrics: metrics)
    }
}
