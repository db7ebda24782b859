import Chat
import Decisions
import MongoDB
import Rules
import TestSupport
import Testing

/// The rules in force, what they decided, and why.
@Suite
struct DecisionRouteTests {
    private static let rules = """
        thresholds: { hold: 4 }
        lists: { spam: [buy now] }
        rules:
          - id: spam-words
            when: [ text: { in_list: spam } ]
            then: [ score: 5, { label: spam } ]
          - id: busy
            mode: shadow
            when: [ rate: { of: messages, more_than: 1, within: 1h, per: user } ]
            then: [ ban ]
        """

    private static func strings(_ list: JSON?, _ field: String) -> [String] {
        guard case .array(let elements)? = list else { return [] }
        return elements.compactMap { $0[field]?.string }
    }

    private static func engine() throws -> RuleEngine {
        let files = [RuleFile(name: "rules.yaml", bytes: Array(rules.utf8))]
        return try LoadedRules(files: files, settings: TestService.ruleSettings()).engine
    }

    private static func body(_ id: String, _ text: String, at second: Int, by user: String = "ada") -> String {
        """
        {"type":"message.new","created_at":"2026-05-20T11:59:0\(second)Z","cid":"messaging:c1","channel_id":"c1",\
        "channel_type":"messaging","message":{"id":"\(id)","text":"\(text)","created_at":"2026-05-20T11:59:0\(second)Z",\
        "user":{"id":"\(user)","role":"user"}},"user":{"id":"\(user)"}}
        """
    }

    @Test func decisionsAreListedAndExplained() async throws {
        let setup = TestService.Setup(rules: try Self.engine())
        try await withService(setup) { service in
            try await service.store([
                Self.body("m1", "buy now", at: 1), Self.body("m2", "hello", at: 2),
                Self.body("m3", "Buy  NOW!", at: 3, by: "eve"),
            ])
            let all = try await service.get("/api/v1/decisions")
            #expect(Self.strings(all["data"], "message_id") == ["m3", "m2", "m1"])
            let held = try await service.get("/api/v1/decisions?verdict=hold&limit=1")
            #expect(Self.strings(held["data"], "message_id") == ["m3"])
            let cursor = try #require(held["next"]?.string)
            let rest = try await service.get("/api/v1/decisions?verdict=hold&limit=1&cursor=\(cursor)")
            #expect(Self.strings(rest["data"], "message_id") == ["m1"])
            #expect(rest["next"] == .null)
            for (query, ids) in [
                ("rule=busy", ["m2"]), ("user=eve", ["m3"]), ("message=m1", ["m1"]),
                ("from=2026-05-20T11:59:02Z&until=2026-05-20T11:59:03Z", ["m2"]),
            ] {
                let page = try await service.get("/api/v1/decisions?\(query)")
                #expect(Self.strings(page["data"], "message_id") == ids, "\(query)")
            }

            let shadow = try await service.get("/api/v1/decisions/message.new%2Fm2%2F0")
            #expect(shadow["verdict"]?.string == "allow")
            #expect(shadow["shadow"]?["verdict"]?.string == "ban")
            #expect(shadow["actions"] == [])

            let explained = try await service.get("/api/v1/decisions/message.new%2Fm1%2F0/explain")
            #expect(explained["rerun"]?["result"]?.string == "same")
            let outcomes = Self.strings(explained["rules"], "outcome")
            #expect(outcomes == ["fires", "quiet"])
            let flagged = try await service.get("/api/v1/webhooks/getstream/messages/m1")
            #expect(flagged["is_flagged"] == true)
            #expect(flagged["flagged_by"]?.string == "rule:thresholds")
            #expect(flagged["flag_severity"]?.string == "medium")
        }
    }

    /// A list goes on behind what was withdrawn.
    @Test func whatWasWithdrawnIsNotListed() async throws {
        let setup = TestService.Setup(rules: try Self.engine())
        try await withService(setup) { service in
            try await service.store((1...3).map { Self.body("m\($0)", "buy now", at: $0) })
            try await service.change("decisions", "message.new/m2/0") { $0.append("withdrawn", true) }
            let first = try await service.get("/api/v1/decisions?limit=1")
            #expect(Self.strings(first["data"], "message_id") == ["m3"])
            let cursor = try #require(first["next"]?.string)
            let rest = try await service.get("/api/v1/decisions?limit=1&cursor=\(cursor)")
            #expect(Self.strings(rest["data"], "message_id") == ["m1"])
            #expect(rest["next"] == .null)
        }
    }

    @Test func aTextIsTriedWithoutAnyTrace() async throws {
        try await withService(.init(rules: try Self.engine())) { service in
            let text = #"{"text":"b u y  n o w"}"#
            let answer: JSON = try await service.send("POST", "/api/v1/rules/explain", body: text).decode()
            #expect(answer["decision"]?["verdict"]?.string == "hold")
            #expect(Self.strings(answer["rules"], "rule") == ["spam-words", "busy"])
            let none = try await service.get("/api/v1/decisions")
            #expect(none["data"] == [])
            let rules = try await service.get("/api/v1/rules")
            #expect(Self.strings(rules["data"], "_id") == ["spam-words", "busy"])
            #expect(rules["warnings"] == ["a warning"])
        }
    }

    @Test func wrongInputIsNamed() async throws {
        try await withService(.init(rules: try Self.engine())) { service in
            for (path, detail) in [
                ("/api/v1/decisions?verdict=maybe", "allow, mask, hold, block or ban"),
                ("/api/v1/decisions?limit=0", "1 to 200"), ("/api/v1/decisions?cursor=zz", "cursor"),
                ("/api/v1/decisions?from=yesterday", "RFC 3339"), ("/api/v1/decisions?rules=x", "did you mean rule"),
            ] {
                let answer = try await service.send("GET", path)
                #expect(answer.status == 400, "\(path)")
                #expect(try answer.problem().detail.contains(detail), "\(path)")
            }
            for body in [
                "", "[]", #"{"texts":"x"}"#, #"{"text":"x","given":{"x":1}}"#, #"{"text":"x","given":{"nothing.y":1}}"#,
            ] {
                #expect(try await service.send("POST", "/api/v1/rules/explain", body: body).status == 400)
            }
            #expect(try await service.send("GET", "/api/v1/decisions/none").status == 404)
            #expect(try await service.send("GET", "/api/v1/decisions/none/explain").status == 404)
        }
    }

    @Test func withoutRulesThereIsNothingToExplain() async throws {
        try await withService { service in
            let statuses = [
                try await service.send("GET", "/api/v1/rules").status,
                try await service.send("POST", "/api/v1/rules/explain", body: "{}").status,
            ]
            #expect(statuses == [409, 409])
        }
    }
}
