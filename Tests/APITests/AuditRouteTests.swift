import API
import Foundation
import History
import Limits
import MongoDB
import Provider
import TestSupport
import Testing

/// Who read and who did something is in the audit trail before the answer goes out.
struct AuditRouteTests {
    private static let messages = TestService.messagesPath
    private static let path = "/api/v1/audit"

    /// Entries, oldest first.
    private static func entries(_ service: TestService, _ query: String = "") async throws -> [JSON] {
        let page = try await service.get("\(path)?limit=200\(query)")
        return (page["data"]?.array ?? []).reversed()
    }

    private static func verify(_ service: TestService) async throws -> [AuditFault] {
        let history = service.history
        return try await blocking {
            var faults: [AuditFault] = []
            _ = try AuditVerifier(try history.opened()).run { faults.append($0) }
            return faults
        }
    }

    /// What a person reads, and what is said of it.
    private static let readings: [(path: String, action: String, kind: String, id: String?, user: String?)] = [
        (messages, "message.read", "messages", nil, nil),
        ("\(messages)?user=ada&channel=messaging%3Ax", "message.read", "messages", nil, "ada"),
        ("\(messages)/listing/7", "message.read", "listing", "7", nil),
        ("\(messages)/user/ada", "message.read", "user", "ada", nil),
        (
            "\(messages)/channel/messaging%3Alisting_7_ada_bob", "message.read", "channel",
            "messaging:listing_7_ada_bob", nil
        ),
        ("\(messages)/m1", "message.read", "message", "m1", nil),
        ("/api/v1/decisions?user=ada", "decision.read", "decisions", nil, "ada"),
    ]

    @Test func everyReadingByAPersonIsEntered() async throws {
        try await withService { service in
            try await service.store([Story.message("m1")])
            var expected: [(String, String)] = []
            for role in ["admin", "moderator", "analyst", "service"] {
                let key = try await service.makeKey(role)
                let before = try await Self.entries(service).count
                for reading in Self.readings {
                    let answer = try await service.send("GET", reading.path, key: key)
                    let isOpen = role != "analyst" && role != "service" || !reading.path.hasPrefix("/api/v1/decisions")
                    #expect(answer.status == (isOpen ? 200 : 403), "\(reading.path) as \(role)")
                    if isOpen, role != "service" { expected.append((role, reading.path)) }
                }
                let entries = try await Self.entries(service).dropFirst(before)
                let wanted = Self.readings.filter { reading in expected.contains { $0 == (role, reading.path) } }
                #expect(entries.count == wanted.count, "\(role)")
                for (entry, reading) in zip(entries, wanted) {
                    #expect(entry["action"]?.string == reading.action && entry["role"]?.string == role)
                    #expect(entry["subject"]?["kind"]?.string == reading.kind, "\(reading.path)")
                    #expect(entry["subject"]?["id"]?.string == reading.id, "\(reading.path)")
                    #expect(entry["user"]?.string == reading.user, "\(reading.path)")
                    #expect(key.hasPrefix("bc_\(entry["key"]?.string ?? "-")_"))
                }
            }
            // What was not answered was not read.
            let before = try await Self.entries(service).count
            #expect(try await service.send("GET", "\(Self.messages)/none").status == 404)
            #expect(try await service.send("GET", "\(Self.messages)?limit=x").status == 400)
            #expect(try await Self.entries(service).count == before)
            #expect(try await Self.verify(service).isEmpty)
        }
    }

    @Test func thePersonBehindASharedKeyIsNamed() async throws {
        try await withService { service in
            try await service.store([Story.message("m1")])
            let key = try await service.makeKey("service")
            let headers = ["X-Acting-User": "mod-7"]
            let read = try await service.send("GET", "\(Self.messages)/m1", key: key, headers: headers)
            #expect(read.status == 200)
            let flag = #"{"reason":"spam","moderator":"mod-8"}"#
            #expect(try await service.send("PATCH", "\(Self.messages)/m1/flag", body: flag).status == 200)
            let entries = try await Self.entries(service, "&kind=message")
            #expect(entries.map { $0["actor"] } == ["mod-7", "mod-8"])
            #expect(entries.map { $0["role"] } == ["service", "admin"])
            #expect(entries.last?["user"] == "ada")
            // Neither the reason nor the text stands there.
            let text = try await service.send("GET", Self.path).text
            #expect(!text.contains("spam") && !text.contains("hello"))
            for bad in ["", String(repeating: "x", count: 2_000), "a\u{01}b"] {
                let answer = try await service.send("GET", "\(Self.messages)/m1", headers: ["X-Acting-User": bad])
                #expect(answer.status == 400)
            }
        }
    }

    @Test func actsAreEntered() async throws {
        var setup = TestService.Setup()
        setup.provider = StreamClient.nowhere
        setup.eraseUser = { id, entries in
            id == "ada" ? .init(report: #"{"entries":\#(entries.count)}"#, isComplete: true) : nil
        }
        try await withService(setup) { service in
            try await service.store([Story.message("m1")])
            let made = try await service.send("POST", "/api/v1/keys", body: #"{"name":"x","role":"analyst"}"#)
            let id = try #require(try made.decode(JSON.self)["_id"]?.string)
            _ = try await service.send("DELETE", "/api/v1/keys/\(id)")
            _ = try await service.send("DELETE", "/api/v1/keys/\(id)")
            let call = #"{"call":"ban","target":"eve","by":"mod"}"#
            let written = try await service.send("POST", "/api/v1/effects", body: call)
            let effect = try #require(try written.decode(JSON.self)["_id"]?.string)
            let escaped = effect.replacing("%", with: "%25").replacing("/", with: "%2F")
            for verb in ["cancel", "retry"] {
                #expect(try await service.send("POST", "/api/v1/effects/\(escaped)/\(verb)").status == 200)
            }
            #expect(try await service.send("POST", "/api/v1/effects/none/cancel").status == 404)
            #expect(try await service.send("POST", "/api/v1/destinations/provider/pause").status == 200)
            #expect(try await service.send("PUT", "/api/v1/facts/user/ada", body: #"{"balance":1}"#).status == 200)
            #expect(try await service.send("POST", "/api/v1/users/ada/erase").text == #"{"entries":1}"#)
            let entries = try await Self.entries(service)
            let told = entries.map { "\($0["action"]?.string ?? "") \($0["subject"]?["id"]?.string ?? "-")" }
            #expect(
                told == [
                    "key.create \(id)", "key.revoke \(id)", "key.revoke \(id)", "effect.create \(effect)",
                    "effect.cancel \(effect)", "effect.retry \(effect)", "destination.pause provider",
                    "fact.put user/ada",
                ]
            )
            #expect(entries[3]["user"] == "eve" && entries[4]["user"] == "eve")
            #expect(try await Self.verify(service).isEmpty)
        }
    }

    /// An act whose entry cannot be written is not done, and a reading that cannot be entered is not answered.
    @Test func withoutTheTrailNothingIsRead() async throws {
        let server = try await MongoServer()
        let service = try TestService(uri: server.uri, database: "audit")
        try await service.store([Story.message("m1")])
        let (person, program) = (try await service.makeKey("analyst"), try await service.makeKey("service"))
        let path = "\(Self.messages)/m1"
        #expect(try await service.send("GET", path, key: person).status == 200)
        let before = try await Self.entries(service).count
        try await server.fail("insert", code: 13)
        #expect(try await service.send("GET", path, key: program).status == 200)
        let refused = try await service.send("GET", path, key: person)
        #expect(refused.status == 503 && !refused.text.contains("hello"))
        let flag = #"{"reason":"spam","moderator":"mod-8"}"#
        try await server.fail("insert", code: 13)
        #expect(try await service.send("PATCH", "\(path)/flag", body: flag).status == 503)
        #expect(try await service.get(path)["is_flagged"] != true)
        #expect(try await Self.entries(service).count == before + 1)
        await service.stop()
        await server.stop()
    }

    @Test func pagesAndFiltersGiveEachEntryOnce() async throws {
        try await withService { service in
            try await service.store([Story.message("m1"), Story.message("m2", by: "bob")])
            for round in 0..<15 {
                try service.setTime("2026-05-20T12:00:0\(round % 4).000Z")
                let actor = ["X-Acting-User": round % 2 == 0 ? "mod-a" : "mod-b"]
                _ = try await service.send("GET", "\(Self.messages)/m\(1 + round % 2)", headers: actor)
                _ = try await service.send("GET", "\(Self.messages)/user/ada", headers: actor)
            }
            for (query, count) in [
                ("", 30), ("&actor=mod-a", 16), ("&kind=user", 15), ("&subject=m2", 7), ("&action=message.read", 30),
                ("&key=ADMIN_API_KEY", 30), ("&key=other", 0), ("&from=2026-05-20T12:00:02Z", 14),
                ("&until=2026-05-20T12:00:02Z", 16), ("&actor=mod-b&kind=message", 7),
            ] {
                var (seen, cursor): ([Int], String?) = ([], nil)
                repeat {
                    let more = cursor.map { "&cursor=\($0)" } ?? ""
                    let page = try await service.get("\(Self.path)?limit=4\(query)\(more)")
                    seen += (page["data"]?.array ?? []).compactMap { $0["_id"]?.int }
                    cursor = page["next"]?.string
                } while cursor != nil
                #expect(seen.count == count && Set(seen).count == count, "\(query)")
            }
            for query in ["cursor=x", "limit=0", "from=yesterday", "what=1"] {
                #expect(try await service.send("GET", "\(Self.path)?\(query)").status == 400, "\(query)")
            }
        }
    }
}
