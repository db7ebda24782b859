import Glibc
package import Randomness

/// How good probabilities were, held against labels.
package struct SpamMetrics: Sendable, Equatable {
    /// Spam that was caught, spam that was missed, ham that was blocked, ham that was not.
    package struct Counts: Sendable, Equatable {
        package var caught = 0
        package var missed = 0
        package var blocked = 0
        package var passed = 0

        package init() {}

        package init(_ scores: [Double], isSpam: [Bool], atLeast threshold: Double) {
            for (score, isSpam) in zip(scores, isSpam) { add(isSpam: isSpam, isCaught: score >= threshold) }
        }

        package mutating func add(isSpam: Bool, isCaught: Bool) {
            switch (isSpam, isCaught) {
            case (true, true): caught += 1
            case (true, false): missed += 1
            case (false, true): blocked += 1
            case (false, false): passed += 1
            }
        }

        /// The share of spam that was caught, 0 to 1.
        package var spamCaught: Double { Self.share(caught, of: caught + missed) }
        /// The share of ham that was blocked, 0 to 1.
        package var hamBlocked: Double { Self.share(blocked, of: blocked + passed) }
        package var accuracy: Double { Self.share(caught + passed, of: caught + missed + blocked + passed) }

        /// The correlation of labels and answers, -1 to 1.
        ///
        /// Source: Matthews, Biochimica et Biophysica Acta 405, 1975.
        package var matthews: Double {
            let (tp, fn, fp, tn) = (Double(caught), Double(missed), Double(blocked), Double(passed))
            let product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
            return product > 0 ? (tp * tn - fp * fn) / product.squareRoot() : 0
        }

        private static func share(_ part: Int, of all: Int) -> Double { all == 0 ? 0 : Double(part) / Double(all) }
    }

    package let scores: [Double]
    package let isSpam: [Bool]

    /// - Parameter scores: probabilities of spam, 0 to 1.
    package init(_ scores: [Double], isSpam: [Bool]) { (self.scores, self.isSpam) = (scores, isSpam) }

    package func counts(atLeast threshold: Double) -> Counts { Counts(scores, isSpam: isSpam, atLeast: threshold) }

    /// The largest share of spam that can be caught while no more than this share of ham is blocked.
    package func spamCaught(withHamBlocked most: Double) -> Double {
        var counts = self.counts(atLeast: .infinity)
        var best = 0.0
        for stretch in ranked {
            counts.caught += stretch.spam
            counts.missed -= stretch.spam
            counts.blocked += stretch.ham
            counts.passed -= stretch.ham
            if counts.hamBlocked <= most { best = max(best, counts.spamCaught) }
        }
        return best
    }

    /// The area under the curve of precision over recall, as the sum of its steps.
    package var averagePrecision: Double {
        let all = Double(isSpam.count { $0 })
        var (caught, seen, area) = (0.0, 0.0, 0.0)
        for stretch in ranked {
            caught += Double(stretch.spam)
            seen += Double(stretch.spam + stretch.ham)
            area += Double(stretch.spam) / max(all, 1) * caught / seen
        }
        return area
    }

    /// How far probabilities are from what came true, over 15 equal bins weighted by their texts.
    package var calibrationError: Double {
        let bins = 15
        var sums = [(score: Double, spam: Double, count: Double)](repeating: (0, 0, 0), count: bins)
        for (score, isSpam) in zip(scores, isSpam) {
            let bin = min(Int(score * Double(bins)), bins - 1)
            sums[bin].score += score
            sums[bin].spam += isSpam ? 1 : 0
            sums[bin].count += 1
        }
        return sums.reduce(0) { $0 + abs($1.score - $1.spam) } / Double(max(scores.count, 1))
    }

    /// The mean square of what probabilities were off.
    package var brier: Double { squares.reduce(0, +) / Double(max(scores.count, 1)) }

    package var logLoss: Double {
        let least = 1e-15
        return zip(scores, isSpam).reduce(0) { $0 - log(max($1.1 ? $1.0 : 1 - $1.0, least)) }
            / Double(max(scores.count, 1))
    }

    /// Whether another's scores of the same texts were better by more than chance explains (the standard error of the
    /// difference of their squares), and by more than matters.
    package func isBeaten(by other: SpamMetrics) -> Bool {
        let differences = zip(squares, other.squares).map { $0 - $1 }
        let count = Double(max(differences.count, 1))
        let mean = differences.reduce(0, +) / count
        let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        return mean > max((variance / count).squareRoot(), Self.negligible)
    }

    /// Between Brier scores: 0.98 instead of 1 for every spam makes a fifth of it.
    private static let negligible = 0.002

    private var squares: [Double] {
        zip(scores, isSpam).map { ($0 - ($1 ? 1 : 0)) * ($0 - ($1 ? 1 : 0)) }
    }

    /// Between which bounds the correlation lies in 95 of 100 draws of as many texts from these.
    package func matthewsInterval(atLeast threshold: Double, draws: Int = 1_000, using random: inout SplitMix)
        -> ClosedRange<Double>
    {
        var values: [Double] = []
        for _ in 0..<draws {
            var counts = Counts()
            for _ in scores.indices {
                let index = random.below(scores.count)
                counts.add(isSpam: isSpam[index], isCaught: scores[index] >= threshold)
            }
            values.append(counts.matthews)
        }
        values.sort()
        return values[draws * 25 / 1_000]...values[draws * 975 / 1_000 - 1]
    }

    /// From the highest score down, texts of one score together.
    private var ranked: [(spam: Int, ham: Int)] {
        var stretches: [(spam: Int, ham: Int)] = []
        var last: Double?
        for index in scores.indices.sorted(by: { scores[$0] > scores[$1] }) {
            if scores[index] != last { stretches.append((0, 0)) }
            last = scores[index]
            stretches[stretches.count - 1].spam += isSpam[index] ? 1 : 0
            stretches[stretches.count - 1].ham += isSpam[index] ? 0 : 1
        }
        return stretches
    }
}
