import Chat
import Foundation
import Limits
import TestSupport
import Testing

@testable import API

struct ZoneTests {
    /// Zones with odd offsets, with daylight saving of half an hour or two, at midnight, and with a day left out.
    private static let table: [(zone: String, years: ClosedRange<Int>)] = [
        ("UTC", 2026...2026), ("Asia/Kathmandu", 1985...1986), ("Australia/Lord_Howe", 2025...2026),
        ("America/New_York", 2025...2026), ("Europe/Oslo", 2025...2026), ("America/Sao_Paulo", 2017...2018),
        ("Pacific/Apia", 2011...2011), ("Pacific/Kiritimati", 1994...1995), ("America/Havana", 2025...2026),
        ("Asia/Beirut", 2023...2023), ("Africa/Cairo", 2024...2024), ("Antarctica/Troll", 2025...2025),
        ("Pacific/Chatham", 2025...2026), ("Africa/Casablanca", 2025...2025), ("Europe/Dublin", 2025...2025),
    ]

    /// Each day begins where the day before ends, and holds what the calendar says is of that day.
    @Test(arguments: table) func daysBeginWhereTheyBegin(_ example: (zone: String, years: ClosedRange<Int>)) throws {
        let zone = try #require(Zone(example.zone))
        let first = Zone.utc.day(of: try timestamp("\(example.years.lowerBound)-01-01T00:00:00Z"))
        let last = Zone.utc.day(of: try timestamp("\(example.years.upperBound)-12-31T00:00:00Z"))
        var skipped: [Int64] = []
        for day in first...last {
            let (start, end) = (zone.start(ofDay: day), zone.start(ofDay: day + 1))
            #expect(start <= end, "\(example.zone), day \(day)")
            if start == end { skipped.append(day) }
            let before = zone.day(of: Timestamp(milliseconds: start.milliseconds - 1))
            #expect(before < day, "\(example.zone), day \(day) begins later than it should")
            if start < end { #expect(zone.day(of: start) == day, "\(example.zone), day \(day)") }
        }
        // Samoa and the Line Islands moved to the other side of the date line.
        #expect(skipped.count == (["Pacific/Apia", "Pacific/Kiritimati"].contains(example.zone) ? 1 : 0))
    }

    @Test func daysBeginAsFoundationSays() throws {
        for (name, day, start) in [
            ("Asia/Kathmandu", "2026-05-08", "2026-05-07T18:15:00.000Z"),
            ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00:00.000Z"),
            ("Australia/Lord_Howe", "2026-04-06", "2026-04-05T13:30:00.000Z"),
            ("America/New_York", "2026-03-08", "2026-03-08T05:00:00.000Z"),
            ("America/New_York", "2026-03-09", "2026-03-09T04:00:00.000Z"),
            // Clocks went from 00:00 to 01:00.
            ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00.000Z"),
            ("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00.000Z"),
        ] {
            let zone = try #require(Zone(name))
            let number = Zone.utc.day(of: try timestamp(day + "T00:00:00Z"))
            #expect(zone.start(ofDay: number).rfc3339 == start, "\(name) \(day)")
            #expect(zone.day(of: try timestamp(start)) == number)
        }
    }

    struct RangeCase {
        var start: String?
        var end: String?
        var zone = "UTC"
        let expected: String
    }

    /// Now is 2026-05-20T12:00:00Z.
    private static let ranges = [
        RangeCase(expected: "2026-04-21T00:00:00.000Z/2026-05-21T00:00:00.000Z/30"),
        RangeCase(zone: "Pacific/Kiritimati", expected: "2026-04-21T10:00:00.000Z/2026-05-21T10:00:00.000Z/30"),
        RangeCase(
            start: "2026-05-08",
            end: "2026-05-08",
            expected: "2026-05-08T00:00:00.000Z/2026-05-09T00:00:00.000Z/1"
        ),
        RangeCase(
            start: "2026-03-01",
            end: "2026-03-31",
            zone: "Europe/Oslo",
            expected: "2026-02-28T23:00:00.000Z/2026-03-31T22:00:00.000Z/31"
        ),
        RangeCase(start: "2026-05-19", expected: "2026-05-19T00:00:00.000Z/2026-05-21T00:00:00.000Z/2"),
        RangeCase(start: "2026-07-01", expected: "2026-07-01T00:00:00.000Z/2026-07-02T00:00:00.000Z/1"),
        RangeCase(end: "2026-01-30", expected: "2026-01-01T00:00:00.000Z/2026-01-31T00:00:00.000Z/30"),
        RangeCase(
            start: "2026-05-08T10:00:00.123456Z",
            end: "2026-05-10T00:00:00Z",
            expected: "2026-05-08T10:00:00.123Z/2026-05-10T00:00:00.000Z/2"
        ),
        RangeCase(
            start: "2026-05-08T23:00:00 02:00",
            end: "2026-05-09T00:00:00+02:00",
            zone: "Europe/Oslo",
            expected: "2026-05-08T21:00:00.000Z/2026-05-08T22:00:00.000Z/1"
        ),
        RangeCase(start: "2026-05-20T00:00:00Z", expected: "2026-05-20T00:00:00.000Z/2026-05-20T12:00:00.000Z/1"),
        RangeCase(end: "2026-01-30T12:00:00Z", expected: "2026-01-01T00:00:00.000Z/2026-01-30T12:00:00.000Z/30"),
    ]

    @Test func rangesAreCompleted() throws {
        for example in Self.ranges {
            let range = try DateRange(
                from: example.start.map { try #require(DateEdge($0)) },
                to: example.end.map { try #require(DateEdge($0)) },
                in: try #require(Zone(example.zone)),
                now: try timestamp(TestService.epoch),
                limits: Limits.Query()
            )
            let found = "\(range.from.rfc3339)/\(range.to.rfc3339)/\(range.days)"
            #expect(found == example.expected, "\(example.start ?? "–") \(example.end ?? "–") \(example.zone)")
        }
    }
}
