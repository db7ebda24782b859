/// An hour of UTC, counted from 1970-01-01.
package struct Hour: Sendable, Hashable, Comparable {
    package static let perDay: Int64 = 24
    private static let quarters: Int64 = 4

    package var number: Int64

    package init(_ number: Int64) { self.number = number }

    /// The one that a quarter-hour lies in.
    package init(_ quarter: Quarter) { number = Quarter.floorDivide(quarter.number, by: Self.quarters) }

    package var day: Int64 { Quarter.floorDivide(number, by: Self.perDay) }
    package var next: Hour { Hour(number + 1) }
    package var start: Quarter { Quarter(number * Self.quarters) }

    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}
