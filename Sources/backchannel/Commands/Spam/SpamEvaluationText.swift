import Randomness
import Rules

/// What an evaluation came to, as tables.
struct SpamEvaluationText {
    private static let points = [0.9, 0.7, 0.5, 0.2, 0.05]
    /// Of ham, in the figure that compares models.
    private static let hamBlockedMost = 0.002

    private let outcome: SpamEvaluation.Outcome
    private let seed: UInt64

    init(_ outcome: SpamEvaluation.Outcome, seed: UInt64) { (self.outcome, self.seed) = (outcome, seed) }

    var lines: [String] {
        [
            "model \(outcome.model.version.prefix(12)), seed \(seed): learned from \(outcome.model.spam) spam and \(outcome.model.ham) others",
            "",
        ] + split + [""] + others + [""] + evasion
    }

    // MARK: The division

    private var split: [String] {
        let metrics = outcome.split.metrics
        var random = SplitMix(seed: seed)
        let interval = metrics.matthewsInterval(atLeast: 0.5, using: &random)
        let most = metrics.spamCaught(withHamBlocked: Self.hamBlockedMost)
        let lines = [
            "\(metrics.scores.count) texts scored, \(metrics.isSpam.count { $0 }) of them spam",
            "  MCC at 0.5             \(Self.share(metrics.counts(atLeast: 0.5).matthews)) (95 % of draws: \(Self.share(interval.lowerBound)) to \(Self.share(interval.upperBound)))",
            "  average precision      \(Self.share(metrics.averagePrecision))",
            "  calibration error      \(SpamNumbers.number(metrics.calibrationError, 4))   Brier \(SpamNumbers.number(metrics.brier, 4))   log loss \(SpamNumbers.number(metrics.logLoss, 4))",
            "  spam caught at most 0.2 % ham blocked: \(SpamNumbers.percent(most))",
            "  from   spam caught   ham blocked   accuracy   MCC",
        ]
        return lines
            + Self.points.map { point in
                let counts = metrics.counts(atLeast: point)
                return "  " + Self.padded(SpamNumbers.number(point, 2), 7)
                    + Self.padded(SpamNumbers.percent(counts.spamCaught), 14)
                    + Self.padded(SpamNumbers.percent(counts.hamBlocked), 14)
                    + Self.padded(SpamNumbers.percent(counts.accuracy), 11) + Self.share(counts.matthews)
            }
    }

    private var others: [String] {
        ([outcome.crossValidation] + outcome.online).map { part in
            let counts = part.metrics.counts(atLeast: 0.5)
            let labels = part.labelsUsed.map { ", \($0) labels used" } ?? ""
            return Self.padded(part.name, 18) + "MCC \(Self.share(counts.matthews))  caught "
                + "\(SpamNumbers.percent(counts.spamCaught))  blocked \(SpamNumbers.percent(counts.hamBlocked))  "
                + "accuracy \(SpamNumbers.percent(counts.accuracy))\(labels)"
        }
    }

    // MARK: Disguises

    private var evasion: [String] {
        let blocked = outcome.split.metrics.counts(atLeast: 0.5).hamBlocked
        let head =
            "spam with every word disguised, caught at 0.5 (ham as it is blocked: \(SpamNumbers.percent(blocked)))"
        return [head] + outcome.evasion.map(Self.caught) + [mean(of: outcome.evasion)]
            + (outcome.evasionGiven.isEmpty
                ? [] : outcome.evasionGiven.map(Self.caught) + [mean(of: outcome.evasionGiven)])
    }

    private static func caught(_ part: SpamEvaluation.Part) -> String {
        "  \(padded(part.name, 48))\(SpamNumbers.percent(part.metrics.counts(atLeast: 0.5).spamCaught))"
    }

    private func mean(of parts: [SpamEvaluation.Part]) -> String {
        let sum = parts.reduce(0) { $0 + $1.metrics.counts(atLeast: 0.5).spamCaught }
        return "  \(Self.padded("mean", 48))\(SpamNumbers.percent(sum / Double(max(parts.count, 1))))"
    }

    private static func share(_ value: Double) -> String { SpamNumbers.number(value, 3) }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
