import API
import Foundation
import Limits
import TestSupport
import Testing

/// Signing in with a key, and what the cookie opens from then on.
struct SessionTests {
    private static let path = "/api/v1/session"
    private static let asPage = ["X-Requested-With": "dashboard"]
    private static let messages = TestService.messagesPath

    @Test func aKeyBecomesASession() async throws {
        try await withService { service in
            let key = try await service.makeKey("analyst")
            let answer = try await service.signIn(key)
            #expect(answer.status == 200)
            #expect(answer.headers["cache-control"] == "no-store")
            let expected: JSON = ["role": "analyst", "name": "test", "expires": "2026-05-21T00:00:00.000Z"]
            #expect(try answer.decode(JSON.self) == expected)
            let cookie = try #require(answer.headers["set-cookie"])
            #expect(cookie.hasPrefix("backchannel_session=1."))
            #expect(cookie.hasSuffix("; Path=/api; Max-Age=43200; HttpOnly; SameSite=Strict"))
            #expect(!cookie.contains(key.suffix(64)))

            let session = try #require(answer.cookie)
            #expect(try await service.asked(Self.path, session).decode(JSON.self) == expected)
            #expect(try await service.asked(Self.messages, session).status == 200)
            // The role of the key, and no other.
            #expect(try await service.asked("/api/v1/keys", session).status == 403)
        }
    }

    @Test func nobodyIsSignedIn() async throws {
        try await withService { service in
            let nobody: JSON = ["role": nil, "name": nil, "expires": nil]
            #expect(try await service.send("GET", Self.path, key: nil).decode(JSON.self) == nobody)
            let out = try await service.send("DELETE", Self.path, key: nil, headers: Self.asPage)
            #expect(try out.decode(JSON.self) == nobody)
            #expect(
                out.headers["set-cookie"]
                    == "backchannel_session=; Path=/api; Max-Age=0; HttpOnly; SameSite=Strict"
            )
        }
    }

    @Test func theKeyOfTheConfigurationSignsInToo() async throws {
        try await withService { service in
            let session = try #require(try await service.signIn(TestService.adminKey).cookie)
            let answer = try await service.asked("/api/v1/keys", session)
            #expect(answer.status == 200)
        }
    }

    /// On every node that knows the same secret, and on no other.
    @Test func sessionsHoldOnEveryNodeOfTheService() async throws {
        var setup = TestService.Setup()
        setup.dashboard.sessionSecret = "what all nodes know"
        let session = try await withService(setup) { try #require(try await $0.signIn(TestService.adminKey).cookie) }
        let elsewhere = try await withService(setup) { try await $0.asked("/api/v1/keys", session).status }
        #expect(elsewhere == 200)
        setup.dashboard.sessionSecret = "another service's"
        let other = try await withService(setup) { try await $0.asked("/api/v1/keys", session).status }
        #expect(other == 401)
    }

    @Test func itEndsWithItsTimeAndWithItsKey() async throws {
        try await withService { service in
            let key = try await service.makeKey("analyst")
            let session = try #require(try await service.signIn(key).cookie)
            try service.setTime("2026-05-20T23:59:59.999Z")
            #expect(try await service.asked(Self.messages, session).status == 200)
            try service.setTime("2026-05-21T00:00:00Z")
            let over = try await service.asked(Self.messages, session)
            #expect(over.status == 401)
            #expect(try over.problem().detail.contains("sign in again"))

            try service.setTime(TestService.epoch)
            #expect(try await service.asked(Self.messages, session).status == 200)
            _ = try await service.send("DELETE", "/api/v1/keys/\(key.dropFirst(3).prefix(12))")
            #expect(try await service.asked(Self.messages, session).status == 401)
            #expect(try await service.asked(Self.path, session).decode(JSON.self)["role"] == .null)
        }
    }

    @Test func whatTheServiceNeverGaveOpensNothing() async throws {
        try await withService { service in
            let session = try #require(try await service.signIn(try await service.makeKey("analyst")).cookie)
            let parts = session.dropFirst("backchannel_session=".count).split(separator: ".").map(String.init)
            let later = String(Int64(parts[2]).map { $0 + 1 } ?? 0)
            for forged in [
                "", "1", "1...", parts.dropLast().joined(separator: "."), parts.joined(separator: ".") + "A",
                [parts[0], parts[1], later, parts[3]].joined(separator: "."),
                [parts[0], "ADMIN_API_KEY", parts[2], parts[3]].joined(separator: "."),
                ["2", parts[1], parts[2], parts[3]].joined(separator: "."),
                [parts[0], parts[1], parts[2], String(parts[3].reversed())].joined(separator: "."),
                String(repeating: "1.", count: 4_000), TestService.adminKey,
            ] {
                let answer = try await service.asked(Self.messages, "backchannel_session=\(forged)")
                #expect(answer.status == 401, "\(forged)")
            }
            // Among other cookies it is found.
            #expect(try await service.asked(Self.messages, "theme=dark; \(session); x=y").status == 200)
            #expect(try await service.asked(Self.messages, "not_\(session)").status == 401)
        }
    }

    /// What a browser says of where a request comes from, and what becomes of it.
    @Test func otherSitesActForNobody() async throws {
        try await withService { service in
            let session = try #require(try await service.signIn(TestService.adminKey).cookie)
            let table: [(method: String, headers: [String: String], status: Int)] = [
                ("GET", [:], 200), ("GET", ["Sec-Fetch-Site": "same-origin"], 200),
                ("GET", ["Sec-Fetch-Site": "none"], 200), ("GET", ["Sec-Fetch-Site": "same-site"], 403),
                ("GET", ["Sec-Fetch-Site": "cross-site"], 403), ("POST", [:], 403),
                ("POST", ["X-Requested-With": "XMLHttpRequest"], 403), ("POST", Self.asPage, 201),
                ("POST", Self.asPage.merging(["Sec-Fetch-Site": "same-origin", "Origin": "https://x"]) { $1 }, 201),
                ("POST", Self.asPage.merging(["Sec-Fetch-Site": "none"]) { $1 }, 403),
                ("POST", Self.asPage.merging(["Sec-Fetch-Site": "cross-site"]) { $1 }, 403),
                ("POST", Self.asPage.merging(["Origin": "http://127.0.0.1"]) { $1 }, 201),
                ("POST", Self.asPage.merging(["Origin": "http://evil.example"]) { $1 }, 403),
                ("POST", Self.asPage.merging(["Origin": "null"]) { $1 }, 403),
            ]
            for (method, headers, status) in table {
                let answer = try await service.send(
                    method,
                    "/api/v1/keys",
                    key: nil,
                    body: method == "POST" ? #"{"name":"n","role":"analyst"}"# : nil,
                    headers: headers.merging(["Cookie": session]) { $1 }
                )
                #expect(answer.status == status, "\(method) \(headers)")
            }
            // A key needs none of it, and beats a cookie.
            let withKey = try await service.send(
                "POST",
                "/api/v1/keys",
                body: #"{"name":"n","role":"analyst"}"#,
                headers: ["Cookie": "backchannel_session=x"]
            )
            #expect(withKey.status == 201)
            // Nobody is signed in, or out, by another site either.
            let signIn = try await service.send(
                "POST",
                Self.path,
                key: nil,
                body: "{\"key\":\"\(TestService.adminKey)\"}"
            )
            #expect(signIn.status == 403)
            #expect(try await service.send("DELETE", Self.path, key: nil).status == 403)
        }
    }

    @Test func whoSignsInAndOutIsInTheAuditTrail() async throws {
        try await withService { service in
            for (role, isNamed) in [("analyst", false), ("service", true)] {
                let key = try await service.makeKey(role)
                let id = String(key.dropFirst(3).prefix(12))
                let acting = isNamed ? ["X-Acting-User": "mod-7"] : [:]
                let session = try #require(try await service.signIn(key, acting).cookie)
                #expect(try await service.signIn("wrong", acting).status == 401)
                for cookie in [session, "backchannel_session=x", nil] {
                    let headers = Self.asPage.merging(acting) { $1 }.merging(cookie.map { ["Cookie": $0] } ?? [:]) {
                        $1
                    }
                    #expect(try await service.send("DELETE", Self.path, key: nil, headers: headers).status == 200)
                }
                let entries = try await service.get("/api/v1/audit?kind=session&key=\(id)")["data"]?.array ?? []
                #expect(entries.map { $0["action"] } == ["session.end", "session.begin"])
                #expect(entries.allSatisfy { $0["role"]?.string == role })
                #expect(entries.allSatisfy { $0["actor"]?.string == (isNamed ? "mod-7" : nil) })
            }
            let bootstrap = try await service.signIn(TestService.adminKey)
            #expect(bootstrap.status == 200)
            let entries = try await service.get("/api/v1/audit?key=ADMIN_API_KEY&action=session.begin")["data"]?.array
            #expect(entries?.count == 1)
            #expect(try await service.get("/api/v1/audit?action=session.begin")["data"]?.array?.count == 3)
        }
    }

    @Test func wrongKeysAreCountedByAddress() async throws {
        var setup = TestService.Setup()
        setup.dashboard.trustsProxy = true
        setup.limits.dashboard.failuresPerMinute = 3
        try await withService(setup) { service in
            try service.setTime("2026-05-20T12:00:10Z")
            for _ in 0..<3 { #expect(try await service.signIn("wrong", from: "1.2.3.4, 203.0.113.7").status == 401) }
            // Also with the right one: else the answer would tell which it is.
            let limited = try await service.signIn(TestService.adminKey, from: "203.0.113.7")
            #expect(limited.status == 429)
            #expect(limited.headers["retry-after"] == "50")
            #expect(limited.cookie == nil)
            // What stands before the proxy's word is made up; another address is another's.
            #expect(try await service.signIn(TestService.adminKey, from: "203.0.113.7, 203.0.113.8").status == 200)
            try service.setTime("2026-05-20T12:01:00Z")
            #expect(try await service.signIn(TestService.adminKey, from: "203.0.113.7").status == 200)
        }
    }

    @Test(arguments: [
        (true, "https", true), (true, "http, https", true), (true, "https, http", false), (true, nil, false),
        (false, "https", false),
    ])
    func overHTTPSTheCookieIsSecure(_ trusts: Bool, _ scheme: String?, _ isSecure: Bool) async throws {
        var setup = TestService.Setup()
        setup.dashboard.trustsProxy = trusts
        try await withService(setup) { service in
            let answer = try await service.send(
                "POST",
                Self.path,
                key: nil,
                body: "{\"key\":\"\(TestService.adminKey)\"}",
                headers: Self.asPage.merging(scheme.map { ["X-Forwarded-Proto": $0] } ?? [:]) { $1 }
            )
            #expect(answer.headers["set-cookie"]?.hasSuffix("; Secure") == isSecure)
        }
    }
}

extension TestService {
    fileprivate func signIn(
        _ key: String,
        _ headers: [String: String] = [:],
        from address: String? = nil
    ) async throws -> Answer {
        var headers = headers.merging(["X-Requested-With": "dashboard"]) { $1 }
        headers["X-Forwarded-For"] = address
        return try await send("POST", "/api/v1/session", key: nil, body: "{\"key\":\"\(key)\"}", headers: headers)
    }

    fileprivate func asked(_ path: String, _ cookie: String) async throws -> Answer {
        try await send("GET", path, key: nil, headers: ["Cookie": cookie])
    }
}

extension Answer {
    /// As a browser sends it back.
    fileprivate var cookie: String? { headers["set-cookie"]?.split(separator: ";").first.map(String.init) }
}
