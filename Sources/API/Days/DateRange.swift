import Chat
import Limits

/// One end of a range: a calendar day, which belongs to it, or an instant.
enum DateEdge: Sendable, Equatable {
    /// Days since 1970-01-01.
    case day(Int64)
    /// In whole milliseconds.
    case instant(Timestamp)

    init?(_ text: String) {
        if text.utf8.count == Self.dayBytes, let midnight = Timestamp(rfc3339: text + "T00:00:00Z") {
            self = .day(Zone.utc.day(of: midnight))
        } else if let instant = Timestamp(queryText: text) {
            self = .instant(instant.roundedDownToMilliseconds)
        } else {
            return nil
        }
    }

    /// "2026-05-08".
    private static let dayBytes = 10
}

/// What figures are of: from an instant to another, which no longer counts.
struct DateRange: Sendable, Equatable {
    let from: Timestamp
    let to: Timestamp
    let zone: Zone
    /// Calendar days of the zone that the range touches.
    let days: Int64

    /// Days are whole ones.
    ///
    /// What is missing: the end is today, or now after a start that is an instant; the start lies so that the range has
    /// as many days as is usual, today included.
    ///
    /// - Throws: ``Problem`` naming one of the two parameters.
    init(
        from start: DateEdge?,
        to end: DateEdge?,
        in zone: Zone,
        now: Timestamp,
        limits: Limits.Query,
        names: (start: String, end: String) = ("startDate", "endDate")
    ) throws(Problem) {
        let usual = Int64(limits.rangeDefaultDays)
        switch (start, end) {
        case (nil, nil): self.init(lastDay: zone.day(of: now), usual, zone)
        case (nil, .day(let last)?): self.init(lastDay: last, usual, zone)
        case (.day(let first)?, nil): try self.init(first, max(first, zone.day(of: now)), zone, names)
        case (.day(let first)?, .day(let last)?): try self.init(first, last, zone, names)
        case (nil, .instant(let to)?):
            self.init(from: zone.start(ofDay: zone.day(of: to) - usual + 1), to: to, zone)
        case (.instant(let from)?, nil): try self.init(checking: from, max(now, from.next), zone, names)
        case (.instant(let from)?, .instant(let to)?): try self.init(checking: from, to, zone, names)
        case (.day?, .instant?), (.instant?, .day?):
            throw .parameter(names.end, "\(names.start) and \(names.end) must both be days or both be instants.")
        }
        guard days <= limits.rangeDays else {
            let name = end == nil ? names.start : names.end
            throw .parameter(name, "The range must be at most \(limits.rangeDays) days long.")
        }
    }

    private init(lastDay: Int64, _ days: Int64, _ zone: Zone) {
        (from, to) = (zone.start(ofDay: lastDay - days + 1), zone.start(ofDay: lastDay + 1))
        (self.zone, self.days) = (zone, days)
    }

    private init(
        _ first: Int64,
        _ last: Int64,
        _ zone: Zone,
        _ names: (start: String, end: String)
    ) throws(Problem) {
        guard first <= last else { throw .parameter(names.end, "\(names.end) must not be before \(names.start).") }
        self.init(lastDay: last, last - first + 1, zone)
    }

    private init(
        checking from: Timestamp,
        _ to: Timestamp,
        _ zone: Zone,
        _ names: (start: String, end: String)
    ) throws(Problem) {
        guard from < to else { throw .parameter(names.end, "\(names.end) must be later than \(names.start).") }
        self.init(from: from, to: to, zone)
    }

    private init(from: Timestamp, to: Timestamp, _ zone: Zone) {
        (self.from, self.to, self.zone) = (from, to, zone)
        days = zone.day(of: Timestamp(milliseconds: to.milliseconds - 1)) - zone.day(of: from) + 1
    }
}

extension Timestamp {
    fileprivate var next: Timestamp { Timestamp(milliseconds: milliseconds + 1) }
}
