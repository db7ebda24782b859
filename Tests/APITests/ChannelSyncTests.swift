import ChannelSync
import Foundation
import Limits
import MongoDB
import Outbox
import TestSupport
import Testing

struct ChannelSyncTests {
    private static let path = "/api/v1/channels"

    @Test func anObjectsChannelIsPutShownClosedAndDeleted() async throws {
        try await withService { service in
            let event = "\(Self.path)/event/42"
            #expect(try await service.send("GET", event).status == 404)
            let body = #"{"name":"Open air","participants":["bob","ada"],"created_by":"ada","price":2.50}"#
            let first = try await service.send("PUT", event, body: body)
            #expect(first.status == 200)
            let answer: JSON = try first.decode()
            #expect(
                answer["cid"] == "messaging:event-42" && answer["state"] == "active" && answer["sent"] == .bool(true)
            )
            #expect(answer["member_count"] == 2 && answer["mode"] == "on" && answer["effects"]?.array?.count == 3)
            let again: JSON = try await service.send("PUT", event, body: body).decode()
            #expect(again["effects"] == [] && again["version"] == 1)

            let shown = try await service.get(event)
            let channel = try #require(shown["data"]?[0])
            #expect(shown["next"] == .null && shown["data"]?.array?.count == 1)
            #expect(channel["channel"] == ["name": "Open air", "event_id": "42", "price": 2.5])
            #expect(channel["members"] == ["ada", "bob"] && channel["created_by"] == "ada")
            let actions: JSON = ["addMembers", "updateChannelPartially", "createChannel"]
            #expect(JSON.array((channel["effects"]?.array ?? []).compactMap { $0["action"] }) == actions)
            #expect(channel["effects"]?[0]?["state"] == "waiting")
            // The channel as the history knows it has a path of its own.
            #expect(try await service.send("GET", "\(Self.path)/messaging:event-42").status == 404)

            let closed: JSON = try await service.send("POST", "\(event)/archive").decode()
            #expect(closed["state"] == "archived" && closed["effects"]?.array?.count == 1)
            #expect(try await service.send("POST", "\(event)/archive").decode(JSON.self)["effects"] == [])
            let opened: JSON = try await service.send("POST", "\(event)/unarchive").decode()
            #expect(opened["state"] == "active")
            let gone: JSON = try await service.send("DELETE", "\(event)?hard=true").decode()
            #expect(gone["state"] == "deleted" && gone["member_count"] == 0)
            for path in ["\(event)/archive", "\(event)/messages"] {
                let refused = try await service.send("POST", path, body: #"{"text":"x"}"#)
                #expect(refused.status == 409)
                #expect(try refused.problem().title == "Conflict")
            }
            #expect(try await service.get(event)["data"]?[0]?["channel"] == .null)
            let anew: JSON = try await service.send("PUT", event, body: body).decode()
            #expect(anew["state"] == "active" && anew["effects"]?.array?.count == 3)
        }
    }

    @Test func oneOfSeveralChannelsIsNamed() async throws {
        try await withService { service in
            let listing = "\(Self.path)/listing/7"
            for buyer in ["bob", "eve"] {
                let body = #"{"buyer":"\#(buyer)","seller":"sue"}"#
                #expect(try await service.send("PUT", listing, body: body).status == 200)
            }
            let shown = try await service.get(listing)
            let cids = (shown["data"]?.array ?? []).compactMap { $0["cid"]?.string }
            #expect(cids == ["messaging:listing_7_bob_sue", "messaging:listing_7_eve_sue"])
            let rest = try await service.get("\(listing)?after=\(cids[0])")
            #expect(rest["data"]?.array?.count == 1 && rest["data"]?[0]?["cid"]?.string == cids[1])
            let unclear = try await service.send("POST", "\(listing)/archive")
            #expect(unclear.status == 409)
            #expect(try unclear.problem().parameter == "channel")
            let closed = try await service.send("POST", "\(listing)/archive?channel=\(cids[0])")
            #expect(try closed.decode(JSON.self)["cid"]?.string == cids[0])
            let states = try await service.get(listing)["data"]?.array?.map { $0["state"] }
            #expect(states == ["archived", "active"])
            #expect(try await service.send("DELETE", "\(listing)?channel=messaging:other").status == 404)

            // Another listing, and the same channel id.
            let body = #"{"buyer":"x_bob","seller":"sue"}"#
            #expect(try await service.send("PUT", "\(Self.path)/listing/9", body: body).status == 200)
            let taken = try await service.send(
                "PUT",
                "\(Self.path)/listing/9_x",
                body: #"{"buyer":"bob","seller":"sue"}"#
            )
            #expect(taken.status == 409)
        }
    }

    @Test func pagesHoldSoMany() async throws {
        try await withService { service in
            for number in 10..<35 {
                let body = #"{"buyer":"b\#(number)","seller":"sue"}"#
                #expect(try await service.send("PUT", "\(Self.path)/listing/7", body: body).status == 200)
            }
            let first = try await service.get("\(Self.path)/listing/7")
            #expect(first["data"]?.array?.count == 20)
            #expect(first["data"]?[19]?["effects"]?.array?.count == 3)
            let next = try #require(first["next"]?.string)
            let second = try await service.get("\(Self.path)/listing/7?after=\(next)")
            #expect(second["data"]?.array?.count == 5 && second["next"] == .null)
        }
    }

    @Test func aMessageOfOneIDIsWrittenOnce() async throws {
        try await withService { service in
            let event = "\(Self.path)/event/42"
            _ = try await service.send("PUT", event, body: #"{"created_by":"ada"}"#)
            let body = """
                {"id":"offer 1/x","text":"120","type":"offer","sender":"bob","silent":true,"skip_push":true,\
                "visible_to":["ada","bob"],"custom":{"amount":120}}
                """
            let first = try await service.send("POST", "\(event)/messages", body: body)
            #expect(first.status == 202)
            let answer: JSON = try first.decode()
            let otherKey = try await service.makeKey("service")
            let repeated = try await service.send("POST", "\(event)/messages", key: otherKey, body: body)
            #expect(repeated.status == 200)
            let second: JSON = try repeated.decode()
            #expect(second["written"] == .bool(false) && second["message_id"] == answer["message_id"])

            let effects = try await service.get("/api/v1/effects?lane=messaging:event-42")
            let sent = (effects["data"]?.array ?? []).filter { $0["action"] == "sendMessage" }
            #expect(sent.count == 1)
            let key = try #require(answer["effect"]?.string)
            let escaped = try #require(key.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            let effect = try await service.get("/api/v1/effects/\(escaped)")
            let expires = try #require(effect["expires"]?.string)
            #expect(expires == "2026-05-20T12:15:00.000Z")
            let payload = try #require(effect["payload"])
            #expect(payload["id"] == answer["message_id"] && payload["sender"] == "bob" && payload["kind"] == nil)
            #expect(payload["custom"] == ["amount": 120, "message_type": "offer"])
            #expect(payload["silent"] == .bool(true) && payload["skipsPush"] == .bool(true))
            #expect(payload["visibleTo"] == ["ada", "bob"])

            // Without an id each request is a message, from the channel's creator.
            for _ in 0..<2 {
                let answer = try await service.send("POST", "\(event)/messages", body: #"{"text":"x","type":"system"}"#)
                #expect(answer.status == 202)
            }
            let all = try await service.get("/api/v1/effects?lane=messaging:event-42")
            #expect((all["data"]?.array ?? []).count { $0["action"] == "sendMessage" } == 3)
            #expect(try await service.send("POST", "\(Self.path)/event/43/messages", body: body).status == 404)
        }
    }

    @Test(arguments: [
        ("PUT", "/nothing/1", "{}", "kind"), ("PUT", "/event/1", "[]", nil), ("PUT", "/event/1", "{", nil),
        ("PUT", "/event/1", "{}", "created_by"), ("PUT", "/event/1", #"{"created_by":"a","name":1}"#, "name"),
        ("PUT", "/event/1", #"{"created_by":"a","cid":"x"}"#, "cid"),
        ("PUT", "/event/1?agian=true", #"{"created_by":"a"}"#, "agian"),
        ("PUT", "/event/a%2Fb", #"{"created_by":"a"}"#, "id"),
        ("POST", "/event/7/messages", "{}", "text"), ("POST", "/event/7/messages", #"{"text":""}"#, "text"),
        ("POST", "/event/7/messages", #"{"text":"x","txet":"y"}"#, "txet"),
        ("POST", "/event/7/messages", #"{"text":"x","silent":1}"#, "silent"),
        ("POST", "/event/7/messages", #"{"text":"x","custom":[]}"#, "custom"),
        ("POST", "/event/7/messages", #"{"text":"x","custom":{"user":1}}"#, "custom.user"),
        ("DELETE", "/event/7?hard=yes", "{}", "hard"),
    ])
    func badInputNamesTheField(_ method: String, _ path: String, _ body: String, _ field: String?) async throws {
        try await withService { service in
            _ = try await service.send("PUT", "\(Self.path)/event/7", body: #"{"created_by":"ada"}"#)
            let answer = try await service.send(method, Self.path + path, body: body)
            #expect(answer.status == 400)
            #expect(try answer.problem().parameter == field)
        }
    }

    @Test func aDocumentTooLargeIsRefused() async throws {
        try await withService { service in
            let body = #"{"created_by":"a","x":"\#(String(repeating: "x", count: 1_048_576))"}"#
            let answer = try await service.send("PUT", "\(Self.path)/event/1", body: body)
            #expect(answer.status == 413)
        }
    }

    @Test func effectsThatAreOffLeaveWhatWasAskedFor() async throws {
        let setup = TestService.Setup(channels: ChannelTemplates(creator: "house"), mode: { .off })
        try await withService(setup) { service in
            let answer: JSON = try await service.send("PUT", "\(Self.path)/event/1", body: "{}").decode()
            #expect(answer["sent"] == .bool(false) && answer["effects"] == [] && answer["mode"] == "off")
            let message = try await service.send("POST", "\(Self.path)/event/1/messages", body: #"{"text":"x"}"#)
            #expect(try message.decode(JSON.self)["written"] == .bool(false))
            #expect(try await service.get("/api/v1/effects")["data"] == [])
        }
    }
}
