import Foundation
import Randomness

/// A repeatable source of randomness that says its seed, which `TEST_SEED` sets.
///
/// Put ``seed`` into the comment of each expectation that depends on it.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    package let seed: UInt64
    private var state: SplitMix

    /// - Parameter seed: `TEST_SEED`, else a new one, unless given.
    package init(seed: UInt64? = nil, _ test: String = #function) {
        let wanted = ProcessInfo.processInfo.environment["TEST_SEED"].flatMap { UInt64($0) }
        self.seed = seed ?? wanted ?? UInt64.random(in: 0...UInt64.max)
        state = SplitMix(seed: self.seed)
        print("\(test): TEST_SEED=\(self.seed)")
    }

    package mutating func next() -> UInt64 { state.next() }
}
