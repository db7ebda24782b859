package import Chat

/// Days, weeks and months of one time zone, with the quarter-hours that they are made of.
///
/// Remembers what it worked out: for one thread, and as many periods as one batch or one range has.
package struct ZonePeriods {
    package let zone: Zone
    private var days: [Quarter: Int64] = [:]
    private var ranges: [Key: Range<Quarter>] = [:]

    private struct Key: Hashable {
        let interval: CalendarInterval
        let first: Int64
    }

    package init(_ zone: Zone) { self.zone = zone }

    /// The zone's day of a quarter-hour.
    package mutating func day(of quarter: Quarter) -> Int64 {
        if let day = days[quarter] { return day }
        let day = zone.day(of: quarter.start)
        days[quarter] = day
        return day
    }

    /// The quarter-hours of the period that begins with this day.
    package mutating func range(_ interval: CalendarInterval, from first: Int64) -> Range<Quarter> {
        let key = Key(interval: interval, first: first)
        if let range = ranges[key] { return range }
        let next = interval.firstDay(after: first)
        let range = Quarter(zone.start(ofDay: first))..<Quarter(zone.start(ofDay: next))
        ranges[key] = range
        return range
    }
}

/// What figures of people are counted by.
package enum CalendarInterval: String, Sendable, CaseIterable {
    case day, week, month

    /// The first day of the period that a day belongs to; weeks begin on Monday (ISO 8601).
    package func firstDay(of day: Int64) -> Int64 {
        switch self {
        case .day: return day
        // 1970-01-01 was a Thursday.
        case .week: return day - ((day + 3) % 7 + 7) % 7
        case .month:
            let date = CivilDate(daysSince1970: day)
            return day - date.day + 1
        }
    }

    /// Of the period after the one that begins with this day.
    package func firstDay(after first: Int64) -> Int64 {
        switch self {
        case .day: return first + 1
        case .week: return first + 7
        case .month: return firstDay(of: first + 31)
        }
    }
}

extension Rollups {
    /// What a change of one user's activity does to the numbers of active and of new users.
    ///
    /// - Parameter touched: the quarter-hours that differ.
    package mutating func count(
        _ before: PersonRecord?,
        _ after: PersonRecord,
        touched: some Collection<Quarter>,
        _ zones: inout [ZonePeriods]
    ) {
        noteActivity(touched)
        // Who is new is told of by when somebody first wrote.
        if before?.first != after.first { noteActivity([before?.first, after.first].compactMap(\.self)) }
        for index in zones.indices {
            let zone = zones[index].zone.identifier
            let days = Set(touched.map { zones[index].day(of: $0) })
            let firstBefore = before?.first.map { zones[index].day(of: $0) }
            let firstAfter = after.first.map { zones[index].day(of: $0) }
            for interval in CalendarInterval.allCases {
                let place = RollupPlace(.people, zone, type: interval.rawValue)
                for first in Set(days.map { interval.firstDay(of: $0) }) {
                    let range = zones[index].range(interval, from: first)
                    let (was, `is`) = (before?.wrote(in: range) ?? false, after.wrote(in: range))
                    guard was != `is` else { continue }
                    add(`is` ? 1 : -1, to: .active, at: Quarter(day: first), place)
                }
                let (was, `is`) = (
                    firstBefore.map { interval.firstDay(of: $0) }, firstAfter.map { interval.firstDay(of: $0) }
                )
                guard was != `is` else { continue }
                if let was { add(-1, to: .new, at: Quarter(day: was), place) }
                if let `is` { add(1, to: .new, at: Quarter(day: `is`), place) }
            }
        }
    }
}
