import Glibc

/// Turns a margin into a probability: the logistic function of a line through margins that the model did not learn from.
///
/// Sources: Platt, "Probabilistic outputs for support vector machines", 1999; Lin, Lin, Weng, "A note on Platt's probabilistic
/// outputs for support vector machines", Machine Learning 68, 2007, whose Newton method this is.
package struct PlattScaling: Sendable, Equatable {
    /// Of one unit of margin.
    package var slope: Double
    package var offset: Double

    package init(slope: Double, offset: Double) { (self.slope, self.offset) = (slope, offset) }

    /// Log odds as they are.
    package static let none = PlattScaling(slope: 1, offset: 0)

    /// The probability of spam, 0 to 1.
    package func probability(_ margin: Double) -> Double { 1 / (1 + exp(-(slope * margin + offset))) }

    /// The line under which the labels are likeliest.
    ///
    /// Targets are smoothed as if one more of each kind had been seen, so that labels without a fault give no certainty.
    ///
    /// - Parameter weights: how much each counts; left out: all alike.
    package init(_ margins: [Double], isSpam: [Bool], weights: [Double]? = nil) {
        let weights = weights ?? [Double](repeating: 1, count: margins.count)
        let spam = zip(isSpam, weights).reduce(0) { $0 + ($1.0 ? $1.1 : 0) }
        let ham = weights.reduce(0, +) - spam
        let targets = isSpam.map { $0 ? (spam + 1) / (spam + 2) : 1 / (ham + 2) }
        var fit = Fit(margins, targets, weights, offset: log((spam + 1) / (ham + 1)))
        for _ in 0..<Fit.steps where !fit.isDone { fit.step() }
        (slope, offset) = (fit.slope, fit.offset)
    }

    private struct Fit {
        static let steps = 100
        private static let ridge = 1e-12
        private static let smallestStep = 1e-10

        let margins: [Double]
        let targets: [Double]
        let weights: [Double]
        var slope = 0.0
        var offset: Double
        var loss = 0.0
        var isDone = false

        init(_ margins: [Double], _ targets: [Double], _ weights: [Double], offset: Double) {
            (self.margins, self.targets, self.weights, self.offset) = (margins, targets, weights, offset)
            loss = loss(slope, offset)
        }

        mutating func step() {
            var (h11, h22, h21, g1, g2) = (Self.ridge, Self.ridge, 0.0, 0.0, 0.0)
            for (index, margin) in margins.enumerated() {
                let probability = 1 / (1 + exp(-(slope * margin + offset)))
                let weight = weights[index] * probability * (1 - probability)
                let error = weights[index] * (probability - targets[index])
                h11 += margin * margin * weight
                h22 += weight
                h21 += margin * weight
                g1 += margin * error
                g2 += error
            }
            guard abs(g1) > 1e-5 || abs(g2) > 1e-5 else { return isDone = true }
            let determinant = h11 * h22 - h21 * h21
            let (slopeStep, offsetStep) = (-(h22 * g1 - h21 * g2) / determinant, -(h11 * g2 - h21 * g1) / determinant)
            search(slopeStep, offsetStep, descent: g1 * slopeStep + g2 * offsetStep)
        }

        private mutating func search(_ slopeStep: Double, _ offsetStep: Double, descent: Double) {
            var size = 1.0
            while size >= Self.smallestStep {
                let (newSlope, newOffset) = (slope + size * slopeStep, offset + size * offsetStep)
                let newLoss = loss(newSlope, newOffset)
                if newLoss < loss + 1e-4 * size * descent {
                    (slope, offset, loss) = (newSlope, newOffset, newLoss)
                    return
                }
                size /= 2
            }
            isDone = true
        }

        private func loss(_ slope: Double, _ offset: Double) -> Double {
            var loss = 0.0
            for (index, margin) in margins.enumerated() {
                let (value, target) = (slope * margin + offset, targets[index])
                // Both forms are the same; each is exact on its side.
                let one = value >= 0 ? (1 - target) * value + log1p(exp(-value)) : -target * value + log1p(exp(value))
                loss += weights[index] * one
            }
            return loss
        }
    }
}
