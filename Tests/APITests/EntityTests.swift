import API
import Limits
import TestSupport
import Testing

struct EntityTests {
    private static let bans = [
        Story.event(
            "user.banned",
            user: "ada",
            at: "2026-05-10T00:00:00Z",
            more: #","reason":"spam","expiration":"2026-06-01T00:00:00Z","created_by":{"id":"eve"}"#
        ),
        Story.event(
            "user.banned",
            user: "ada",
            at: "2026-05-11T00:00:00Z",
            more: #","cid":"messaging:free","shadow":true"#
        ),
        Story.event(
            "user.banned",
            user: "ada",
            at: "2026-05-11T00:00:00Z",
            more: #","cid":"messaging:old","expiration":"2026-05-12T00:00:00Z""#
        ),
        Story.event("user.banned", user: "ada", at: "2026-05-11T00:00:00Z", more: #","cid":"messaging:over""#),
        Story.event("user.unbanned", user: "ada", at: "2026-05-12T00:00:00Z", more: #","cid":"messaging:over""#),
        Story.event("user.muted", user: "ada", at: "2026-05-12T00:00:00Z", more: #","target_users":[{"id":"bob"}]"#),
    ]

    @Test func users() async throws {
        try await withService { service in
            try await service.store([Story.message("m1", at: "2026-05-08T10:00:00Z"), Story.message("m2")] + Self.bans)
            let user = try await service.get("/api/v1/users/ada")
            #expect(user["name"] == "Name of ada" && user["v"] == nil && user["banned"] == nil)
            #expect(user["total_messages_sent"] == 2 && user["message_count"] == 2 && user["engagement_score"] == 10)
            #expect(user["last_message_at"] == "2026-05-08T10:00:00.000Z")
            #expect(
                user["bans"] == [
                    [
                        "cid": nil, "shadow": false, "reason": "spam", "by": "eve",
                        "expires": "2026-06-01T00:00:00.000Z",
                    ],
                    ["cid": "messaging:free", "shadow": true, "reason": nil, "by": nil, "expires": nil],
                ]
            )
            #expect(user["mutes"] == [["target_user_id": "bob", "target_cid": nil, "expires": nil]])
            try service.setTime("2026-06-01T00:00:00Z")
            #expect(try await service.get("/api/v1/users/ada")["bans"]?.array?.count == 1)
        }
    }

    @Test func channelsListingsAndSellers() async throws {
        try await withService { service in
            try await service.store([
                Story.message("m1", by: "ada", at: "2026-05-08T10:00:00Z"),
                Story.message("m2", by: "ada", at: "2026-05-08T10:01:00Z"),
                Story.read("m1", by: "bob", at: "2026-05-08T10:00:30Z"),
                Story.read("m2", by: "bob", at: "2026-05-08T10:01:31Z"),
            ])
            let channel = try await service.get("/api/v1/channels/messaging:listing_7_ada_bob")
            #expect(channel["_id"] == "messaging:listing_7_ada_bob" && channel["type"] == "messaging")
            #expect(channel["listing_id"] == "7" && channel["seller_id"] == "bob" && channel["v"] == nil)
            #expect(channel["message_count"] == 2 && channel["read_count"] == 2)
            #expect(try await service.get("/api/v1/channels/messaging%3Alisting_7_ada_bob") == channel)

            let listing = try await service.get("/api/v1/listings/7")
            let expected: JSON = [
                "_id": "7", "message_count": 2, "engagement_score": 2,
                "last_message_at": "2026-05-08T10:01:00.000Z",
            ]
            #expect(listing == expected)

            let seller = try await service.get("/api/v1/sellers/bob")
            #expect(seller["_id"] == "bob" && seller["user"]?["_id"] == "bob")
            #expect(seller["seller_metrics"] == ["avg_response_time": 30_500, "read_count": 2])
            let buyer = try await service.get("/api/v1/sellers/ada")
            #expect(buyer["seller_metrics"] == ["avg_response_time": nil, "read_count": 0])
        }
    }

    @Test func whatIsUnknownIsNotFound() async throws {
        try await withService { service in
            for (path, noun) in [
                ("channels/a:b", "channel"), ("users/x", "user"), ("listings/x", "listing"), ("sellers/x", "seller"),
            ] {
                let answer = try await service.send("GET", "/api/v1/\(path)")
                #expect(answer.status == 404)
                #expect(try answer.problem().detail == "There is no such \(noun).")
            }
        }
    }

    @Test func erasingIsDoneByWhoCan() async throws {
        struct Unforeseen: Error { let content = "secret" }
        var setup = TestService.Setup()
        setup.eraseUser = { id, _ in
            switch id {
            case "a/da": .init(report: #"{"messages":2}"#, isComplete: true)
            case "bob": .init(report: #"{"messages":9}"#, isComplete: false)
            case "eve": throw Unforeseen()
            default: nil
            }
        }
        try await withService(setup) { service in
            let done = try await service.send("POST", "/api/v1/users/a%2Fda/erase")
            #expect(done.status == 200 && done.text == #"{"messages":2}"#)
            #expect(try await service.send("POST", "/api/v1/users/bob/erase").status == 202)
            #expect(try await service.send("POST", "/api/v1/users/x/erase").status == 404)
            let failed = try await service.send("POST", "/api/v1/users/eve/erase")
            #expect(failed.status == 500)
            #expect(!failed.text.contains("secret"))
        }
    }
}
