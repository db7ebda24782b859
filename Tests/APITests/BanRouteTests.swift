import Foundation
import History
import Limits
import Provider
import TestSupport
import Testing

/// Bans, mutes, blocks, and what a stream's own people may do.
struct BanRouteTests {
    private static let stream = "livestream:show"

    private static func ban(
        _ user: String,
        at time: String,
        in cid: String? = nil,
        until: String? = nil,
        more: String = ""
    ) -> String {
        let place = cid.map { #","cid":"\#($0)""# } ?? ""
        let end = until.map { #","expiration":"\#($0)""# } ?? ""
        return Story.event(
            "user.banned",
            user: user,
            at: time,
            more: #","created_by":{"id":"mod"}\#(place)\#(end)\#(more)"#
        )
    }

    private static func users(_ service: TestService, _ path: String) async throws -> [String] {
        var (seen, cursor): ([String], String?) = ([], nil)
        repeat {
            let more = cursor.map { "&cursor=\($0)" } ?? ""
            let page = try await service.get("\(path)&limit=2\(more)")
            seen += (page["data"]?.array ?? []).compactMap { ($0["target"] ?? $0["user"])?.string }
            cursor = page["next"]?.string
        } while cursor != nil
        return seen
    }

    @Test func bansAreListedWhileTheyHold() async throws {
        try await withService { service in
            try await service.store([
                Self.ban("a", at: "2026-05-20T10:00:00Z"),
                Self.ban("b", at: "2026-05-20T10:00:01Z", until: "2026-05-20T11:00:00Z"),
                Self.ban("c", at: "2026-05-20T10:00:02Z", in: "messaging:x", until: "2026-05-20T13:00:00Z"),
                Self.ban("d", at: "2026-05-20T10:00:02Z", in: "messaging:y", more: #","shadow":true"#),
                Self.ban("e", at: "2026-05-20T10:00:02Z"),
                Self.ban("f", at: "2026-05-20T10:00:03Z"),
                Story.event("user.unbanned", user: "f", at: "2026-05-20T10:00:04Z"),
                Self.ban("a", at: "2026-05-20T10:00:05Z", in: "messaging:x"),
            ])
            for (query, expected) in [
                ("", ["a", "e", "d", "c", "a"]), ("expired=true", ["a", "e", "d", "c", "b", "a"]),
                ("channel=messaging:x", ["a", "c"]), ("user=a", ["a", "a"]), ("shadow=true", ["d"]),
                ("shadow=false&user=d", []), ("by=mod", ["a", "e", "d", "c", "a"]), ("by=other", []),
                ("at=2026-05-20T10:30:00Z", ["a", "e", "d", "c", "b", "a"]),
                ("at=2026-05-20T10:00:01Z", ["b", "a"]), ("at=2026-05-20T14:00:00Z", ["a", "e", "d", "a"]),
            ] {
                #expect(try await Self.users(service, "/api/v1/bans?\(query)") == expected, "\(query)")
            }
            let page = try await service.get("/api/v1/bans?user=c")
            let ban: JSON = [
                "user": "c", "channel": "messaging:x", "shadow": false, "reason": nil, "by": "mod",
                "since": "2026-05-20T10:00:02.000Z", "expires": "2026-05-20T13:00:00.000Z",
            ]
            #expect(page["data"] == [ban])
        }
    }

    @Test func mutesAreListedWhileTheyHold() async throws {
        try await withService { service in
            func mute(_ user: String, _ target: String, at time: String, until: String? = nil) -> String {
                let end = until.map { #","mute":{"expires":"\#($0)","target":{"id":"\#(target)"}}"# } ?? ""
                return Story.event(
                    "user.muted",
                    user: user,
                    at: time,
                    more: #","target_user":{"id":"\#(target)"}\#(end)"#
                )
            }
            try await service.store([
                mute("a", "x", at: "2026-05-20T10:00:00Z"), mute("a", "y", at: "2026-05-20T10:00:01Z"),
                mute("b", "x", at: "2026-05-20T10:00:02Z"), mute("b", "z", at: "2026-05-20T10:00:03Z"),
                Story.event("user.unmuted", user: "b", at: "2026-05-20T10:00:04Z", more: #","target_user":{"id":"z"}"#),
            ])
            for (query, expected) in [
                ("", ["x", "y", "x"]), ("user=a", ["y", "x"]), ("target=x", ["x", "x"]), ("channel=messaging:x", []),
                ("at=2026-05-20T10:00:00Z", ["x"]),
            ] {
                #expect(try await Self.users(service, "/api/v1/mutes?\(query)") == expected, "\(query)")
            }
        }
    }

    @Test func bansAndMutesGoOutAsEffects() async throws {
        var setup = TestService.Setup()
        setup.provider = StreamClient.nowhere
        try await withService(setup) { service in
            for (method, path, body, call) in [
                (
                    "POST", "/api/v1/bans?key=1",
                    #"{"user":"eve","moderator":"mod","channel":"messaging:x","minutes":5,"reason":"spam","shadow":true}"#,
                    #"{"call":"ban","target":"eve","by":"mod","cid":"messaging:x","shadow":true,"until":1779278700000000000,"reason":"spam"}"#
                ),
                ("DELETE", "/api/v1/bans?user=eve", nil, #"{"call":"unban","target":"eve"}"#),
                (
                    "POST", "/api/v1/mutes", #"{"user":"ada","target":"eve"}"#,
                    #"{"call":"mute","target":"eve","by":"ada"}"#
                ),
                ("DELETE", "/api/v1/mutes?user=ada&target=eve", nil, #"{"call":"unmute","target":"eve","by":"ada"}"#),
            ] as [(String, String, String?, String)] {
                let answer = try await service.send(method, path, body: body)
                #expect(answer.status == 202, "\(method) \(path): \(answer.text)")
                let id = try #require(try answer.decode(JSON.self)["_id"]?.string)
                let escaped = id.replacing("%", with: "%25").replacing("/", with: "%2F")
                let payload = try await service.get("/api/v1/effects/\(escaped)")["payload"]
                #expect(try payload == JSONDecoder().decode(JSON.self, from: Data(call.utf8)), "\(method) \(path)")
            }
            // The same key is the same ban, though a second has passed.
            try service.setTime("2026-05-20T12:00:01Z")
            let body =
                #"{"user":"eve","moderator":"mod","channel":"messaging:x","minutes":5,"reason":"spam","shadow":true}"#
            #expect(try await service.send("POST", "/api/v1/bans?key=1", body: body).status == 202)
            #expect(try await service.get("/api/v1/effects")["data"]?.array?.count == 4)
            let audit = try await service.get("/api/v1/audit?user=eve")["data"]?.array ?? []
            // Looking at the effects is entered as well.
            #expect(audit.count { $0["action"] != "effect.read" } == 5)
        }
    }

    @Test(
        arguments: [
            ("POST", "/api/v1/bans", #"{"user":"u"}"#, "moderator"),
            ("POST", "/api/v1/bans", #"{"user":"u","moderator":"m","minutes":0}"#, "minutes"),
            ("POST", "/api/v1/bans", #"{"user":"u","moderator":"m","minutes":"5"}"#, "minutes"),
            ("POST", "/api/v1/bans", #"{"user":"u","moderator":"m","minutes":1.5}"#, "minutes"),
            ("POST", "/api/v1/bans", #"{"user":"u","moderator":"m","minutes":9999999999999}"#, "minutes"),
            ("POST", "/api/v1/bans", #"{"user":"u","moderator":"m","shadow":"yes"}"#, "shadow"),
            ("POST", "/api/v1/bans", #"{"user":5,"moderator":"m"}"#, "user"),
            ("POST", "/api/v1/bans", #"{"user":"u","moderator":"m","usr":"u"}"#, "usr"),
            ("DELETE", "/api/v1/bans", nil, "user"), ("DELETE", "/api/v1/mutes?user=u", nil, "target"),
            ("GET", "/api/v1/bans?shadow=maybe", nil, "shadow"), ("GET", "/api/v1/bans?cursor=zzz", nil, "cursor"),
            ("GET", "/api/v1/mutes?at=now", nil, "at"), ("POST", "/api/v1/blocks", #"{"blocker":"u"}"#, "blocked"),
            ("POST", "/api/v1/blocks", #"{"blocker":"u","blocked":"u"}"#, "blocked"),
            ("GET", "/api/v1/blocks?cursor=zzz", nil, "cursor"),
            ("POST", "/api/streams/show/moderate", #"{"action":"kick","targetId":"u","moderator":"m"}"#, "action"),
            ("POST", "/api/streams/show/moderate", #"{"action":"ban","moderator":"m"}"#, "targetId"),
            ("POST", "/api/streams/show/moderate", #"{"action":"ban","targetId":"u"}"#, "moderator"),
            (
                "POST", "/api/streams/show/moderate",
                #"{"action":"delete","targetId":"m","moderator":"m","duration":5}"#, "duration"
            ),
        ] as [(String, String, String?, String)]
    )
    func wrongInputNamesTheField(_ method: String, _ path: String, _ body: String?, _ field: String) async throws {
        try await withService { service in
            let answer = try await service.send(method, path, body: body)
            #expect(answer.status == 400)
            #expect(try answer.problem().parameter == field)
        }
    }

    @Test func blocksAreNotedOnce() async throws {
        var setup = TestService.Setup()
        setup.limits.standing.blocksPerUser = 3
        try await withService(setup) { service in
            func block(_ method: String, _ blocker: String, _ blocked: String) async throws -> Answer {
                guard method == "POST" else {
                    return try await service.send(method, "/api/v1/blocks?blocker=\(blocker)&blocked=\(blocked)")
                }
                let body = #"{"blocker":"\#(blocker)","blocked":"\#(blocked)"}"#
                return try await service.send(method, "/api/v1/blocks", body: body)
            }
            #expect(try await block("POST", "a", "x").status == 201)
            #expect(try await block("POST", "a", "x").status == 200)
            #expect(try await block("POST", "a", "y").status == 201)
            #expect(try await block("POST", "a", "z").status == 201)
            #expect(try await block("POST", "a", "w").status == 409)
            #expect(try await block("POST", "a", "z").status == 200)
            #expect(try await block("POST", "b", "x").status == 201)
            func listed(_ query: String) async throws -> Set<String> {
                let rows = try await service.get("/api/v1/blocks?\(query)")["data"]?.array ?? []
                return Set(rows.map { "\($0["blocker"]?.string ?? "")-\($0["blocked"]?.string ?? "")" })
            }
            #expect(try await listed("") == ["a-x", "a-y", "a-z", "b-x"])
            #expect(try await listed("blocked=x") == ["a-x", "b-x"])
            #expect(try await listed("blocker=a&blocked=y") == ["a-y"])
            let first = try await service.get("/api/v1/blocks?limit=3")
            let rest = try await service.get("/api/v1/blocks?limit=3&cursor=\(first["next"]?.string ?? "")")
            #expect(first["data"]?.array?.count == 3 && rest["data"]?.array?.count == 1 && rest["next"] == .null)
            #expect(try await block("DELETE", "a", "x").decode(JSON.self)["deleted"] == true)
            #expect(try await block("DELETE", "a", "x").decode(JSON.self)["deleted"] == false)
            #expect(try await listed("blocked=x") == ["b-x"])
        }
    }

    /// Of many who ask at once no more get through than one may block.
    @Test func racingBlocksKeepTheirLimit() async throws {
        var setup = TestService.Setup()
        setup.limits.standing.blocksPerUser = 3
        try await withService(setup) { service in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<12 {
                    group.addTask {
                        let body = #"{"blocker":"a","blocked":"u\#(number)"}"#
                        while true {
                            // One that MongoDB has given up for another's sake too often asks again, as its sender would.
                            let status = try await service.send("POST", "/api/v1/blocks", body: body).status
                            if status != 503 { return status }
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 201 } == 3 && statuses.count { $0 == 409 } == 9, "\(statuses)")
            let listed = try await service.get("/api/v1/blocks?blocker=a")["data"]?.array
            #expect(listed?.count == 3)
            #expect(try await service.documents(.userCounts).allSatisfy { !"\($0)".contains("\"a\"") })
        }
    }

    /// Who may moderate a stream, how it is found, and what comes of it.
    @Test func aStreamIsModeratedByItsOwnPeople() async throws {
        var setup = TestService.Setup()
        setup.provider = StreamClient.nowhere
        try await withService(setup) { service in
            func channel(_ cid: String, more: String = "") -> String {
                let parts = cid.split(separator: ":")
                return Story.event(
                    "channel.created",
                    user: "host",
                    at: "2026-05-20T09:00:00Z",
                    more: """
                        ,"cid":"\(cid)","channel":{"cid":"\(cid)","id":"\(parts[1])","type":"\(parts[0])",\
                        "created_at":"2026-05-20T09:00:00Z","updated_at":"2026-05-20T09:00:00Z",\
                        "created_by":{"id":"host"}\(more)}
                        """
                )
            }
            func member(_ user: String, _ role: String) -> String {
                Story.event(
                    "member.added",
                    user: user,
                    at: "2026-05-20T09:00:01Z",
                    more: """
                        ,"cid":"\(Self.stream)","member":{"user_id":"\(user)","channel_role":"\(role)","role":"member",\
                        "created_at":"2026-05-20T09:00:01Z","updated_at":"2026-05-20T09:00:01Z"}
                        """
                )
            }
            try await service.store([
                channel(Self.stream, more: #","event_id":"gig-9""#), channel("messaging:artist-77"),
                channel("messaging:double"), channel("livestream:e1", more: #","event_id":"twice""#),
                channel("livestream:e2", more: #","event_id":"twice""#),
                member("mod", "channel_moderator"), member("fan", "channel_member"),
                Story.message("m1", in: Self.stream), Story.message("other", in: "messaging:x"),
                Story.event(
                    "user.updated",
                    user: "boss",
                    at: "2026-05-20T09:00:00Z",
                    more: ""
                ).replacing(#""id":"boss""#, with: #""id":"boss","role":"admin","updated_at":"2026-05-20T09:00:00Z""#),
            ])
            let key = try await service.makeKey("service")
            func moderate(_ stream: String, _ body: String, key: String) async throws -> Answer {
                try await service.send("POST", "/api/streams/\(stream)/moderate", key: key, body: body)
            }
            for (stream, user, status) in [
                ("show", "host", 202), ("show", "mod", 202), ("show", "boss", 202), ("show", "fan", 403),
                ("show", "nobody", 403), ("livestream%3Ashow", "mod", 202), ("gig-9", "mod", 202), ("77", "host", 202),
                ("none", "mod", 404), ("messaging%3Anone", "mod", 404), ("twice", "host", 409),
            ] {
                let body = #"{"action":"ban","targetId":"eve","moderator":"\#(user)"}"#
                let answer = try await moderate(stream, body, key: key)
                #expect(answer.status == status, "\(stream) by \(user): \(answer.text)")
            }
            // An administrator's key stands for itself, but somebody has to be named.
            let admin = #"{"action":"mute","targetId":"eve","moderator":"nobody"}"#
            let muted = try await moderate("show", admin, key: TestService.adminKey)
            #expect(muted.status == 202)
            let id = try #require(try muted.decode(JSON.self)["_id"]?.string).replacing("/", with: "%2F")
            let payload = try await service.get("/api/v1/effects/\(id)")["payload"]
            let hour: JSON = [
                "call": "ban", "target": "eve", "by": "nobody", "cid": .string(Self.stream),
                "until": 1_779_282_000_000_000_000,
            ]
            #expect(payload == hour)
            for (message, status) in [("m1", 202), ("other", 404), ("none", 404)] {
                let body = #"{"action":"delete","targetId":"\#(message)","moderator":"mod"}"#
                #expect(try await moderate("show", body, key: key).status == status, "\(message)")
            }
            // Who acts is told in one way only.
            let answer = try await service.send(
                "POST",
                "/api/streams/show/moderate",
                key: key,
                body: #"{"action":"ban","targetId":"eve","moderator":"mod"}"#,
                headers: ["X-Acting-User": "fan"]
            )
            #expect(answer.status == 400)
            let audit = try await service.get("/api/v1/audit?action=stream.moderate&limit=200")["data"]?.array ?? []
            // Though the key is a program's: it names who decided. What was refused was not done.
            #expect(audit.count == 8)
            let named = try await service.send(
                "POST",
                "/api/streams/show/moderate",
                key: key,
                body: #"{"action":"ban","targetId":"eve"}"#,
                headers: ["X-Acting-User": "mod"]
            )
            #expect(named.status == 202)
            let entry = try await service.get("/api/v1/audit?action=stream.moderate&actor=mod")["data"]?[0]
            #expect(entry?["subject"] == ["kind": "user", "id": "eve"] && entry?["details"]?["stream"] == "show")
        }
    }
}
