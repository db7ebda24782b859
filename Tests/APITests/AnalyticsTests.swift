import Analytics
import Chat
import Foundation
import History
import Limits
import MongoDB
import TestSupport
import Testing

@testable import API

/// The grammar of figures over HTTP: ranges, parts, groups, filters, pages and formats.
struct AnalyticsTests {
    private static let path = "/api/v1/analytics"
    /// A listing's id that a spreadsheet would take for a formula.
    private static let formula = "=1+2,\\\"x\\\""

    private static let story = [
        Story.message("a", at: "2026-05-08T10:05:00Z"),
        Story.message("b", by: "bob", at: "2026-05-08T10:20:00Z", more: #","message_type":"offer""#),
        Story.message("c", by: "cleo", in: "team:free", at: "2026-05-10T23:59:59.999Z"),
        Story.message("d", at: "2026-05-11T00:00:00Z", more: #","listing_id":"\#(formula)""#),
        Story.reaction("like", to: "a", by: "bob", at: "2026-05-08T11:00:00Z"),
    ]

    @Test func tellsPartsAndGroups() async throws {
        try await withService { service in
            try await service.store(Self.story)
            let days = try await service.get("\(Self.path)/messages?from=2026-05-08&to=2026-05-11&interval=day")
            #expect(Self.values(days) == [2, 0, 1, 1] && days["total"] == 4 && days["time_zone"] == "UTC")
            #expect(days["data"]?[0]?["from"] == "2026-05-08T00:00:00.000Z" && days["data"]?[0]?["group"] == .null)
            #expect(days["metric"] == "messages" && days["unit"] == "messages" && days["next"] == .null)
            let oslo = try await service.get(
                "\(Self.path)/messages?from=2026-05-08&to=2026-05-11&interval=day&timeZone=Europe/Oslo"
            )
            #expect(Self.values(oslo) == [2, 0, 0, 2])
            #expect(oslo["data"]?[0]?["from"] == "2026-05-08T00:00:00.000+02:00")
            let types = try await service.get("\(Self.path)/messages?from=2026-05-08&to=2026-05-11&groupBy=type")
            #expect(Self.groups(types) == ["regular", "offer"] && Self.values(types) == [3, 1])
            let channels = try await service.get("\(Self.path)/messages?from=2026-05-08&to=2026-05-11&groupBy=channel")
            #expect(Self.groups(channels) == ["messaging:listing_7_ada_bob", "team:free"])
            let users = try await service.get("\(Self.path)/messages?groupBy=user")
            #expect(Self.groups(users) == ["ada", "bob", "cleo"])
            let quarters = try await service.get(
                "\(Self.path)/messages?from=2026-05-08T10:00:00Z&to=2026-05-08T10:30:00Z&interval=quarter-hour"
            )
            #expect(Self.values(quarters) == [1, 1])
            let one = try await service.get(
                "\(Self.path)/messages?from=2026-05-08&to=2026-05-11&listing=7&groupBy=type"
            )
            #expect(Self.groups(one) == ["offer", "regular"] && one["total"] == 2)
            let offers = try await service.get("\(Self.path)/offers?from=2026-05-08&to=2026-05-11")
            #expect(Self.values(offers) == [1])
            let reactions = try await service.get("\(Self.path)/reactions?groupBy=type")
            #expect(Self.groups(reactions) == ["like"])
            let heat = try await service.get("\(Self.path)/messages?groupBy=weekdayHour")
            #expect(heat["data"]?.array?.count == 168 && heat["total"] == 4)
            let friday = heat["data"]?.array?.first { $0["group"] == "5-10" }
            #expect(friday?["value"] == 2)
        }
    }

    @Test func tellsOfPeopleAndConversations() async throws {
        try await withService { service in
            try await service.store(Self.story)
            let range = "from=2026-05-04&to=2026-05-17"
            let active = try await service.get("\(Self.path)/active-users?\(range)&interval=week")
            #expect(Self.values(active) == [3, 1])
            let new = try await service.get("\(Self.path)/new-users?\(range)&interval=week")
            #expect(Self.values(new) == [3, 0])
            let back = try await service.get("\(Self.path)/returning-users?\(range)&interval=week")
            #expect(Self.values(back) == [0, 1])
            let unique = try await service.get("\(Self.path)/active-users?\(range)")
            #expect(Self.values(unique) == [3] && unique["total"] == .null)
            let cohorts = try await service.get("\(Self.path)/cohorts?\(range)&interval=week")
            #expect(cohorts["data"]?[0]?["size"] == 3 && cohorts["data"]?[0]?["values"] == [3, 1])
            let first = try await service.get("\(Self.path)/first-response?\(range)&groupBy=user")
            #expect(Self.groups(first) == ["bob"])
            let seconds = first["data"]?[0]?["latency"]
            #expect(seconds?["count"] == 1 && seconds?["mean"] == 900 && seconds?["within"] == 1)
            let replies = try await service.get("\(Self.path)/reply-time?\(range)&interval=week&target=60")
            #expect(replies["data"]?[0]?["latency"]?["count"] == 1 && replies["data"]?[0]?["latency"]?["within"] == 0)
            let started = try await service.get("\(Self.path)/conversations-started?\(range)&groupBy=channelType")
            #expect(Self.groups(started) == ["messaging", "team"])
            let waiting = try await service.get("\(Self.path)/unanswered?\(range)&groupBy=channel")
            #expect(Self.groups(waiting) == ["team:free"] || Self.groups(waiting)?.contains("team:free") == true)
        }
    }

    /// What the rows' links lead to is what the rows count.
    @Test func linksLeadToTheMessages() async throws {
        try await withService { service in
            try await service.store(Self.story)
            for query in [
                "interval=day", "groupBy=channel", "groupBy=listing", "groupBy=user", "listing=7&interval=day",
                "groupBy=type", "type=regular&interval=day", "type=regular&groupBy=channel",
            ] {
                let answer = try await service.get("\(Self.path)/messages?from=2026-05-08&to=2026-05-11&\(query)")
                for row in answer["data"]?.array ?? [] {
                    let link = try #require(row["rows"]?.string, "\(query)")
                    let messages = try await service.get(link)
                    #expect(messages["data"]?.array?.count == row["value"]?.int, "\(link)")
                }
            }
        }
    }

    /// Each format has the same rows, a page at a time, and no cell is a formula.
    @Test func formatsAreAlike() async throws {
        try await withService { service in
            try await service.store(Self.story)
            let query = "\(Self.path)/messages?from=2026-05-08&to=2026-05-11&groupBy=listing"
            let json = try await service.get(query)
            let csv = try await service.send("GET", query + "&format=csv")
            #expect(csv.headers["content-type"] == "text/csv; charset=utf-8")
            let lines = csv.text.components(separatedBy: "\r\n")
            #expect(lines.first == "from,to,group,value" && lines.last == "")
            #expect(lines.count == 2 + (json["data"]?.array?.count ?? 0))
            #expect(csv.text.contains(",\"'=1+2,\"\"x\"\"\",1\r\n"), "\(csv.text)")
            let rows = try await service.send("GET", query + "&format=ndjson")
            let parsed = try rows.text.split(separator: "\n").map {
                try JSONDecoder().decode(JSON.self, from: Data($0.utf8))
            }
            #expect(JSON.array(parsed) == json["data"])
            var (pages, cursor): ([JSON], String?) = ([], nil)
            repeat {
                let page = try await service.get(query + "&limit=1" + (cursor.map { "&cursor=\($0)" } ?? ""))
                pages += page["data"]?.array ?? []
                #expect(page["total"] == json["total"])
                cursor = page["next"]?.string
            } while cursor != nil
            #expect(JSON.array(pages) == json["data"])
        }
    }

    @Test(arguments: [
        ("messages?interval=fortnight", "interval"), ("messages?groupBy=mood", "groupBy"),
        ("edits?groupBy=user", "groupBy"),
        ("messages?from=2026-05-08T10:01:00Z&to=2026-05-09T00:00:00Z", "from"),
        ("messages?from=2026-05-08&to=2026-05-01", "to"), ("messages?listing=7&channel=a:b", "listing"),
        ("messages?listing=7&groupBy=channel", "groupBy"), ("messages?interval=day&groupBy=weekdayHour", "interval"),
        ("messages?from=2016-06-01&to=2026-05-20&interval=quarter-hour", "interval"), ("messages?limit=0", "limit"),
        ("messages?timeZone=EST", "timeZone"), ("messages?cursor=x", "cursor"), ("messages?format=xlsx", "format"),
        ("first-response?businessHours=9-17", "businessHours"), ("first-response?target=0", "target"),
        ("active-users?groupBy=type", "groupBy"), ("cohorts?interval=hour", "interval"),
    ])
    func refusesWhatCannotBeAsked(_ query: String, _ parameter: String) async throws {
        try await withService { service in
            let problem = try await service.send("GET", "\(Self.path)/\(query)").problem()
            #expect(problem.status == 400 && problem.parameter == parameter, "\(query): \(problem)")
        }
    }

    /// Every figure answers, also where there is nothing, and the catalogue says what can be asked.
    @Test func everyFigureAnswers() async throws {
        try await withService { service in
            let empty = try await service.get("\(Self.path)/metrics")
            #expect(empty["zones"] == ["UTC"])
            for figure in Figure.allCases { try await Self.expectAnswers(service, [figure.rawValue]) }
            try await service.store(Self.story)
            for figure in empty["data"]?.array ?? [] {
                let name = try #require(figure["name"]?.string)
                let intervals = (figure["interval"]?.array ?? []).compactMap(\.string)
                let groups = (figure["groupBy"]?.array ?? []).compactMap(\.string)
                try await Self.expectAnswers(
                    service,
                    intervals.map { "\(name)?from=2026-05-08&to=2026-05-11&interval=\($0)" }
                        + groups.map { "\(name)?from=2026-05-08&to=2026-05-11&groupBy=\($0)&format=csv" }
                )
            }
            #expect(empty["data"]?.array?.count == Figure.allCases.count)
        }
    }

    /// A history that is older than its figures says so, until a rebuild.
    @Test func waitsForARebuild() async throws {
        try await withService { service in
            try await service.store(Self.story)
            let history = service.history
            try await blocking {
                let store = try history.opened()
                var change = BSONDocument()
                change.append("$set") { $0.append("complete", false) }
                var filter = BSONDocument()
                filter.append("_id", "figures")
                _ = try store.pool.withConnection { connection throws(MongoError) in
                    try connection.update(
                        [MongoUpdate(filter: filter, update: change)],
                        in: "backchannel",
                        of: store.database
                    )
                }
            }
            let refused = try await service.send("GET", "\(Self.path)/messages").problem()
            #expect(refused.status == 409 && refused.detail.contains("rebuild"))
            let reference = try await service.get(TestService.analyticsPath)
            #expect(reference["total_messages"] == 4)
            try await blocking { _ = try Rebuilder(try history.opened()) { _ in }.run() }
            #expect(try await service.get("\(Self.path)/messages")["total"] == 4)
        }
    }

    /// More people than are looked at one by one are a clear answer; what is kept of them is still told.
    @Test func refusesWhatIsTooMuch() async throws {
        var setup = TestService.Setup()
        setup.limits.query.peopleMost = 2
        try await withService(setup) { service in
            try await service.store(Self.story)
            let refused = try await service.send("GET", "\(Self.path)/active-users?timeZone=Asia/Tokyo").problem()
            #expect(refused.status == 400 && refused.detail.contains("ANALYTICS_TIME_ZONES"), "\(refused)")
            let kept = try await service.get("\(Self.path)/active-users?from=2026-05-08&to=2026-05-11&interval=day")
            #expect(Self.values(kept) == [2, 0, 1, 1])
        }
    }

    @Test func docsListEveryFigure() throws {
        let page = try String(contentsOf: repositoryRoot.appending(path: "docs/analytics.md"), encoding: .utf8)
        for figure in Figure.allCases {
            let row = FigureCatalogue.documentation(of: figure)
            #expect(page.contains(row), "docs/analytics.md should hold:\n\(row)")
        }
    }

    private static func expectAnswers(_ service: TestService, _ queries: [String]) async throws {
        for query in queries {
            let answer = try await service.send("GET", "\(path)/\(query)")
            #expect(answer.status == 200, "\(query): \(answer.text)")
        }
    }

    private static func values(_ answer: JSON) -> [Int]? { answer["data"]?.array?.map { $0["value"]?.int ?? -1 } }
    private static func groups(_ answer: JSON) -> [String]? { answer["data"]?.array?.map { $0["group"]?.string ?? "" } }
}
