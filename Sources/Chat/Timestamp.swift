/// An instant in nanoseconds since 1970-01-01T00:00:00Z: the provider's own precision.
package struct Timestamp: Sendable, Hashable, Comparable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
    package init(milliseconds: Int64) {
        let (product, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        nanoseconds = overflow ? (milliseconds < 0 ? .min : .max) : product
    }

    /// Rounded down, as a BSON date holds it.
    package var milliseconds: Int64 {
        let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// As precise as a BSON date.
    package var roundedDownToMilliseconds: Timestamp { Timestamp(milliseconds: milliseconds) }

    package static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    package static let distantPast = Timestamp(nanoseconds: .min)
    package static let distantFuture = Timestamp(nanoseconds: .max)
}
