import Foundation

/// A time zone of the IANA database, and where its calendar days begin.
package struct Zone: Sendable, Equatable {
    package static let utc = Zone(identifier: "UTC", zone: .gmt)

    package let identifier: String
    private let zone: TimeZone

    private init(identifier: String, zone: TimeZone) { (self.identifier, self.zone) = (identifier, zone) }

    /// Takes `UTC` and names of a region and a place.
    ///
    /// Abbreviations such as `EST` and offsets such as `+01:00` name no place, so no daylight saving, which is not what
    /// is meant by them half of the year.
    package init?(_ name: String) {
        if name == Self.utc.identifier {
            self = .utc
            return
        }
        guard name.contains("/"), let zone = TimeZone(identifier: name), zone.identifier == name else { return nil }
        self.init(identifier: name, zone: zone)
    }

    /// Every name that ``init(_:)`` takes.
    package static var names: [String] {
        [utc.identifier] + TimeZone.knownTimeZoneIdentifiers.filter { $0.contains("/") }
    }

    /// The day of an instant, in days since 1970-01-01.
    package func day(of time: Timestamp) -> Int64 {
        let seconds = Self.floorDivide(time.milliseconds, by: 1_000)
        return Self.floorDivide(seconds + offset(at: seconds), by: Self.secondsPerDay)
    }

    /// The day of an instant, in days since 1970-01-01, and the minute of it that clocks show.
    package func dayAndMinute(of time: Timestamp) -> (day: Int64, minute: Int) {
        let seconds = Self.floorDivide(time.milliseconds, by: 1_000)
        let shown = seconds + offset(at: seconds)
        let day = Self.floorDivide(shown, by: Self.secondsPerDay)
        return (day, Int(shown - day * Self.secondsPerDay) / 60)
    }

    /// The first instant of a day; where clocks are put forward at midnight, the instant at which they are.
    package func start(ofDay day: Int64) -> Timestamp {
        let midnight = day * Self.secondsPerDay
        // No zone is further from UTC than 15 hours, so the day begins between these.
        var (before, after) = (midnight - Self.secondsPerDay, midnight + Self.secondsPerDay)
        let (offsetBefore, offsetAfter) = (offset(at: before), offset(at: after))
        guard offsetBefore != offsetAfter else { return Self.timestamp(midnight - offsetBefore) }
        while after - before > 1 {
            let middle = before + (after - before) / 2
            if offset(at: middle) == offsetBefore { before = middle } else { after = middle }
        }
        let change = after
        if midnight - offsetBefore < change { return Self.timestamp(midnight - offsetBefore) }
        return Self.timestamp(max(change, midnight - offsetAfter))
    }

    /// By how many seconds its clocks are ahead of UTC.
    package func offsetSeconds(at time: Timestamp) -> Int64 {
        offset(at: Self.floorDivide(time.milliseconds, by: 1_000))
    }

    private func offset(at seconds: Int64) -> Int64 {
        if self == .utc { return 0 }
        return Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
    }

    private static let secondsPerDay: Int64 = 86_400

    private static func timestamp(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1_000) }

    private static func floorDivide(_ value: Int64, by divisor: Int64) -> Int64 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
