import Randomness

/// One pass over texts in their order: each is scored by what was learned from those before, then perhaps learned from.
struct OnlineTrial {
    enum Policy {
        /// Every label, at once.
        case every
        /// Labels of texts that are held or in doubt, and of a small sample of the rest; each comes when so many more texts have.
        case doubtful
    }

    /// A margin below which a text is in doubt.
    private static let doubt: Float = 1
    /// Of the rest, the share that is looked at.
    private static let auditPercent = 2.0
    /// Texts until a label comes.
    private static let delay = 50

    let name: String
    let policy: Policy

    /// - Parameter first: the text from which on scores are held against labels.
    func run(_ texts: [LabelledText], from first: Int, seed: UInt64) -> SpamEvaluation.Part {
        let extractor = SpamExtractor()
        var (learner, random) = (OnlineLearner(), SplitMix(seed: seed))
        var (scores, waiting, asked): ([Double], [(due: Int, index: Int)], Int) = ([], [], 0)
        for (index, text) in texts.enumerated() {
            while let next = waiting.first, next.due <= index {
                waiting.removeFirst()
                extractor.extract(texts[next.index].text)
                learner.learn(extractor, isSpam: texts[next.index].isSpam)
            }
            extractor.extract(text.text)
            let margin = learner.margin(extractor)
            if index >= first { scores.append(PlattScaling.none.probability(Double(margin))) }
            switch policy {
            case .every:
                asked += 1
                learner.learn(extractor, isSpam: text.isSpam)
            case .doubtful:
                // What would be held or blocked goes to a moderator anyway.
                let isAsked = margin > -Self.doubt || random.chance(percent: Self.auditPercent)
                guard isAsked else { continue }
                asked += 1
                waiting.append((index + Self.delay, index))
            }
        }
        let rows = Array(texts.indices.dropFirst(first))
        let metrics = SpamMetrics(scores, isSpam: rows.map { texts[$0].isSpam })
        return SpamEvaluation.Part(name: name, rows: rows, metrics: metrics, labelsUsed: asked)
    }
}
