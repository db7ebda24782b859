import Crypto
import Foundation
import HTTPClient
import JSON
import TestSupport
import Testing

/// Tokens of the provider for the app's own user tokens.
struct ProviderTokenTests {
    @Test func tokensAreTheProvidersOwn() async throws {
        try await withBoth(["APP_JWT_SECRET": Both.appSecret]) { service, provider in
            let now = Int(Date().timeIntervalSince1970)
            let token = JWT.sign(#"{"sub":"ada","exp":\#(now + 600)}"#, secret: Both.appSecret)
            let answer = try await service.call("GET", "/api/chat/token", key: token)
            #expect(answer.status == 200)
            let grant = try JSONParser().parse(answer.body)
            #expect(grant["api_key"]?.string == LocalProviderProcess.apiKey && grant["user"]?["id"]?.string == "ada")
            // Upserted first, and not again.
            #expect(
                try await service.call("POST", "/api/chat/token", #"{"token":"\#(token)"}"#, key: nil).status == 200
            )
            #expect(try await provider.applied("user:ada") == [.init("user:ada", "upsert")])
            try await Self.verify(try #require(grant["token"]?.string), user: "ada", lifetime: 3_600)

            for (claims, secret) in [
                (#"{"sub":"ada","exp":\#(now - 600)}"#, Both.appSecret), (#"{"sub":"ada"}"#, Both.appSecret),
                (#"{"sub":"ada","exp":\#(now + 600)}"#, "another-secret-of-the-app"),
                (#"{"exp":\#(now + 600)}"#, Both.appSecret),
                (#"{"sub":"ada","exp":\#(now + 600),"aud":"x"}"#, Both.appSecret),
            ] {
                let refused = try await service.call("GET", "/api/chat/token", key: JWT.sign(claims, secret: secret))
                #expect(refused.status == 401, "\(claims)")
            }
            let unsigned = Self.unsigned(#"{"sub":"ada","exp":\#(now + 600)}"#)
            #expect(try await service.call("GET", "/api/chat/token", key: unsigned).status == 401)
            #expect(try await service.call("GET", "/api/chat/token", key: nil).status == 401)
        }
    }

    /// Whom the provider has needs no call of ours, however far later profiles have come.
    @Test func aTokenDoesNotWaitForLaterProfiles() async throws {
        try await withBoth(["APP_JWT_SECRET": Both.appSecret]) { service, provider in
            let expiry = Int(Date().timeIntervalSince1970) + 600
            func status(_ user: String) async throws -> Int {
                let token = JWT.sign(#"{"sub":"\#(user)","exp":\#(expiry)}"#, secret: Both.appSecret)
                return try await service.call("GET", "/api/chat/token", key: token).status
            }
            _ = try await service.sync(#"{"user_id":"ada","display_name":"Ada"}"#)
            try await service.performed()
            #expect(try await service.call("POST", "/api/v1/destinations/provider/pause").status == 200)
            _ = try await service.sync(#"{"user_id":"ada","display_name":"Ada B."}"#)
            _ = try await service.sync(#"{"user_id":"bob","display_name":"Bob"}"#)
            let calls = try await provider.applied("user:ada")
            #expect(try await status("ada") == 200)
            #expect(try await provider.applied("user:ada") == calls)
            // Whom it does not have is told of at once.
            #expect(try await status("bob") == 200)
            #expect(try await provider.user("bob")?["name"]?.string == "Bob")
            #expect(try await service.call("POST", "/api/v1/destinations/provider/resume").status == 200)
            try await service.performed()
            #expect(try await provider.user("ada")?["name"]?.string == "Ada B.")
            #expect(try await provider.applied("user:bob") == [.init("user:bob", "upsert")])
        }
    }

    /// By the provider's official library: it makes the same token, and its JWT library verifies ours.
    private static func verify(_ token: String, user: String, lifetime: Int) async throws {
        let script = """
            import sys, jwt, stream_chat
            key, secret, token, user, lifetime = sys.argv[1:]
            claims = jwt.decode(token, secret, algorithms=["HS256"])
            assert claims["user_id"] == user, claims
            assert int(lifetime) <= claims["exp"] - claims["iat"] <= int(lifetime) + 10, claims
            client = stream_chat.StreamChat(api_key=key, api_secret=secret)
            assert client.create_token(user, exp=claims["exp"], iat=claims["iat"]) == token
            print("verified")
            """
        let arguments = [
            "-W", "ignore", "-c", script, LocalProviderProcess.apiKey, LocalProviderProcess.secret, token, user,
            "\(lifetime)",
        ]
        let child = try await ChildProcess(try await peerPython(), arguments)
        var lines: [String] = []
        for await line in child.lines { lines.append(line) }
        let complaints = await child.wholeErrorOutput()
        #expect(await child.wait() == 0 && lines == ["verified"], "\(complaints)")
    }

    private static func unsigned(_ claims: String) -> String {
        [#"{"alg":"none","typ":"JWT"}"#, claims].map { Base64URL.encode(Array($0.utf8)) }.joined(separator: ".") + "."
    }
}
