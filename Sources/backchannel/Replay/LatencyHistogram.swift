/// Durations in logarithmic buckets: bounded memory whatever the number, relative error below 1 %.
struct LatencyHistogram: Sendable {
    /// Buckets for each doubling, as a power of two.
    private static let precisionBits = 7
    private var counts: [Int] = []
    private(set) var count = 0
    /// In nanoseconds.
    private(set) var most: UInt64 = 0

    mutating func record(nanoseconds: UInt64) {
        let index = Self.index(of: nanoseconds)
        if index >= counts.count { counts += [Int](repeating: 0, count: index + 1 - counts.count) }
        counts[index] += 1
        count += 1
        most = max(most, nanoseconds)
    }

    /// Nanoseconds that at least `share` of the durations stay within; 0 when there are none.
    func quantile(_ share: Double) -> UInt64 {
        let rank = max(1, Int((Double(count) * share).rounded(.up)))
        var seen = 0
        for (index, count) in counts.enumerated() {
            seen += count
            if seen >= rank { return min(Self.upperBound(of: index), most) }
        }
        return most
    }

    /// Values below 2^precision have their own bucket; above, each doubling is cut into 2^precision.
    private static func index(of value: UInt64) -> Int {
        let shift = max(0, UInt64.bitWidth - value.leadingZeroBitCount - precisionBits - 1)
        return shift << precisionBits + Int(value >> UInt64(shift))
    }

    private static func upperBound(of index: Int) -> UInt64 {
        let shift = max(0, index >> precisionBits - 1)
        let base = UInt64(index - shift << precisionBits)
        return (base << UInt64(shift)) | ((1 << UInt64(shift)) - 1)
    }
}
