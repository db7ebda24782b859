import Glibc
import History
package import Limits
import Rules

/// What a model's log odds mean in single places, learned from the verdicts there: what is spam differs from place to place.
///
/// Takes what the model said before it learned a verdict; so no verdict vouches for itself.
package struct PlaceCalibrations: Sendable {
    private struct Verdict: Sendable {
        let logOdds: Double
        let isSpam: Bool
        let weight: Double
    }

    /// Probabilities closer to 0 or 1 say no more than this.
    private static let surest = 1e-4
    /// What a verdict of the audit counts at most: a few must not decide alone.
    private static let heaviest = 10.0

    private let limits: Limits.Spam
    private var verdicts: [String: [Verdict]] = [:]
    private var changed: Set<String> = []
    /// Of places with verdicts enough, by channel type.
    private(set) var scalings: [String: PlattScaling] = [:]

    package init(_ limits: Limits.Spam) { self.limits = limits }

    /// - Parameter score: by the model alone, 0 to 1.
    mutating func add(_ label: SpamLabel, score: Double) {
        guard let place = label.place, verdicts[place] != nil || verdicts.count < limits.places else { return }
        let probability = min(max(score, Self.surest), 1 - Self.surest)
        // One verdict of the audit stands for all the messages that it was chosen from.
        let share = max(Double(limits.auditPerMille) / 1_000, 0.001)
        verdicts[place, default: []].append(
            Verdict(
                logOdds: log(probability / (1 - probability)),
                isSpam: label.isSpam,
                weight: label.origin == .audit ? min(1 / share, Self.heaviest) : 1
            )
        )
        if verdicts[place, default: []].count > limits.placeLabelsMost { verdicts[place]?.removeFirst() }
        changed.insert(place)
    }

    /// Calibrates anew where something was added.
    mutating func update() {
        for place in changed {
            guard let known = verdicts[place], known.count >= limits.placeLabels, Set(known.map(\.isSpam)).count == 2
            else {
                continue
            }
            let scaling = PlattScaling(known.map(\.logOdds), isSpam: known.map(\.isSpam), weights: known.map(\.weight))
            // A line that falls would call ham spam: the verdicts there contradict the model, and a refit has to come first.
            scalings[place] = scaling.slope > 0 ? scaling : nil
        }
        changed.removeAll()
    }
}
