/// A place in the order in which events were stored, the same for every node.
///
/// Not the order of receipt: an event may be stored later than one that was received after it.
package struct LogMoment: Sendable, Hashable, Comparable {
    /// MongoDB's time of the commit: seconds in the upper half, an ordinal in the lower.
    package let time: UInt64
    /// Among what was committed at that time, from 0; -1 is before all of it.
    package let index: Int

    package init(time: UInt64, index: Int = -1) { (self.time, self.index) = (time, index) }

    /// As ``description`` has it; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == Self.digits, let time = UInt64(parts[0], radix: 16),
            time >> 32 <= Self.latestSecond, parts[1].utf8.count < Self.digits,
            parts[1].utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let index = Int(parts[1])
        else { return nil }
        self.init(time: time, index: index)
    }

    private static let digits = 16
    /// MongoDB takes no later ones.
    private static let latestSecond: UInt64 = 0x7FFF_FFFF

    package static func < (left: Self, right: Self) -> Bool { (left.time, left.index) < (right.time, right.index) }
}

extension LogMoment: CustomStringConvertible {
    package var description: String {
        let hex = String(time, radix: 16)
        return String(repeating: "0", count: Self.digits - hex.count) + hex + "-\(index)"
    }
}
