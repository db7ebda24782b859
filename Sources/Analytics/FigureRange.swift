package import Chat

/// The parts of a range that a figure is told of, each by itself.
package enum FigureInterval: String, Sendable, CaseIterable {
    case none
    case quarterHour = "quarter-hour"
    case hour, day, week, month

    package var calendar: CalendarInterval? { CalendarInterval(rawValue: rawValue) }
}

/// From a quarter-hour to another, which no longer counts, in the parts that an interval of a time zone gives.
package struct FigureRange: Sendable, Equatable {
    package let zone: Zone
    package let interval: FigureInterval
    package let quarters: Range<Quarter>
    /// In the order of time, without gaps; the first and the last may be parts of a whole one.
    package let parts: [Range<Quarter>]
    /// The part of each quarter-hour.
    private let indexes: [Int32]

    /// - Parameter most: of the parts.
    /// - Returns: `nil` if they would be more.
    package init?(_ quarters: Range<Quarter>, every interval: FigureInterval, in zone: Zone, most: Int) {
        (self.zone, self.interval, self.quarters) = (zone, interval, quarters)
        guard let bounds = Self.bounds(quarters, interval, zone, most) else { return nil }
        parts = zip(bounds, bounds.dropFirst() + [quarters.upperBound]).map { $0..<$1 }
        var indexes: [Int32] = []
        indexes.reserveCapacity(Int(quarters.upperBound.number - quarters.lowerBound.number))
        for (index, part) in parts.enumerated() {
            let count = part.upperBound.number - part.lowerBound.number
            indexes.append(contentsOf: repeatElement(Int32(index), count: Int(count)))
        }
        self.indexes = indexes
    }

    package func part(of quarter: Quarter) -> Int? {
        guard quarters.contains(quarter) else { return nil }
        return Int(indexes[Int(quarter.number - quarters.lowerBound.number)])
    }

    /// The first day of each part that is a whole day, week or month of the zone; `nil` where they are none.
    package var wholePeriods: [Int64?]? {
        guard let interval = interval.calendar else { return nil }
        var periods = ZonePeriods(zone)
        return parts.map { part in
            let first = interval.firstDay(of: zone.day(of: part.lowerBound.start))
            return periods.range(interval, from: first) == part ? first : nil
        }
    }

    /// One of the parts by itself.
    package func only(_ part: Int) -> FigureRange? { FigureRange(parts[part], every: .none, in: zone, most: 1) }

    /// Where parts begin.
    private static func bounds(
        _ quarters: Range<Quarter>,
        _ interval: FigureInterval,
        _ zone: Zone,
        _ most: Int
    ) -> [Quarter]? {
        var bounds = [quarters.lowerBound]
        var clock = ZoneClock(zone)
        let (first, end) = (quarters.lowerBound.number, quarters.upperBound.number)
        switch interval {
        case .none: break
        case .quarterHour, .hour:
            var offset = clock.offset(at: quarters.lowerBound)
            guard (end - first) / (interval == .hour ? 4 : 1) <= Int64(most) else { return nil }
            for number in (first..<end).dropFirst() {
                let quarter = Quarter(number)
                // An hour that clocks go through twice is two.
                let isChange = clock.offset(at: quarter) != offset
                offset = clock.offset(at: quarter)
                if interval == .quarterHour || isChange || clock.read(quarter).minute % 60 == 0 {
                    bounds.append(quarter)
                }
            }
        case .day, .week, .month:
            guard let calendar = interval.calendar else { break }
            var day = calendar.firstDay(of: clock.read(quarters.lowerBound).day)
            while true {
                day = calendar.firstDay(after: day)
                let start = Quarter(zone.start(ofDay: day))
                guard start < quarters.upperBound else { break }
                // A day that a zone leaves out has no quarter-hours.
                if let last = bounds.last, start > last { bounds.append(start) }
                guard bounds.count <= most else { return nil }
            }
        }
        return bounds.count <= most ? bounds : nil
    }
}
