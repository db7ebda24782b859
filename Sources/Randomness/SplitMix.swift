/// SplitMix64: small, fast, and the same on every machine for the same seed.
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
package struct SplitMix: RandomNumberGenerator, Sendable {
    @usableFromInline package var state: UInt64

    @inlinable
    package init(seed: UInt64) { state = seed }

    /// The generator of one element of a series, independent of the others.
    @inlinable
    package init(seed: UInt64, element: Int) {
        state = Self.mixed(seed &+ UInt64(truncatingIfNeeded: element) &* 0xD134_2543_DE82_EF95)
    }

    @inlinable
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    /// From 0 to below `bound`.
    @inlinable
    package mutating func below(_ bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }

    /// True in `percent` of all calls.
    @inlinable
    package mutating func chance(percent: Double) -> Bool { Double(next() >> 11) * 0x1p-53 * 100 < percent }

    @inlinable
    package static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
