import Crypto
import Foundation
import HTTPClient
import HTTPServer
import JSON
import TestSupport
import Testing

/// The executable between an app and the local provider: users both ways.
///
/// One after another: each makes a database, which is most of its work.
@Suite(.serialized)
struct UserSyncTests {
    @Test func oneUserIsToldOnlyOfWhatChanges() async throws {
        try await withBoth { service, provider in
            let body = #"{"user_id":"ada","display_name":"Ada","avatar_url":"https://x/a.png","is_verified":true}"#
            let first = try await service.sync(body)
            #expect(first["outcome"]?.string == "queued" && first["effects"]?.array.map(\.string).count == 1)
            try await service.performed()
            #expect(try await provider.user("ada")?["name"]?.string == "Ada")
            #expect(try await provider.user("ada")?["is_verified"]?.bool == true)
            #expect(try await service.sync(body)["outcome"]?.string == "unchanged")
            #expect(try await provider.applied("user:ada") == [.init("user:ada", "upsert")])

            let shown = try await service.user("ada")["sync"]
            #expect(shown?["app"]?["profile"]?["name"]?.string == "Ada" && shown?["effect_state"]?.string == "done")

            let gone = try await service.call("DELETE", "/api/v1/users/ada?mode=deactivate")
            #expect(gone.status == 200)
            try await service.performed()
            #expect(try await provider.user("ada")?["deactivated_at"]?.string != nil)
            #expect(
                try await service.sync(#"{"user_id":"ada","display_name":"Ada","active":true}"#)["state"]?.string
                    == "active"
            )
            try await service.performed()
            #expect(try await provider.user("ada")?["deactivated_at"]?.string == nil)
            #expect(try await service.call("DELETE", "/api/v1/users/ada").status == 200)
            try await service.performed()
            #expect(try await provider.user("ada") == nil)
            let late = try await service.call("POST", "/api/chat/sync-user", body)
            #expect(late.status == 409)
        }
    }

    /// Whom the provider had before anybody told us of them: neither a first sync nor a token takes anything away.
    @Test func whatTheProviderHadStays() async throws {
        try await withBoth(["APP_JWT_SECRET": Both.appSecret]) { service, provider in
            let fields = #""name":"Old","language":"de","teams":["red"],"teams_role":{"red":"admin"},"mood":"fine""#
            let users = ["ada", "bob"].map { #""\#($0)":{"id":"\#($0)",\#(fields)}"# }
            let body = #"{"users":{\#(users.joined(separator: ","))}}"#
            #expect(try await provider.call("POST", "/users", body).status == 201)

            let now = Int(Date().timeIntervalSince1970)
            let token = JWT.sign(#"{"sub":"bob","exp":\#(now + 600)}"#, secret: Both.appSecret)
            #expect(try await service.call("GET", "/api/chat/token", key: token).status == 200)
            #expect(try await provider.applied("user:bob") == [.init("user:bob", "upsert")])
            #expect(try await provider.user("bob")?["mood"]?.string == "fine")

            _ = try await service.sync(#"{"user_id":"ada","display_name":"Ada","avatar_url":"https://x/a.png"}"#)
            try await service.performed()
            _ = try await service.sync(#"{"user_id":"ada","display_name":"Ada","avatar_url":"https://x/b.png"}"#)
            try await service.performed()
            let ada = try await provider.user("ada")
            #expect(ada?["name"]?.string == "Ada" && ada?["image"]?.string == "https://x/b.png")
            #expect(ada?["language"]?.string == "de" && ada?["mood"]?.string == "fine")
            #expect(ada?["teams"]?.array.compactMap(\.string) == ["red"])
            #expect(ada?["teams_role"]?["red"]?.string == "admin")

            // The provider's word of a later time stands, as it does in every later sync.
            let old = #"{"user_id":"bob","display_name":"Bob","is_verified":true,"updated_at":"2020-01-01T00:00:00Z"}"#
            _ = try await service.sync(old)
            try await service.performed()
            #expect(try await provider.user("bob")?["name"]?.string == "Old")
            #expect(try await provider.user("bob")?["is_verified"]?.bool == true)
            #expect(try await service.output("sync", "users").text.contains("bob: newer at the provider: name"))
        }
    }

    /// Whoever is gone from the provider comes back with all that the app has said, not with the last change alone.
    @Test func whoIsGoneFromTheProviderComesBackWhole() async throws {
        try await withBoth { service, provider in
            _ = try await service.sync(#"{"user_id":"ada","display_name":"Ada","avatar_url":"https://x/a.png"}"#)
            try await service.performed()
            try await provider.control("POST", "/reset")
            _ = try await service.sync(#"{"user_id":"ada","display_name":"Ada","avatar_url":"https://x/b.png"}"#)
            try await service.performed()
            let ada = try await provider.user("ada")
            #expect(ada?["name"]?.string == "Ada" && ada?["image"]?.string == "https://x/b.png")
        }
    }

    /// As a sign-up goes, with the events about each change on their way back.
    @Test func ofThreeChangesWithinASecondNoneIsLost() async throws {
        try await withBoth { service, provider in
            try await provider.hook(to: service.url)
            // So that the second is written before the first is done.
            try await provider.control("PUT", "/faults", #"{"latency_ms":100}"#)
            _ = try await service.sync(#"{"user_id":"ada","display_name":"Ada"}"#)
            _ = try await service.sync(#"{"user_id":"ada","display_name":"Ada","avatar_url":"https://x/a.png"}"#)
            for state in ["waiting", "running"] { try await service.depth(state, is: 0) }
            try await provider.webhooksSettled()
            try await service.drained()
            _ = try await service.sync(
                #"{"user_id":"ada","display_name":"Ada","avatar_url":"https://x/a.png","role":"seller"}"#
            )
            try await service.settled(provider)
            let ada = try await provider.user("ada")
            #expect(ada?["image"]?.string == "https://x/a.png" && ada?["role"]?.string == "seller")
            #expect(try await service.output("sync", "users") == (0, "checked: 1, different: 0"))
        }
    }

    /// The provider takes the first after the second was said, which does not make the first the newer word; without events.
    @Test func aSlowFirstCallDoesNotBeatTheSecond() async throws {
        try await withBoth { service, provider in
            try await provider.control("PUT", "/faults", #"{"latency_ms":200}"#)
            for name in ["Ada", "Ada L."] {
                _ = try await service.sync(#"{"user_id":"ada","display_name":"\#(name)"}"#)
            }
            try await service.performed()
            #expect(try await provider.user("ada")?["name"]?.string == "Ada L.")
        }
    }

    /// What waits takes nothing of what the user does in the chat meanwhile.
    @Test func whatWaitedLeavesWhatChangedMeanwhile() async throws {
        try await withBoth { service, provider in
            try await provider.hook(to: service.url)
            _ = try await service.sync(#"{"user_id":"ada","display_name":"Ada"}"#)
            try await service.settled(provider)
            #expect(try await service.call("POST", "/api/v1/destinations/provider/pause").status == 200)
            _ = try await service.sync(#"{"user_id":"ada","display_name":"Ada","avatar_url":"https://x/a.png"}"#)
            let change = #"{"users":[{"id":"ada","set":{"name":"Ada B.","mood":"fine"}}]}"#
            #expect(try await provider.call("PATCH", "/users", change).status == 200)
            try await provider.webhooksSettled()
            try await service.drained()
            #expect(try await service.call("POST", "/api/v1/destinations/provider/resume").status == 200)
            try await service.settled(provider)
            let ada = try await provider.user("ada")
            #expect(ada?["image"]?.string == "https://x/a.png")
            #expect(ada?["name"]?.string == "Ada B." && ada?["mood"]?.string == "fine")
        }
    }

    @Test func manyUsersGoOutInFewCalls() async throws {
        try await withBoth { service, provider in
            let users = (0..<1_000).map { #"{"user_id":"u\#($0)","display_name":"User \#($0)"}"# }
            let answer = try await service.call("POST", "/api/chat/sync-user", "[\(users.joined(separator: ","))]")
            #expect(answer.status == 200)
            let report = try JSONParser().parse(answer.body)
            #expect(report["stored"]?.int64 == 1_000 && report["queued"]?.int64 == 1_000)
            try await service.performed()
            let applied = try await provider.applied("user:u")
            #expect(applied.count == 1_000 && applied.allSatisfy { $0.calls == 1 })
            let calls = try await service.metric(Self.upserts) ?? 0
            #expect(10...40 ~= calls, "\(calls)")
        }
    }

    /// The provider refuses the whole of a batch; only who is at fault stays behind.
    @Test func aRefusedUserIsTheOnlyDeadOne() async throws {
        try await withBoth { service, provider in
            #expect(try await provider.call("POST", "/users", #"{"users":{"gone":{"id":"gone"}}}"#).status == 201)
            let deletion = #"{"user_ids":["gone"],"user":"soft"}"#
            #expect(try await provider.call("POST", "/users/delete", deletion).status == 201)
            let users = ((0..<40).map { "u\($0)" } + ["gone"]).map { #"{"user_id":"\#($0)","display_name":"x"}"# }
            #expect(
                try await service.call("POST", "/api/chat/sync-user", "[\(users.joined(separator: ","))]").status == 200
            )
            try await service.performed(dead: 1)
            #expect(try await provider.applied("user:u").count == 40)
            #expect(try await service.effects("state=dead&lane=gone").count == 1)
        }
    }

    @Test func aBurstOfOneUserIsTwoCallsAtMost() async throws {
        try await withBoth { service, provider in
            for number in 0..<50 {
                let answer = try await service.call(
                    "PUT",
                    "/api/v1/users/ada",
                    #"{"display_name":"Ada \#(number)"}"#
                )
                #expect(answer.status == 200)
            }
            try await service.performed()
            #expect(try await provider.user("ada")?["name"]?.string == "Ada 49")
            let calls = try await provider.applied("user:ada").first?.calls ?? 0
            #expect(1...2 ~= calls, "\(calls)")
        }
    }

    /// What waited while nothing could be sent goes out once, as it is at the end.
    @Test func whatWaitedGoesOutAsItIsAtTheEnd() async throws {
        try await withBoth { service, provider in
            try await provider.control("PUT", "/faults", #"{"outage":true}"#)
            for number in 0..<3 {
                _ = try await service.sync(#"{"user_id":"ada","display_name":"Ada \#(number)"}"#)
                // Until the one before has become due, so that each is an effect of its own.
                try await service.depth("scheduled", is: 0)
            }
            try await provider.control("PUT", "/faults", #"{"outage":false}"#)
            try await service.performed()
            #expect(try await provider.user("ada")?["name"]?.string == "Ada 2")
            #expect(try await provider.applied("user:ada") == [.init("user:ada", "upsert")])
        }
    }

    @Test func changesAtTheProviderReachTheAppAndNoneComesBack() async throws {
        let secret = "whsec_" + Data((0..<32).map { UInt8($0) }).base64EncodedString()
        let app = try TestServer { _ in HTTPResponse(status: 204) }
        let settings = [
            "USER_PUSH_URL": app.url, "USER_PUSH_SECRET": secret, "OUTGOING_ADDRESSES_ALLOWED": "127.0.0.0/8",
        ]
        try await withBoth(settings) { service, provider in
            try await provider.hook(to: service.url)

            // From the app: the provider's event about it is not told to the app.
            _ = try await service.sync(#"{"user_id":"ada","display_name":"Ada","avatar_url":"https://x/a.png"}"#)
            try await service.settled(provider)
            #expect(app.received.isEmpty)

            // At the provider: told to the app, signed.
            let change = #"{"users":[{"id":"ada","set":{"name":"Ada B."}}]}"#
            #expect(try await provider.call("PATCH", "/users", change).status == 200)
            try await service.settled(provider)
            let pushed = try #require(app.received.first)
            #expect(app.received.count == 1)
            let data = try JSONParser().parse(pushed.body)["data"]
            #expect(data?["user_id"]?.string == "ada" && data?["display_name"]?.string == "Ada B.")
            let id = pushed.head[header: "webhook-id"] ?? ""
            let time = pushed.head[header: "webhook-timestamp"] ?? ""
            let signed = Array("\(id).\(time).".utf8) + pushed.body
            let expected = HMACSHA256(key: (0..<32).map { UInt8($0) }).sign(signed)
            #expect(pushed.head[header: "webhook-signature"] == "v1," + Data(expected).base64EncodedString())

            // The app stores it, and its trigger says so: nothing goes back.
            let calls = try await provider.applied("user:ada")
            let echo = try await service.sync(
                #"{"user_id":"ada","display_name":"Ada B.","avatar_url":"https://x/a.png"}"#
            )
            #expect(echo["outcome"]?.string == "unchanged")
            try await service.settled(provider)
            #expect(try await provider.applied("user:ada") == calls)
            #expect(app.received.count == 1)

            // So are those who come and go there; not those whom the app sent away itself.
            func last() throws -> (type: String?, active: Bool?) {
                let body = try JSONParser().parse(try #require(app.received.last).body)
                return (body["type"]?.string, body["data"]?["active"]?.bool)
            }
            #expect(try await provider.call("POST", "/users/ada/deactivate", "{}").status == 201)
            try await service.settled(provider)
            #expect(app.received.count == 2)
            #expect(try last() == ("user.deactivated", false))
            #expect(try await provider.call("POST", "/users/ada/reactivate", "{}").status == 201)
            try await service.settled(provider)
            #expect(app.received.count == 3)
            #expect(try last() == ("user.reactivated", true))
            #expect(try await service.call("DELETE", "/api/v1/users/ada?mode=deactivate").status == 200)
            try await service.settled(provider)
            #expect(try await provider.user("ada")?["deactivated_at"]?.string != nil)
            #expect(app.received.count == 3)
            #expect(try await provider.call("POST", "/users", #"{"users":{"bob":{"id":"bob"}}}"#).status == 201)
            #expect(
                try await provider.call("POST", "/users/delete", #"{"user_ids":["bob"],"user":"soft"}"#).status == 201
            )
            try await service.settled(provider)
            #expect(app.received.count == 4)
            #expect(try last().type == "user.deleted")
            #expect(try await service.call("DELETE", "/api/v1/users/ada").status == 200)
            try await service.settled(provider)
            #expect(app.received.count == 4)
        }
        await app.stop()
    }

    @Test func differencesAreListedAndRepaired() async throws {
        try await withBoth { service, provider in
            let users = (0..<150).map { #"{"user_id":"u\#($0)","display_name":"User \#($0)"}"# }
            #expect(
                try await service.call("POST", "/api/chat/sync-user", "[\(users.joined(separator: ","))]").status == 200
            )
            try await service.performed()
            let agreed = try await service.output("sync", "users", "--check")
            #expect(agreed == (0, "checked: 150, different: 0"))

            // Behind both backs: one is gone, one is shut out.
            #expect(try await provider.call("POST", "/users/u7/deactivate", "{}").status == 201)
            try await provider.control("POST", "/reset")
            #expect(
                try await provider.call("POST", "/users", #"{"users":{"u1":{"id":"u1","name":"User 1"}}}"#).status
                    == 201
            )
            let found = try await service.output("sync", "users", "--check")
            #expect(found.code == 5)
            #expect(found.text.contains("u7: missing at the provider") && !found.text.contains("u1:"))
            #expect(found.text.hasSuffix("checked: 150, different: 149"))
            let repaired = try await service.output("sync", "users", "--repair")
            #expect(repaired.code == 0 && repaired.text.hasSuffix("repaired: 149"))
            #expect(try await service.output("sync", "users") == (0, "checked: 150, different: 0"))
        }
    }

    /// What moderators decided at the provider is not the app's to repair, unless it spoke later.
    @Test func whoWasShutOutAtTheProviderStaysOut() async throws {
        try await withBoth { service, provider in
            for id in ["ada", "bob"] { _ = try await service.sync(#"{"user_id":"\#(id)","display_name":"A"}"#) }
            _ = try await service.sync(#"{"user_id":"cyd","display_name":"C","active":true}"#)
            try await service.performed()
            for id in ["ada", "bob", "cyd"] {
                #expect(try await provider.call("POST", "/users/\(id)/deactivate", "{}").status == 201)
            }
            #expect(
                try await provider.call("PATCH", "/users", #"{"users":[{"id":"bob","set":{"name":"B"}}]}"#).status
                    == 200
            )
            #expect(try await service.call("POST", "/api/v1/destinations/provider/pause").status == 200)
            _ = try await service.sync(#"{"user_id":"bob","display_name":"Bob"}"#)
            let repaired = try await service.output("sync", "users", "--repair")
            #expect(repaired.text.contains("bob: differs: name"))
            #expect(repaired.text.contains("cyd: newer at the provider: active"))
            #expect(!repaired.text.contains("ada:"))
            for id in ["ada", "bob", "cyd"] {
                #expect(try await provider.user(id)?["deactivated_at"]?.string != nil, "\(id)")
            }
            #expect(try await provider.user("bob")?["name"]?.string == "Bob")
            _ = try await service.call("POST", "/api/v1/destinations/provider/resume")
        }
    }

    private static let upserts = #"backchannel_provider_calls_total{endpoint="UpdateUsers",outcome="done"}"#
}
