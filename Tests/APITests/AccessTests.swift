import Chat
import Foundation
import History
import Limits
import TestSupport
import Testing

struct AccessTests {
    private static let messages = TestService.messagesPath

    /// Route, and who may use it besides administrators.
    private static let table: [(method: String, path: String, roles: Set<String>)] = {
        let readers: Set<String> = ["analyst", "moderator", "service"]
        return [
            ("GET", messages, readers), ("GET", "\(messages)/listing/7", readers),
            ("GET", "\(messages)/user/u", readers), ("GET", "\(messages)/channel/a:b", readers),
            ("GET", "\(messages)/m", readers), ("GET", TestService.analyticsPath, readers),
            ("GET", "/api/v1/channels/a:b", readers), ("GET", "/api/v1/users/u", readers),
            ("GET", "/api/v1/listings/7", readers), ("GET", "/api/v1/sellers/u", readers),
            ("PATCH", "\(messages)/m/flag", ["moderator"]), ("PATCH", "\(messages)/m/unflag", ["moderator"]),
            ("POST", "/api/v1/reports", ["moderator", "service"]), ("GET", "/api/v1/review-queue", ["moderator"]),
            ("GET", "/api/v1/review-queue/user:u", ["moderator"]),
            ("POST", "/api/v1/review-queue/decide", ["moderator"]),
            ("POST", "/api/v1/review-queue/user:u/claim", ["moderator"]),
            ("POST", "/api/v1/review-queue/user:u/release", ["moderator"]),
            ("POST", "/api/v1/review-queue/user:u/assign", ["moderator"]),
            ("POST", "/api/v1/review-queue/user:u/notes", ["moderator"]),
            ("POST", "/api/v1/review-queue/user:u/reopen", ["moderator"]),
            ("POST", "/api/v1/review-queue/user:u/decide", ["moderator"]),
            ("GET", "/api/v1/rejections", []), ("GET", "/api/v1/dead-letters", []),
            ("GET", "/api/v1/dead-letters/x", []), ("POST", "/api/v1/dead-letters/x/retry", []),
            ("POST", "/api/v1/users/u/erase", []), ("GET", "/api/v1/keys", []), ("POST", "/api/v1/keys", []),
            ("DELETE", "/api/v1/keys/k", []), ("GET", "/api/v1/facts/listing/7", readers),
            ("PUT", "/api/v1/facts/listing/7", ["service"]), ("PUT", "/api/v1/facts/listing", ["service"]),
            ("DELETE", "/api/v1/facts/listing/7", ["service"]), ("GET", "/api/v1/channels/event/7", readers),
            ("PUT", "/api/v1/channels/event/7", ["service"]), ("DELETE", "/api/v1/channels/event/7", ["service"]),
            ("POST", "/api/v1/channels/event/7/archive", ["service"]),
            ("POST", "/api/v1/channels/event/7/unarchive", ["service"]),
            ("POST", "/api/v1/channels/event/7/messages", ["service"]),
            ("GET", "/api/v1/users/u/notification-preferences", ["moderator", "service"]),
            ("PUT", "/api/v1/users/u/notification-preferences", ["service"]),
            ("GET", "/api/v1/bans", ["moderator", "service"]), ("POST", "/api/v1/bans", ["moderator", "service"]),
            ("DELETE", "/api/v1/bans?user=u", ["moderator", "service"]),
            ("GET", "/api/v1/mutes", ["moderator", "service"]), ("POST", "/api/v1/mutes", ["moderator", "service"]),
            ("DELETE", "/api/v1/mutes?user=u&target=v", ["moderator", "service"]),
            ("GET", "/api/v1/blocks", ["moderator", "service"]), ("POST", "/api/v1/blocks", ["moderator", "service"]),
            ("DELETE", "/api/v1/blocks?blocker=u&blocked=v", ["moderator", "service"]),
            ("POST", "/api/streams/s/moderate", ["moderator", "service"]), ("GET", "/api/v1/audit", []),
        ]
    }()

    @Test func rolesOpenRoutes() async throws {
        try await withService { service in
            var keys: [String: String] = [:]
            for role in ["admin", "moderator", "analyst", "service"] { keys[role] = try await service.makeKey(role) }
            for (method, path, roles) in Self.table {
                for (role, key) in keys {
                    let answer = try await service.send(method, path, key: key, body: method == "GET" ? nil : "{}")
                    let mayUse = role == "admin" || roles.contains(role)
                    #expect((answer.status == 403) == !mayUse, "\(method) \(path) as \(role): \(answer.status)")
                    #expect(answer.status != 401 && answer.status < 500, "\(method) \(path) as \(role)")
                    if !mayUse { #expect(try answer.problem().detail.contains(role)) }
                }
                let answer = try await service.send(method, path, key: nil, body: method == "GET" ? nil : "{}")
                #expect(answer.status == 401, "\(method) \(path) without a key")
                #expect(answer.headers["www-authenticate"] == #"Bearer realm="backchannel""#)
            }
            for path in ["/", "/healthz", "/readyz", "/metrics"] {
                #expect(try await service.send("GET", path, key: nil).status == 200)
            }
        }
    }

    @Test func keysLiveUntilTheyAreRevoked() async throws {
        try await withService { service in
            let made = try await service.send("POST", "/api/v1/keys", body: #"{"name":"dash","role":"analyst"}"#)
            #expect(made.status == 201)
            let answer: JSON = try made.decode()
            let (id, key) = (try #require(answer["_id"]?.string), try #require(answer["key"]?.string))
            #expect(key.hasPrefix("bc_\(id)_"))
            #expect(try await service.send("GET", Self.messages, key: key).status == 200)

            let list = try await service.send("GET", "/api/v1/keys")
            #expect(!list.text.contains(key.suffix(64)))
            let expected: JSON = [
                "_id": .string(id), "name": "dash", "role": "analyst", "created": "2026-05-20T12:00:00.000Z",
                "revoked": nil, "last_used": "2026-05-20T00:00:00.000Z",
            ]
            #expect(try list.decode(JSON.self)["data"] == [expected])

            for _ in 0..<2 {
                #expect(try await service.send("DELETE", "/api/v1/keys/\(id)").status == 200)
                let refused = try await service.send("GET", Self.messages, key: key)
                #expect(refused.status == 401)
                #expect(refused.headers["www-authenticate"]?.contains("invalid_token") == true)
            }
            #expect(try await service.send("DELETE", "/api/v1/keys/ffffffffffff").status == 404)
        }
    }

    @Test func whatIsNoKeyOpensNothing() async throws {
        try await withService { service in
            let key = try await service.makeKey("analyst")
            let id = key.dropFirst(3).prefix(12)
            let other = try await service.makeKey("admin")
            for wrong in [
                "x", "bc", "bc__", "bc_\(id)_", "bc_\(id)_\(String(repeating: "0", count: 64))", key + "0",
                String(key.dropLast()), key.uppercased(), "bc_\(id)_\(other.suffix(64))",
                "bc_000000000000_\(key.suffix(64))", TestService.adminKey + "x", "\(key) \(key)",
            ] {
                let answer = try await service.send("GET", Self.messages, key: wrong)
                #expect(answer.status == 401, "\(wrong)")
                #expect(!answer.text.contains(wrong.suffix(20)) || wrong.count < 20)
            }
            for header in ["Basic \(key)", key, "Bearer", "Bearer "] {
                let answer = try await service.send(
                    "GET",
                    Self.messages,
                    key: nil,
                    headers: ["Authorization": header]
                )
                #expect(answer.status == 401, "\(header)")
            }
            let lower = try await service.send(
                "GET",
                Self.messages,
                key: nil,
                headers: ["Authorization": "bearer  \(key)"]
            )
            #expect(lower.status == 200)
        }
    }

    /// As on another node: the revocation is noticed when what is remembered is too old.
    @Test func aRevocationElsewhereIsNoticedWithinSeconds() async throws {
        try await withService { service in
            let key = try await service.makeKey("analyst")
            #expect(try await service.send("GET", Self.messages, key: key).status == 200)
            let history = service.history
            let wasThere = try await blocking {
                try APIKeys(try history.opened(), now: { Timestamp(nanoseconds: 0) })
                    .revoke(id: String(key.dropFirst(3).prefix(12)))
            }
            #expect(wasThere)
            try service.setTime("2026-05-20T12:00:04.999Z")
            #expect(try await service.send("GET", Self.messages, key: key).status == 200)
            try service.setTime("2026-05-20T12:00:05Z")
            #expect(try await service.send("GET", Self.messages, key: key).status == 401)
        }
    }

    @Test func theDayOfUseIsNotedOnceADay() async throws {
        try await withService { service in
            let key = try await service.makeKey("analyst")
            for (time, day) in [
                ("2026-05-20T23:59:59Z", "2026-05-20"), ("2026-05-21T00:00:10Z", "2026-05-21"),
                ("2026-05-20T12:00:00Z", "2026-05-21"),
            ] {
                try service.setTime(time)
                _ = try await service.send("GET", Self.messages, key: key)
                let list = try await service.get("/api/v1/keys")
                #expect(list["data"]?[0]?["last_used"]?.string == "\(day)T00:00:00.000Z")
            }
        }
    }
}

extension TestService {
    func makeKey(_ role: String) async throws -> String {
        let answer = try await send("POST", "/api/v1/keys", body: #"{"name":"test","role":"\#(role)"}"#)
        guard let key = try answer.decode(JSON.self)["key"]?.string else { throw TestFailure(answer.text) }
        return key
    }
}
