import Chat
import Foundation
import TestSupport
import Testing

struct FiguresTests {
    private struct Sent {
        let time: Timestamp
        let user: String
        let type: String
        let listing: String?
    }

    /// Both changes of the clocks in 2026, in UTC, and days around them.
    private static let zones: [(name: String, changes: [String])] = [
        ("UTC", ["2026-01-01T00:00:00Z"]),
        ("Asia/Kathmandu", ["2026-04-14T00:00:00Z"]),
        ("Australia/Lord_Howe", ["2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z"]),
        ("America/New_York", ["2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"]),
        ("Europe/Oslo", ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"]),
    ]

    /// The figures of random ranges equal what going through all messages with a calendar gives.
    @Test func equalACountByCalendar() async throws {
        var random = SeededRandom()
        let changes = try Self.zones.flatMap(\.changes).map(timestamp)
        let sent = (0..<1_200).map { _ in Self.message(near: changes, &random) }
        try await withService { service in
            try await service.store(sent.enumerated().map { Self.body("m\($0)", $1) })
            for (name, changes) in Self.zones {
                var calendar = Calendar(identifier: .gregorian)
                calendar.timeZone = try #require(TimeZone(identifier: name))
                for _ in 0..<6 {
                    let change = try timestamp(changes.randomElement(using: &random) ?? "")
                    let first = Self.day(change, plus: Int.random(in: -4...1, using: &random), calendar)
                    let last = Self.day(change, plus: Int.random(in: 1...4, using: &random), calendar)
                    let listing = Bool.random(using: &random) ? "7" : nil
                    let expected = Self.figures(
                        sent.filter {
                            let day = Self.day($0.time, plus: 0, calendar)
                            return first <= day && day <= last && (listing == nil || $0.listing == listing)
                        },
                        days: try Self.days(first, last),
                        calendar
                    )
                    let answer = try await service.get(
                        "\(TestService.analyticsPath)?startDate=\(first)&endDate=\(last)&timeZone=\(name)"
                            + (listing.map { "&listingId=\($0)" } ?? "")
                    )
                    try Self.expect(answer, equals: expected, "\(name) \(first) to \(last), seed \(random.seed)")
                }
                try await Self.compareInstants(sent, changes, calendar, service, &random)
            }
        }
    }

    private static func compareInstants(
        _ sent: [Sent],
        _ changes: [String],
        _ calendar: Calendar,
        _ service: TestService,
        _ random: inout SeededRandom
    ) async throws {
        for _ in 0..<3 {
            let change = try timestamp(changes.randomElement(using: &random) ?? "").milliseconds
            let from = Timestamp(milliseconds: change - Int64.random(in: 0...200_000_000, using: &random))
            let to = Timestamp(milliseconds: change + Int64.random(in: 1...200_000_000, using: &random))
            let last = Timestamp(milliseconds: to.milliseconds - 1)
            let expected = figures(
                sent.filter { from <= $0.time && $0.time < to },
                days: try days(day(from, plus: 0, calendar), day(last, plus: 0, calendar)),
                calendar
            )
            let zone = calendar.timeZone.identifier == "GMT" ? "UTC" : calendar.timeZone.identifier
            let answer = try await service.get(
                "\(TestService.analyticsPath)?startDate=\(from.rfc3339)&endDate=\(to.rfc3339)&timeZone=\(zone)"
            )
            try expect(answer, equals: expected, "\(zone) \(from.rfc3339) to \(to.rfc3339), seed \(random.seed)")
        }
    }

    @Test func countWhatWasSent() async throws {
        try await withService { service in
            try await service.store([
                Story.message("a", at: "2026-05-20T11:59:59.999Z"),
                Story.message("b", by: "bob", at: "2026-05-20T10:00:00Z", more: #","message_type":"offer""#),
                Story.message("c", at: "2026-04-21T00:00:00Z"),
                Story.message("too-early", at: "2026-04-20T23:59:59.999Z"),
                Story.message("deleted", at: "2026-05-01T10:30:00Z"),
                Story.message(
                    "deleted",
                    at: "2026-05-01T10:30:00Z",
                    event: "message.deleted",
                    updated: "2026-05-02T00:00:00Z"
                ),
                Story.message("erased", at: "2026-05-01T10:30:00Z"),
                Story.message(
                    "erased",
                    at: "2026-05-01T10:30:00Z",
                    event: "message.deleted",
                    eventMore: #","hard_delete":true"#,
                    updated: "2026-05-02T00:00:00Z"
                ),
                Story.read("never-seen", by: "cleo", at: "2026-05-08T12:00:00Z"),
                Story.message("of-erased-user", by: "eve", at: "2026-05-08T10:00:00Z"),
                Story.event("user.deleted", user: "eve", at: "2026-05-09T00:00:00Z", more: #","hard_delete":true"#),
            ])
            let expected: JSON = [
                "total_messages": 6, "unique_users": 3,
                "messages_by_type": [["_id": "regular", "count": 5], ["_id": "offer", "count": 1]],
                "avg_messages_per_day": 0.2,
                "peak_hours": [
                    ["hour": 10, "count": 4], ["hour": 0, "count": 1], ["hour": 11, "count": 1],
                ],
                "range": [
                    "from": "2026-04-21T00:00:00.000Z", "to": "2026-05-21T00:00:00.000Z", "time_zone": "UTC",
                    "days": 30,
                ],
            ]
            #expect(try await service.get(TestService.analyticsPath) == expected)
            let nothing = try await service.get("\(TestService.analyticsPath)?listingId=unknown")
            #expect(nothing["total_messages"] == 0 && nothing["unique_users"] == 0 && nothing["peak_hours"] == [])
            #expect(nothing["messages_by_type"] == [] && nothing["avg_messages_per_day"] == 0)
        }
    }

    @Test func messagesWithoutATypeAreUnknown() async throws {
        try await withService { service in
            let body = #"{"type":"message.new","message":{"id":"m1","text":"hi","user":{"id":"u"}},"channel_id":"c"}"#
            try await service.store([body])
            let answer = try await service.get(TestService.analyticsPath)
            #expect(answer["messages_by_type"] == [["_id": "unknown", "count": 1]])
        }
    }

    // MARK: The other computation

    private static func message(near changes: [Timestamp], _ random: inout SeededRandom) -> Sent {
        let change = changes.randomElement(using: &random)?.milliseconds ?? 0
        let near = [0, 0, -1, 1_800_000, 3_600_000, -3_600_000].randomElement(using: &random) ?? 0
        let far = Int64.random(in: -450_000_000...450_000_000, using: &random)
        return Sent(
            time: Timestamp(milliseconds: change + (Int.random(in: 0..<8, using: &random) == 0 ? Int64(near) : far)),
            user: "u\(Int.random(in: 0..<9, using: &random))",
            type: ["regular", "offer", "question"].randomElement(using: &random) ?? "",
            listing: Bool.random(using: &random) ? "7" : nil
        )
    }

    private static func body(_ id: String, _ sent: Sent) -> String {
        Story.message(
            id,
            by: sent.user,
            in: sent.listing == nil ? "messaging:free" : "messaging:listing_7_ada_bob",
            at: sent.time.rfc3339,
            more: sent.type == "regular" ? "" : #","message_type":"\#(sent.type)""#
        )
    }

    private static func date(_ time: Timestamp) -> Date {
        Date(timeIntervalSince1970: Double(time.milliseconds) / 1_000)
    }

    private static func day(_ time: Timestamp, plus days: Int, _ calendar: Calendar) -> String {
        var utc = Calendar(identifier: .gregorian)
        utc.timeZone = .gmt
        let parts = calendar.dateComponents([.year, .month, .day], from: date(time))
        let moved = utc.date(from: parts).flatMap { utc.date(byAdding: .day, value: days, to: $0) } ?? .distantPast
        let result = utc.dateComponents([.year, .month, .day], from: moved)
        return String(format: "%04d-%02d-%02d", result.year ?? 0, result.month ?? 0, result.day ?? 0)
    }

    private static func days(_ first: String, _ last: String) throws -> Int {
        let (start, end) = (try timestamp(first + "T00:00:00Z"), try timestamp(last + "T00:00:00Z"))
        return Int((end.milliseconds - start.milliseconds) / 86_400_000) + 1
    }

    private static func figures(_ sent: [Sent], days: Int, _ calendar: Calendar) -> JSON {
        let types = Dictionary(grouping: sent, by: \.type).mapValues(\.count).sorted {
            ($1.value, $0.key) < ($0.value, $1.key)
        }
        let hours = Dictionary(grouping: sent) { calendar.component(.hour, from: date($0.time)) }.mapValues(\.count)
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return [
            "total_messages": .number(Double(sent.count)),
            "unique_users": .number(Double(Set(sent.map(\.user)).count)),
            "messages_by_type": .array(types.map { ["_id": .string($0.key), "count": .number(Double($0.value))] }),
            "avg_messages_per_day": .number((Double(sent.count) / Double(days) * 100).rounded() / 100),
            "peak_hours": .array(
                hours.prefix(3).map { ["hour": .number(Double($0.key)), "count": .number(Double($0.value))] }
            ),
            "days": .number(Double(days)),
        ]
    }

    private static func expect(_ answer: JSON, equals expected: JSON, _ comment: Comment) throws {
        for name in ["total_messages", "unique_users", "messages_by_type", "avg_messages_per_day", "peak_hours"] {
            #expect(answer[name] == expected[name], "\(name), \(comment)")
        }
        #expect(answer["range"]?["days"] == expected["days"], comment)
    }
}
