package import Chat

/// A quarter of an hour of UTC, counted from 1970-01-01: every offset of a time zone is a multiple of one, so the days of
/// every zone are made of whole ones.
package struct Quarter: Sendable, Hashable, Comparable {
    package static let milliseconds: Int64 = 900_000
    package static let perDay: Int64 = 96

    package var number: Int64

    package init(_ number: Int64) { self.number = number }

    /// The one that an instant lies in.
    package init(_ time: Timestamp) { number = Self.floorDivide(time.milliseconds, by: Self.milliseconds) }

    package init(day: Int64) { number = day * Self.perDay }

    package var start: Timestamp { Timestamp(milliseconds: number * Self.milliseconds) }

    /// Days since 1970-01-01 in UTC.
    package var day: Int64 { Self.floorDivide(number, by: Self.perDay) }

    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    package static func floorDivide(_ value: Int64, by divisor: Int64) -> Int64 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
