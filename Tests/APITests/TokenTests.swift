import API
import Chat
import Crypto
import Foundation
import HTTPClient
import History
import Limits
import Provider
import TestSupport
import Testing

/// Tokens for users whom events have told of, so that no provider is needed.
struct TokenTests {
    private static let path = "/api/chat/token"
    private static let secret = "the-secret-of-the-app-itself"
    /// 2026-05-20T12:00:00Z.
    private static let now = 1_779_278_400

    @Test func aUserGetsAToken() async throws {
        try await withService(try Self.setup()) { service in
            try await service.store([UserSyncRouteTests.event("ada", name: "Ada", at: "2026-05-20T11:00:00Z")])
            let answer = try await service.send("GET", Self.path, key: Self.token())
            #expect(answer.status == 200 && answer.headers["cache-control"] == "no-store")
            let grant = try answer.decode(JSON.self)
            #expect(grant["user"] == ["id": "ada", "name": "Ada", "role": "user"])
            #expect(grant["api_key"] == "key" && grant["expires_at"] == "2026-05-20T13:00:00.000Z")
            let claims = #"{"user_id":"ada","exp":\#(Self.now + 3_600),"iat":\#(Self.now - 5)}"#
            #expect(grant["token"]?.string == JWT.sign(claims, secret: "provider-secret"))
            let inBody = try await service.send("POST", Self.path, key: nil, body: #"{"token":"\#(Self.token())"}"#)
            #expect(inBody.text == answer.text)
        }
    }

    @Test func whatDoesNotHoldIsRefused() async throws {
        try await withService(try Self.setup(issuer: "app", audiences: ["chat"])) { service in
            try await service.store([UserSyncRouteTests.event("ada", name: "Ada", at: "2026-05-20T11:00:00Z")])
            let good = #""sub":"ada","exp":\#(Self.now + 60),"iss":"app","aud":"chat""#
            #expect(
                try await service.send("GET", Self.path, key: JWT.sign("{\(good)}", secret: Self.secret)).status == 200
            )
            let cases: [(claims: String, secret: String, reason: String)] = [
                (good, "another-secret-of-the-app", "signature"),
                (good.replacing("\(Self.now + 60)", with: "\(Self.now - 60)"), Self.secret, "expired"),
                (good + #","nbf":\#(Self.now + 600)"#, Self.secret, "not valid yet"),
                (good.replacing(#""iss":"app""#, with: #""iss":"x""#), Self.secret, "iss"),
                (good.replacing(#""aud":"chat""#, with: #""aud":"x""#), Self.secret, "aud"),
                (good.replacing(#""sub":"ada","#, with: ""), Self.secret, "claim sub"),
                (good.replacing(#""sub":"ada""#, with: #""sub":"""#), Self.secret, "claim sub"),
            ]
            for (claims, secret, reason) in cases {
                let answer = try await service.send("GET", Self.path, key: JWT.sign("{\(claims)}", secret: secret))
                #expect(answer.status == 401 && answer.headers["content-type"] == "application/problem+json")
                #expect(try answer.problem().detail.contains(reason), "\(reason): \(answer.text)")
                #expect(answer.headers["www-authenticate"]?.contains("invalid_token") == true)
            }
            let unsigned = [#"{"alg":"none"}"#, "{\(good)}"].map { Base64URL.encode(Array($0.utf8)) }
            let bare = try await service.send("GET", Self.path, key: unsigned.joined(separator: ".") + ".")
            #expect(bare.status == 401 && bare.text.contains("alg: none"))
            #expect(try await service.send("GET", Self.path, key: nil).status == 401)
            #expect(try await service.send("GET", Self.path, key: "nonsense").status == 401)
            // A key of the interface is no user's token.
            #expect(try await service.send("GET", Self.path).status == 401)
        }
    }

    /// A public key is for its own algorithm: a token that takes it for a shared secret is not believed.
    @Test func publicKeysVerifyWhatTheirPrivateOnesSigned() async throws {
        let pem = Array(try Data(contentsOf: fixturesRoot.appending(path: "tokens/keys/rs256.pem")))
        try await withService(try Self.setup(keys: [JWTKey(publicKeyPEM: pem)])) { service in
            try service.setTime("2027-01-15T08:00:00Z")
            try await service.store([UserSyncRouteTests.event("u1", name: "One", at: "2026-05-20T11:00:00Z")])
            let file = fixturesRoot.appending(path: "tokens/06-pyjwt-rs256.json")
            let token = try JSONDecoder().decode([String: JSON].self, from: Data(contentsOf: file))["token"]?.string
            #expect(try await service.send("GET", Self.path, key: token).status == 200)
            let claims = #"{"sub":"u1","exp":1800000600}"#
            let confused = JWT.sign(claims, with: HMACSHA256(key: pem))
            #expect(try await service.send("GET", Self.path, key: confused).status == 401)
        }
    }

    @Test func whoIsKeptOutGetsNone() async throws {
        try await withService(try Self.setup()) { service in
            let user = #""user":{"id":"ada","name":"Ada"}"#
            let time = #""created_at":"2026-05-20T11:30:00Z""#
            func status() async throws -> Int { try await service.send("GET", Self.path, key: Self.token()).status }

            try await service.store([#"{"type":"user.banned",\#(time),\#(user),"expiration":"2026-05-20T12:30:00Z"}"#])
            #expect(try await status() == 403)
            try service.setTime("2026-05-20T12:00:40Z")
            #expect(try await status() == 403)
            let unbanned = time.replacing("11:30", with: "11:40")
            try await service.store([#"{"type":"user.unbanned",\#(unbanned),\#(user)}"#])
            #expect(try await status() == 200)
            // Whoever is banned in secret, or in one channel, is not to notice here.
            let later = time.replacing("11:30", with: "11:45")
            try await service.store([
                #"{"type":"user.banned","shadow":true,\#(later),\#(user)}"#,
                #"{"type":"user.banned","cid":"messaging:x","channel_id":"x","channel_type":"messaging",\#(later),\#(user)}"#,
            ])
            #expect(try await status() == 200)
            #expect(try await service.send("DELETE", "/api/v1/users/ada?mode=deactivate").status == 200)
            #expect(try await status() == 403)
            let history = service.history
            try await blocking { _ = try history.opened().erase(user: "ada", at: try timestamp(TestService.epoch)) }
            let erased = try await service.send("GET", Self.path, key: Self.token())
            #expect(erased.status == 403)
            #expect(try erased.problem().detail == "The user was erased.")
        }
    }

    /// Of the app and the provider the one that spoke last says whether a user is let in.
    @Test func theLastWordLetsIn() async throws {
        try await withService(try Self.setup()) { service in
            func status() async throws -> Int { try await service.send("GET", Self.path, key: Self.token()).status }
            func event(_ type: String, at time: String) async throws {
                try await service.store([
                    #"{"type":"\#(type)","created_at":"2026-05-20T\#(time)Z","user":{"id":"ada","name":"Ada"}}"#
                ])
            }
            try await service.store([UserSyncRouteTests.event("ada", name: "Ada", at: "2026-05-20T11:00:00Z")])
            #expect(try await service.send("DELETE", "/api/v1/users/ada?mode=deactivate").status == 200)
            #expect(try await status() == 403)
            try await event("user.reactivated", at: "12:00:05")
            #expect(try await status() == 200)
            try await event("user.deactivated", at: "12:00:10")
            #expect(try await status() == 403)
            try service.setTime("2026-05-20T12:00:20Z")
            let back = try await service.send("PUT", "/api/v1/users/ada", body: #"{"name":"Ada","active":true}"#)
            #expect(back.status == 200)
            #expect(try await status() == 200)
        }
    }

    @Test func oneUserGetsSoManyInAMinute() async throws {
        var setup = try Self.setup()
        setup.limits.users.tokensPerMinute = 3
        try await withService(setup) { service in
            let names = ["ada", "bob"]
            try await service.store(names.map { UserSyncRouteTests.event($0, name: $0, at: "2026-05-20T11:00:00Z") })
            try service.setTime("2026-05-20T12:00:20Z")
            for _ in 0..<3 { #expect(try await service.send("GET", Self.path, key: Self.token()).status == 200) }
            let refused = try await service.send("GET", Self.path, key: Self.token())
            #expect(refused.status == 429 && refused.headers["retry-after"] == "40")
            #expect(try refused.problem().title == "Too Many Requests")
            #expect(try await service.send("GET", Self.path, key: Self.token("bob")).status == 200)
            try service.setTime("2026-05-20T12:01:00Z")
            #expect(try await service.send("GET", Self.path, key: Self.token()).status == 200)
        }
    }

    /// A user whom the provider does not know must be told of first, within a short time.
    @Test func withoutTheProviderNobodyNewGetsAToken() async throws {
        try await withService(try Self.setup()) { service in
            let answer = try await service.send("GET", Self.path, key: Self.token("stranger"))
            #expect(answer.status == 503 && answer.headers["retry-after"] != nil)
        }
    }

    @Test func withoutAKeyThereAreNone() async throws {
        try await withService { service in
            let answer = try await service.send("GET", Self.path, key: Self.token())
            #expect(answer.status == 501)
            #expect(try answer.problem().detail.contains("APP_JWT_SECRET"))
        }
    }

    // MARK: Parts

    private static func token(_ user: String = "ada") -> String {
        JWT.sign(#"{"sub":"\#(user)","exp":\#(now + 600)}"#, secret: secret)
    }

    static func setup(
        keys: [JWTKey]? = nil,
        issuer: String? = nil,
        audiences: Set<String> = []
    ) throws -> TestService.Setup {
        var setup = TestService.Setup()
        let nowhere = StreamCredentials(
            apiKey: "key",
            secret: "provider-secret",
            baseURL: "http://127.0.0.1:\(try closedPort())"
        )
        setup.users.tokens = UserTokens(
            verifier: JWTVerifier(
                keys: try keys ?? [JWTKey(secret: Array(secret.utf8))],
                issuer: issuer,
                audiences: audiences
            ),
            userClaim: "sub",
            apiKey: "key",
            signer: HMACSHA256(key: "provider-secret"),
            provider: StreamClient(credentials: nowhere, http: HTTPClient(), now: { Timestamp(milliseconds: 0) })
        )
        return setup
    }
}
