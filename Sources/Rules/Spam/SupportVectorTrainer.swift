import Randomness

/// Trains a linear classifier: an L2-regularised support vector machine with squared hinge loss, by dual coordinate descent.
///
/// Deterministic: the same samples, settings and seed give the same weights on every machine. Source: Hsieh, Chang, Lin, Keerthi,
/// Sundararajan, "A dual coordinate descent method for large-scale linear SVM", ICML 2008, algorithms 1 and 3.
package struct SupportVectorTrainer: Sendable {
    /// How much a wrong sample counts against large weights; lower where many labels are wrong.
    package var cost: Float = 1
    /// The largest projected gradient that is left.
    package var tolerance: Float = 1e-3
    /// Times that all samples are gone through, at most.
    package var passes = 200
    package var seed: UInt64

    package init(seed: UInt64) { self.seed = seed }

    /// - Parameter chosen: the samples to learn from, by their numbers.
    package func weights(of samples: SpamSamples, chosen: [Int]) -> LinearWeights {
        var weights = LinearWeights()
        var random = SplitMix(seed: seed)
        var run = Run(samples, chosen, cost: cost)
        for _ in 0..<passes where !run.isDone { run.pass(&weights, tolerance, &random) }
        return weights
    }

    /// The state of one training.
    private struct Run {
        let samples: SpamSamples
        /// By sample: what its slack costs.
        var diagonals: [Float]
        /// The samples, those that are looked at first.
        var order: [Int]
        var active: Int
        var alphas: [Float]
        var norms: [Float]
        var most = Float.infinity
        var least = -Float.infinity
        var isDone = false

        init(_ samples: SpamSamples, _ chosen: [Int], cost: Float) {
            self.samples = samples
            diagonals = samples.weights.map { 0.5 / (cost * $0) }
            order = chosen
            active = chosen.count
            alphas = [Float](repeating: 0, count: samples.count)
            norms = [Float](repeating: 0, count: samples.count)
            for sample in chosen {
                var norm = LinearWeights.biasFeature * LinearWeights.biasFeature + diagonals[sample]
                samples.forEachGroup(of: sample) { norm += Float($0.count) * $1 * $1 }
                norms[sample] = norm
            }
        }

        mutating func pass(_ weights: inout LinearWeights, _ tolerance: Float, _ random: inout SplitMix) {
            for index in 0..<active { order.swapAt(index, index + random.below(active - index)) }
            var (newMost, newLeast) = (-Float.infinity, Float.infinity)
            var index = 0
            while index < active {
                let sample = order[index]
                let sign: Float = samples.isSpam[sample] ? 1 : -1
                let gradient = sign * weights.margin(of: sample, in: samples) - 1 + diagonals[sample] * alphas[sample]
                if alphas[sample] == 0, gradient > most {
                    // It will not come back soon: it is left out until the rest has settled.
                    active -= 1
                    order.swapAt(index, active)
                    continue
                }
                let projected = alphas[sample] == 0 ? min(gradient, 0) : gradient
                newMost = max(newMost, projected)
                newLeast = min(newLeast, projected)
                if abs(projected) > 1e-12 {
                    let old = alphas[sample]
                    alphas[sample] = max(old - gradient / norms[sample], 0)
                    weights.add(sample, of: samples, times: (alphas[sample] - old) * sign)
                }
                index += 1
            }
            settle(newMost, newLeast, tolerance)
        }

        private mutating func settle(_ newMost: Float, _ newLeast: Float, _ tolerance: Float) {
            if newMost - newLeast <= tolerance {
                isDone = active == order.count
                active = order.count
                (most, least) = (.infinity, -.infinity)
            } else {
                most = newMost > 0 ? newMost : .infinity
                least = newLeast < 0 ? newLeast : -.infinity
            }
        }
    }
}
