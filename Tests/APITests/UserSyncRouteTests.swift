import Chat
import Foundation
import History
import Limits
import MongoDB
import TestSupport
import Testing

struct UserSyncRouteTests {
    private static let path = "/api/chat/sync-user"

    @Test func aUserIsTakenAndShownFromBothSides() async throws {
        try await withService { service in
            let body = #"{"user_id":"ada","display_name":"Ada","role":"admin","email":"a@b.c","is_verified":true}"#
            let taken = try await service.send("POST", Self.path, body: body)
            #expect(taken.status == 200)
            let answer = try taken.decode(JSON.self)
            #expect(answer["outcome"] == "queued" && answer["state"] == "active" && answer["ignored"] == ["email"])
            let effect = try #require(answer["effects"]?[0]?.string)
            let shown = try await service.get("/api/v1/effects?lane=ada")
            #expect(
                shown["data"]?[0]?["_id"]?.string == effect && shown["data"]?[0]?["action"] == "updateUsersPartially"
            )

            // Known by the app alone so far.
            let user = try await service.get("/api/v1/users/ada")
            let profile: JSON = ["is_verified": true, "name": "Ada", "role": "admin"]
            #expect(user["_id"] == "ada" && user["sync"]?["app"]?["profile"] == profile)
            #expect(user["sync"]?["provider"] == .null && user["sync"]?["effect_state"] == "waiting")

            try await service.store([Self.event("ada", name: "Ada L.", at: "2026-05-20T12:00:01Z")])
            let both = try await service.get("/api/v1/users/ada")["sync"]
            #expect(both?["provider"]?["profile"]?["name"] == "Ada L." && both?["provider"]?["changed"] != .null)
            #expect(both?["differing"] == ["is_verified", "name", "role"])
        }
    }

    @Test func aListIsTakenAsFarAsItCanBe() async throws {
        try await withService { service in
            let list =
                #"[{"user_id":"a","display_name":"A"},{"display_name":"x"},{"user_id":"a","display_name":"B"},7]"#
            for body in [list, #"{"users":\#(list)}"#] {
                let answer = try await service.send("POST", Self.path, body: body)
                #expect(answer.status == 207)
                let report = try answer.decode(JSON.self)
                #expect(report["stored"] == 1)
                #expect(report["refused"]?.array?.map { $0["index"] } == [1, 3])
                #expect(report["refused"]?[0]?["parameter"] == "user_id")
            }
            #expect(try await service.get("/api/v1/users/a")["sync"]?["app"]?["profile"]?["name"] == "B")
            let many = (0...1_000).map { #"{"user_id":"u\#($0)"}"# }.joined(separator: ",")
            let refused = try await service.send("POST", Self.path, body: "[\(many)]")
            #expect(refused.status == 400)
            #expect(try refused.problem().detail.contains("at most 1000 users"))
        }
    }

    @Test func whatIsTooLargeOrWrongIsSaid() async throws {
        try await withService { service in
            let large = #"{"user_id":"a","x":"\#(String(repeating: "x", count: 1_000_000))"}"#
            let refused = try await service.send("POST", Self.path, body: large)
            #expect(refused.status == 400)
            #expect(try refused.problem().detail.contains("65536 bytes"))
            #expect(try await service.send("PUT", "/api/v1/users/a", body: large).status == 413)
            let tooLarge = String(repeating: " ", count: 8_388_609)
            #expect(try await service.send("POST", Self.path, body: tooLarge).status == 413)
            let custom = #"{"user_id":"a","custom":{"a":"\#(String(repeating: "x", count: 6_000))"}}"#
            let named = try await service.send("POST", Self.path, body: custom)
            #expect(named.status == 400)
            #expect(try named.problem().parameter == "custom")
            for body in ["", "{", "7", #"{"user_id":"b"}"#] {
                let answer = try await service.send("PUT", "/api/v1/users/a", body: body)
                #expect(answer.status == 400, "\(body)")
                #expect(!answer.text.contains("xxxx"))
            }
            #expect(try await service.send("DELETE", "/api/v1/users/a?mode=hard").status == 400)
            #expect(try await service.send("GET", "/api/v1/users/a").status == 404)
            // Longer than the provider's ids are.
            let long = "/api/v1/users/" + String(repeating: "a", count: 256)
            #expect(try await service.send("PUT", long, body: "{}").status == 400)
            #expect(try await service.send("DELETE", long).status == 400)
        }
    }

    @Test func onlyServicesTellOfUsers() async throws {
        try await withService { service in
            for (role, status) in [("analyst", 403), ("moderator", 403), ("service", 200)] {
                let made = try await service.send("POST", "/api/v1/keys", body: #"{"role":"\#(role)","name":"x"}"#)
                let key = try made.decode(JSON.self)["key"]?.string
                let answer = try await service.send("PUT", "/api/v1/users/a", key: key, body: "{}")
                #expect(answer.status == status, "\(role)")
            }
            #expect(try await service.send("POST", Self.path, key: nil, body: "{}").status == 401)
        }
    }

    /// The profile goes with the user, wherever it was written down, and does not come back.
    @Test func anErasedUserLeavesNothingAndIsNotTakenAgain() async throws {
        try await withService { service in
            let body = #"{"user_id":"ada","display_name":"Ada"}"#
            #expect(try await service.send("POST", Self.path, body: body).status == 200)
            let history = service.history
            try await blocking {
                let report = try history.opened().erase(user: "ada", at: try timestamp(TestService.epoch))
                #expect(report[.facts] == 2)
            }
            #expect(try await service.get("/api/v1/effects?lane=ada")["data"] == [])
            #expect(try await service.get("/api/v1/users/ada")["sync"] == .null)
            let again = try await service.send("POST", Self.path, body: body)
            #expect(again.status == 409)
            #expect(try again.problem().title == "Conflict")
            #expect(try await service.send("DELETE", "/api/v1/users/ada").status == 409)
        }
    }

    static func event(_ id: String, name: String, at time: String) -> String {
        """
        {"type":"user.updated","created_at":"\(time)","user":{"id":"\(id)","name":"\(name)","role":"user",\
        "created_at":"2026-05-01T00:00:00Z","updated_at":"\(time)"}}
        """
    }
}
