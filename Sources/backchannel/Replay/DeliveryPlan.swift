import Limits
import Randomness

/// One delivery: a body and how it is presented.
struct Delivery {
    let event: SourceEvent
    /// The provider's id of the call, the same for every attempt and for the copy.
    let number: Int
    /// Signed wrongly on purpose: must be refused.
    let isForged: Bool
    let isCopy: Bool
}

/// Decides what is delivered and in which order: each event once, some a second time later, some also forged.
///
/// The same seed and source give the same deliveries.
struct DeliveryPlan {
    private var source: any EventSource
    private let duplicatePercent: Double
    private let forgedPercent: Double
    private let heldMost: Int
    private var random: SplitMix
    private var held: [Delivery] = []
    private var number = 0

    init(_ source: any EventSource, _ job: ReplayJob) {
        self.source = source
        duplicatePercent = job.duplicatePercent
        forgedPercent = job.forgedPercent
        heldMost = job.limits.duplicatesHeld
        random = SplitMix(seed: job.seed)
    }

    /// About how many deliveries there will be; `nil` when the source does not know.
    var expected: Int? {
        source.count.map { Int((Double($0) * (1 + (duplicatePercent + forgedPercent) / 100)).rounded()) }
    }

    mutating func next() throws(ReplayFault) -> Delivery? {
        // On average a copy is held while `heldMost` others pass, but never are more than that many held.
        if held.count >= heldMost || !held.isEmpty && random.below(heldMost) < held.count { return release() }
        guard let event = try source.next() else { return held.isEmpty ? nil : release() }
        defer { number += 1 }
        if random.chance(percent: duplicatePercent) {
            held.append(Delivery(event: event, number: number, isForged: false, isCopy: true))
        }
        if random.chance(percent: forgedPercent) {
            held.append(Delivery(event: event, number: number, isForged: true, isCopy: true))
        }
        return Delivery(event: event, number: number, isForged: false, isCopy: false)
    }

    private mutating func release() -> Delivery {
        held.swapAt(random.below(held.count), held.count - 1)
        return held.removeLast()
    }
}
