import Decisions
import Rules
import TestSupport
import Testing

/// Figures of moderation, in numbers that can be counted by hand.
struct ModerationAnalyticsTests {
    private static let room = "team:free"

    private static func flagged(_ id: String, by user: String, in cid: String = room, at time: String) -> String {
        Story.message(id, by: user, in: cid, event: "message.flagged", updated: time)
    }

    @Test func flagsAndDeletionsAreCounted() async throws {
        let pair = "messaging:listing_7_ada_bob"
        try await withService { service in
            try await service.store([
                Story.message("a"), Story.message("b", by: "bob"), Story.message("c", by: "cleo", in: Self.room),
                Story.message("d"), Self.flagged("a", by: "ada", in: pair, at: "2026-05-08T12:00:00Z"),
                Self.flagged("b", by: "bob", in: pair, at: "2026-05-08T13:00:00Z"),
                Self.flagged("a", by: "ada", in: pair, at: "2026-05-09T12:00:00Z"),
                Self.flagged("c", by: "cleo", at: "2026-05-09T23:59:59.999Z"),
                Story.message("b", by: "bob", event: "message.unblocked", updated: "2026-05-10T12:00:00Z"),
                Story.message(
                    "d",
                    more: #","deleted_at":"2026-05-10T09:00:00Z""#,
                    event: "message.deleted",
                    updated: "2026-05-10T09:00:00Z"
                ),
                """
                {"type":"channel.truncated","cid":"\(Self.room)","created_at":"2026-05-11T00:00:00Z","channel":\
                {"cid":"\(Self.room)","type":"team","id":"free","truncated_at":"2026-05-11T00:00:00Z"}}
                """,
            ])
            for (query, groups, values) in [
                ("flags?interval=day", [nil, nil, nil, nil], [0, 2, 0, 0]),
                ("flags?timeZone=Europe/Oslo&interval=day", [nil, nil, nil, nil], [0, 1, 1, 0]),
                ("flags?groupBy=channel", [pair, Self.room], [1, 1]), ("flags?groupBy=user", ["ada", "cleo"], [1, 1]),
                ("flags?channel=\(Self.room)", [nil], [1]), ("flags?listing=7", [nil], [1]),
                ("deletions?interval=day", [nil, nil, nil, nil], [0, 0, 1, 1]),
                ("deletions?groupBy=channel", [pair, Self.room], [1, 1]),
                ("deletions?channel=\(pair)", [nil], [1]),
            ] as [(String, [String?], [Double?])] {
                let answer = try await service.figure("\(query)&from=2026-05-08&to=2026-05-11")
                #expect(answer.groups == groups && answer.values == values, "\(query): \(answer)")
            }
        }
    }

    /// What has ended or was taken back is in force no more.
    @Test func bansAndMutesInForceAreCounted() async throws {
        func ban(_ user: String, at time: String, in cid: String? = nil, until: String? = nil) -> String {
            let place = cid.map { #","cid":"\#($0)""# } ?? ""
            let end = until.map { #","expiration":"\#($0)""# } ?? ""
            return Story.event("user.banned", user: user, at: time, more: place + end)
        }
        func mute(_ user: String, _ target: String, at time: String, until: String? = nil) -> String {
            let end = until.map { #","mute":{"expires":"\#($0)","target":{"id":"\#(target)"}}"# } ?? ""
            return Story.event("user.muted", user: user, at: time, more: #","target_user":{"id":"\#(target)"}\#(end)"#)
        }
        try await withService { service in
            try await service.store([
                ban("a", at: "2026-05-18T10:00:00Z"), ban("b", at: "2026-05-18T11:00:00Z"),
                Story.event("user.unbanned", user: "b", at: "2026-05-19T10:00:00Z"),
                ban("a", at: "2026-05-19T11:00:00Z", in: "messaging:x"),
                ban("c", at: "2026-05-19T12:00:00Z", in: "messaging:x", until: "2026-05-20T11:59:59Z"),
                ban("d", at: "2026-05-20T10:00:00Z", until: "2026-05-20T12:00:01Z"),
                mute("a", "x", at: "2026-05-18T10:00:00Z"), mute("a", "y", at: "2026-05-19T10:00:00Z"),
                mute("b", "x", at: "2026-05-19T11:00:00Z", until: "2026-05-20T11:00:00Z"),
                mute("b", "z", at: "2026-05-20T10:00:00Z", until: "2026-05-20T13:00:00Z"),
                mute("c", "z", at: "2026-05-20T10:00:00Z"),
                Story.event("user.unmuted", user: "c", at: "2026-05-20T11:00:00Z", more: #","target_user":{"id":"z"}"#),
            ])
            for name in ["bans", "mutes"] {
                let days = try await service.figure("\(name)?from=2026-05-17&to=2026-05-20&interval=day")
                #expect(days.values == [0, 1, 1, 1] && days.total == 3, "\(name): \(days)")
            }
            try service.setTime("2026-05-20T14:00:00Z")
            for name in ["bans", "mutes"] {
                let all = try await service.figure("\(name)?from=2026-05-17&to=2026-05-20")
                #expect(all.values == [2], "\(name): \(all)")
            }
        }
    }

    @Test func decisionsAreCountedByRule() async throws {
        let file = RuleFile(
            name: "rules.yaml",
            bytes: Array(
                """
                thresholds: { hold: 4 }
                lists: { spam: [buy now] }
                rules:
                  - id: spam-words
                    when: [ text: { in_list: spam } ]
                    then: [ score: 5, { label: spam } ]
                  - id: busy
                    when: [ rate: { of: messages, more_than: 1, within: 1h, per: user } ]
                    then: [ { label: busy } ]
                """.utf8
            )
        )
        let engine = try LoadedRules(files: [file], settings: TestService.ruleSettings()).engine
        try await withService(TestService.Setup(rules: engine)) { service in
            try await service.store([
                Story.message("a", "buy now", at: "2026-05-18T10:00:00Z"),
                Story.message("b", "hello", at: "2026-05-18T10:10:00Z"),
                Story.message("c", "buy now", at: "2026-05-18T10:20:00Z"),
                Story.message("d", "buy now", by: "eve", in: Self.room, at: "2026-05-19T10:00:00Z"),
                Story.message("e", "hello", by: "eve", in: Self.room, at: "2026-05-20T10:00:00Z"),
            ])
            let pair = "messaging:listing_7_ada_bob"
            for (query, groups, values) in [
                ("interval=day", [nil, nil, nil], [3, 1, 0]),
                // One message counts for both rules.
                ("groupBy=rule", ["spam-words", "busy"], [3, 2]), ("groupBy=user", ["ada", "eve"], [3, 1]),
                ("groupBy=channel", [pair, Self.room], [3, 1]), ("groupBy=type", ["message.new"], [4]),
                ("channel=\(Self.room)", [nil], [1]),
                ("channel=\(pair)&groupBy=rule", ["busy", "spam-words"], [2, 2]),
            ] as [(String, [String?], [Double?])] {
                let answer = try await service.figure("decisions?from=2026-05-18&to=2026-05-20&\(query)")
                #expect(answer.groups == groups && answer.values == values, "\(query): \(answer)")
            }
        }
    }

    @Test func whatWaitsAndHowLongItTookIsTold() async throws {
        try await withService(ReviewStory.setup()) { service in
            try await ReviewStory.story(service)
            func report(_ subject: String, at time: String) async throws {
                try service.setTime(time)
                #expect(try await ReviewStory.report(service, subject, by: "dora").status == 202)
            }
            func act(_ verb: String, _ item: String, at time: String, _ more: String) async throws {
                try service.setTime(time)
                let body = #"{"moderator":"mia",\#(more)}"#
                let answer = try await service.send("POST", ReviewStory.path(item, verb), body: body)
                #expect(answer.status == 200, "\(answer.text)")
            }
            try await report("message:m2", at: "2026-05-20T12:00:00Z")
            try await report("message:m1", at: "2026-05-20T12:05:00Z")
            try await report("user:ada", at: "2026-05-20T12:10:00Z")
            try await act("decide", "message:m2", at: "2026-05-20T12:10:00Z", #""action":"dismiss""#)
            try await act("decide", "message:m1", at: "2026-05-20T12:35:00Z", #""action":"dismiss""#)
            try service.setTime("2026-05-20T14:00:00Z")
            let range = "from=2026-05-20&to=2026-05-20"
            let taken = try await service.figure("time-to-decision?\(range)&target=900")
            let latency = taken.data.first?["latency"]
            #expect(latency?["count"] == 2 && latency?["mean"] == 1_200 && latency?["within"] == 0.5, "\(taken.data)")
            let hours = try await service.figure("time-to-decision?\(range)&interval=hour")
            #expect(hours.data.map { $0["latency"]?["count"]?.int } == (0..<24).map { $0 == 12 ? 2 : 0 })
            let waiting = try await service.figure("review-queue?\(range)")
            #expect(waiting.total == 1 && waiting.values == [0, 1, 0, 0, 0, 0], "\(waiting)")
            #expect(waiting.groups[1] == "1 h to 4 h")
            let items = try await service.figure("review-queue?\(range)&groupBy=item")
            #expect(items.groups == ["user:ada"] && items.values == [6_600], "\(items)")
            let before = try await service.figure("review-queue?from=2026-05-19&to=2026-05-19")
            #expect(before.total == 0)

            // What is looked at again waits again, and took no other time than it did.
            try await act("reopen", "message:m2", at: "2026-05-20T14:00:00Z", #""reason":"a second look""#)
            try service.setTime("2026-05-20T14:30:00Z")
            #expect(try await service.figure("review-queue?\(range)").total == 2)
            try await act("decide", "message:m2", at: "2026-05-20T15:00:00Z", #""action":"dismiss""#)
            let again = try await service.figure("time-to-decision?\(range)")
            #expect(again.data.first?["latency"]?["count"] == 2, "\(again.data)")
            #expect(again.data.first?["latency"]?["mean"] == 1_200)
        }
    }
}
