import Foundation

/// A repeatable source of randomness (splitmix64) that says its seed, which `TEST_SEED` sets.
///
/// Put ``seed`` into the comment of each expectation that depends on it. Source: Steele, Lea and Flood, "Fast splittable
/// pseudorandom number generators", OOPSLA 2014.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    package let seed: UInt64
    private var state: UInt64

    /// - Parameter seed: `TEST_SEED`, else a new one, unless given.
    package init(seed: UInt64? = nil, _ test: String = #function) {
        let wanted = ProcessInfo.processInfo.environment["TEST_SEED"].flatMap { UInt64($0) }
        self.seed = seed ?? wanted ?? UInt64.random(in: 0...UInt64.max)
        state = self.seed
        print("\(test): TEST_SEED=\(self.seed)")
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
