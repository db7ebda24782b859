import Chat
import Crypto
import JSON
import TestSupport
import Testing

@testable import local_provider

struct ProviderStateTests {
    // MARK: Refusals change nothing

    static let refused: [(method: String, path: String, body: String)] = [
        ("POST", "/users", #"{"users":{"cid":{"id":"cid"},"no good":{"id":"no good"}}}"#),
        ("PATCH", "/users", #"{"users":[{"id":"ada","set":{"a":1}},{"id":"nobody","set":{"a":1}}]}"#),
        ("POST", "/users/delete", #"{"user_ids":["ada","nobody"],"user":"soft"}"#),
        ("POST", "/channels/messaging/room", #"{"data":{"a":1},"add_members":["nobody"]}"#),
        ("POST", "/channels/messaging/room", #"{"data":{"a":1},"message":{"text":"no author"}}"#),
        ("POST", "/channels/delete", #"{"cids":["messaging:room","messaging:nowhere"]}"#),
        ("POST", "/channels/messaging/room/message", #"{"message":{"id":"m1","text":"again","user_id":"ada"}}"#),
        ("POST", "/channels/messaging/room/message", #"{"message":{"text":"x","user_id":"ada","parent_id":"none"}}"#),
        ("PUT", "/messages/m1", #"{"set":{"mentioned_users":["nobody"]},"user_id":"ada"}"#),
        ("POST", "/moderation/ban", #"{"target_user_id":"bob","banned_by_id":"ada","channel_cid":"a:b"}"#),
        ("PATCH", "/app", #"{"name":"new","event_hooks":[{"hook_type":"fax"}]}"#),
    ]

    @Test(arguments: refused)
    func aRefusedCallChangesNothing(_ call: (method: String, path: String, body: String)) throws {
        var provider = try StateUnderTest()
        try provider.setUp()
        try provider.send("m1")
        let before = (Snapshot(provider.state), provider.takeEvents().count)
        #expect(throws: Refusal.self) { try provider.call(call.method, call.path, call.body) }
        #expect(Snapshot(provider.state) == before.0)
        #expect(provider.takeEvents().isEmpty)
    }

    /// What the state shows of itself.
    struct Snapshot: Equatable {
        let answers: [Fields]
        let counts: [AppliedEffect.Kind: AppliedLog.Count]

        init(_ state: ProviderState) {
            answers =
                state.users.keys.sorted().map { state.userFields($0) }
                + state.channels.keys.sorted().compactMap { state.channels[$0] }
                .map { state.channelFields($0, withMembers: true) }
                + state.messages.keys.sorted().compactMap { state.messages[$0] }.map { state.messageFields($0) }
                + [state.settings]
            counts = state.applied.counts
        }
    }

    // MARK: The same calls give the same state

    @Test func theSameCallsGiveTheSameState() throws {
        var random = SeededRandom()
        var calls: [(method: String, path: String, body: String, query: [String: String])] = []
        for _ in 0..<600 { calls.append(Self.randomCall(&random)) }
        var first = try StateUnderTest()
        var second = try StateUnderTest()
        try first.setUp()
        try second.setUp()
        var accepted = 0
        for call in calls {
            let answers = [
                Result { try first.call(call.method, call.path, call.body, query: call.query) },
                Result { try second.call(call.method, call.path, call.body, query: call.query) },
            ].map { try? $0.get() }
            #expect(answers[0] == answers[1], "TEST_SEED=\(random.seed)")
            if answers[0] != nil { accepted += 1 }
        }
        #expect(Snapshot(first.state) == Snapshot(second.state), "TEST_SEED=\(random.seed)")
        #expect(first.events == second.events, "TEST_SEED=\(random.seed)")
        #expect(accepted > calls.count / 3, "TEST_SEED=\(random.seed)")
        try Self.checkEvents(first.events)
    }

    private static func randomCall(
        _ random: inout SeededRandom
    ) -> (method: String, path: String, body: String, query: [String: String]) {
        let user = ["ada", "bob", "cyd", "dan"].randomElement(using: &random) ?? "ada"
        let other = ["ada", "bob"].randomElement(using: &random) ?? "bob"
        let message = "m\(Int.random(in: 0..<30, using: &random))"
        let room = "/channels/messaging/room"
        switch Int.random(in: 0..<20, using: &random) {
        case 0: return ("POST", "/users", #"{"users":{"\#(user)":{"id":"\#(user)","name":"N"}}}"#, [:])
        case 1: return ("PATCH", "/users", #"{"users":[{"id":"\#(user)","set":{"a":1}}]}"#, [:])
        case 2: return ("POST", "/users/\(user)/deactivate", "{}", [:])
        case 3: return ("POST", "/users/\(user)/reactivate", "{}", [:])
        case 4: return ("POST", "/moderation/ban", #"{"target_user_id":"\#(user)","banned_by_id":"\#(other)"}"#, [:])
        case 5: return ("DELETE", "/moderation/ban", "{}", ["target_user_id": user])
        case 6: return ("POST", "/moderation/mute", #"{"target_id":"\#(user)","user_id":"\#(other)"}"#, [:])
        case 7: return ("POST", "/moderation/flag", #"{"target_message_id":"\#(message)","user_id":"\#(user)"}"#, [:])
        case 8: return ("POST", room, #"{"add_members":["\#(user)"]}"#, [:])
        case 9: return ("POST", room, #"{"remove_members":["\#(user)"]}"#, [:])
        case 10: return ("PATCH", room, #"{"set":{"frozen":\#(Bool.random(using: &random))}}"#, [:])
        case 11: return ("PUT", "/messages/\(message)", #"{"set":{"text":"b"},"user_id":"\#(user)"}"#, [:])
        case 12: return ("PUT", "/messages/\(message)", #"{"set":{"pinned":true},"user_id":"\#(user)"}"#, [:])
        case 13: return ("DELETE", "/messages/\(message)", "{}", ["hard": "\(Bool.random(using: &random))"])
        case 14: return ("POST", "/messages/\(message)/undelete", #"{"undeleted_by":"\#(user)"}"#, [:])
        case 15: return ("POST", "\(room)/read", #"{"user_id":"\#(user)"}"#, [:])
        default:
            let body = #"{"message":{"id":"\#(message)","text":"t","user_id":"\#(user)"}}"#
            return ("POST", "\(room)/message", body, [:])
        }
    }

    // MARK: Events

    /// Every event can be read without a fault by whoever receives it.
    static func checkEvents(_ events: [ProviderEvent]) throws {
        for event in events {
            let bytes = Value.object(event.body).json
            let decoded = try StreamProvider().decode(
                bytes,
                id: EventID(bytes: SHA256.digest(bytes)),
                receivedAt: Timestamp(milliseconds: 0),
                parser: JSONParser()
            )
            #expect(decoded.faults == [], "\(event.type)")
            #expect(decoded.type.rawValue == event.type)
        }
    }

    static let events: [(method: String, path: String, body: String, types: [String])] = [
        ("POST", "/users", #"{"users":{"cyd":{"id":"cyd"}}}"#, ["user.updated"]),
        ("POST", "/users/bob/deactivate", #"{"created_by_id":"ada"}"#, ["user.deactivated"]),
        ("DELETE", "/users/bob", "{}", ["user.deleted"]),
        ("POST", "/moderation/ban", #"{"target_user_id":"bob","user_id":"ada","timeout":5}"#, ["user.banned"]),
        ("POST", "/moderation/mute", #"{"target_id":"bob","user_id":"ada"}"#, ["user.muted"]),
        (
            "POST", "/moderation/flag", #"{"target_message_id":"m1","user_id":"bob"}"#,
            ["message.flagged", "review_queue_item.new"]
        ),
        (
            "POST", "/moderation/flag", #"{"target_user_id":"ada","user_id":"bob"}"#,
            ["user.flagged", "review_queue_item.new"]
        ),
        ("POST", "/channels/messaging/new/query", #"{"data":{"created_by_id":"ada"}}"#, ["channel.created"]),
        ("POST", "/channels/messaging/room", #"{"data":{"a":1}}"#, ["channel.updated"]),
        (
            "POST", "/channels/messaging/room", #"{"remove_members":["bob"],"message":{"text":"x","user_id":"ada"}}"#,
            ["member.removed", "message.new"]
        ),
        ("PATCH", "/channels/messaging/room", #"{"set":{"frozen":true}}"#, ["channel.updated", "channel.frozen"]),
        ("DELETE", "/channels/messaging/room", "{}", ["channel.deleted"]),
        (
            "POST", "/channels/messaging/room/message", #"{"message":{"text":"x","user_id":"ada"}}"#, ["message.new"]
        ),
        ("PUT", "/messages/m1", #"{"set":{"text":"y"},"user_id":"ada"}"#, ["message.updated"]),
        ("PUT", "/messages/m1", #"{"set":{"text":"hello"},"user_id":"ada"}"#, []),
        ("DELETE", "/messages/m1", "{}", ["message.deleted"]),
        ("POST", "/channels/messaging/room/read", #"{"user_id":"bob"}"#, ["message.read"]),
        (
            "POST", "/channels/messaging/room/message", #"{"message":{"text":"x","user_id":"ada"},"pending":true}"#,
            ["message.pending"]
        ),
    ]

    @Test(arguments: events)
    func aCallTellsItsHooks(_ call: (method: String, path: String, body: String, types: [String])) throws {
        var provider = try StateUnderTest()
        try provider.setUp()
        try provider.send("m1")
        _ = provider.takeEvents()
        try provider.call(call.method, call.path, call.body)
        let events = provider.takeEvents()
        #expect(events.map(\.type) == call.types)
        for event in events { #expect(event.body["request_info"]?.object?["type"] == "server") }
        try Self.checkEvents(events)
    }

    @Test func aMessageIsToldWithItsChannelAndMembers() throws {
        var provider = try StateUnderTest()
        try provider.setUp()
        _ = provider.takeEvents()
        try provider.send("m1", "a <b>")
        let body = try #require(provider.takeEvents().first?.body)
        #expect(body["cid"] == "messaging:room")
        #expect(body["team"] == "blue")
        #expect(body["channel_member_count"] == 2)
        #expect(body["channel_message_count"] == 1)
        #expect(body["channel_custom"] == ["listing_id": "L1"])
        #expect(body["message_id"] == "m1")
        #expect(body["members"]?.array?.count == 2)
        #expect(body["user"]?.object?["name"] == "Ada")
        let message = try #require(body["message"]?.object)
        #expect(message["html"] == "<p>a &lt;b&gt;</p>\n")
        #expect(message["offer"] == ["amount": 5])
    }

    @Test func anEditIsToldWithWhatChanged() throws {
        var provider = try StateUnderTest()
        try provider.setUp()
        try provider.send("m1", "one")
        _ = provider.takeEvents()
        try provider.call("PUT", "/messages/m1", #"{"set":{"text":"two"},"user_id":"bob"}"#)
        let body = try #require(provider.takeEvents().first?.body)
        #expect(body["user"]?.object?["id"] == "bob")
        #expect(body["message_update"]?.object?["old_text"] == "one")
        #expect(body["message_update"]?.object?.value(at: "change_set.text") == true)
        #expect(body["message_update"]?.object?.value(at: "change_set.pin") == false)
    }

    @Test func aServersDeletionNamesNobodyAndAUsersDoes() throws {
        var provider = try StateUnderTest()
        try provider.setUp()
        try provider.send("m1")
        try provider.send("m2")
        _ = provider.takeEvents()
        try provider.call("DELETE", "/messages/m1")
        try provider.call("DELETE", "/messages/m2", as: "ada")
        let events = provider.takeEvents()
        #expect(events.map { $0.body["user"]?.object?["id"] } == [nil, "ada"])
        #expect(events.map { $0.body["request_info"]?.object?["type"] } == ["server", "client"])
        #expect(events.map { $0.body["hard_delete"] } == [false, false])
        #expect(events[0].body["message"]?.object?["type"] == "deleted")
    }

    @Test func onlyWantedEventsAreComposed() throws {
        var provider = try StateUnderTest(hooks: false)
        try provider.setUp()
        #expect(provider.takeEvents().isEmpty)
        let hook = #"{"hook_type":"webhook","webhook_url":"http://127.0.0.1:9","event_types":["message.new"]}"#
        try provider.call("PATCH", "/app", #"{"event_hooks":[\#(hook)]}"#)
        try provider.send("m1")
        try provider.call("DELETE", "/messages/m1")
        #expect(provider.takeEvents().map(\.type) == ["message.new"])
    }

    // MARK: Time

    @Test func aTimedBanEnds() throws {
        var provider = try StateUnderTest()
        try provider.setUp()
        try provider.call("POST", "/moderation/ban", #"{"target_user_id":"bob","user_id":"ada","timeout":10}"#)
        let message = #"{"message":{"text":"x"}}"#
        #expect(throws: Refusal.notAllowed("the user is banned")) {
            try provider.call("POST", "/channels/messaging/room/message", message, as: "bob")
        }
        provider.advance(by: .seconds(601))
        try provider.call("POST", "/channels/messaging/room/message", message, as: "bob")
        let answer = try provider.call("GET", "/query_banned_users")
        #expect(answer.body["bans"] == [])
    }

    @Test func messagesOfOneInstantKeepTheirOrder() throws {
        var provider = try StateUnderTest()
        try provider.setUp()
        for number in 0..<5 {
            try provider.send("m\(number)")
            provider.advance(by: .milliseconds(-1))
        }
        let times = (0..<5).compactMap { provider.state.messages["m\($0)"]?.createdAt }
        #expect(times == times.sorted() && Set(times).count == 5)
    }

    @Test func aTaskIsUnderWayForAMoment() throws {
        var provider = try StateUnderTest()
        try provider.setUp()
        let made = try provider.call("POST", "/users/delete", #"{"user_ids":["bob"],"user":"soft"}"#)
        let id = try #require(made.body["task_id"]?.string)
        #expect(try provider.call("GET", "/tasks/\(id)").body["status"] == "pending")
        provider.advance(by: .seconds(1))
        #expect(try provider.call("GET", "/tasks/\(id)").body["status"] == "completed")
    }
}
