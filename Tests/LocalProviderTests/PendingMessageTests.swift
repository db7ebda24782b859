import TestSupport
import Testing

@testable import local_provider

/// Messages that wait to be committed, and the moderators' queue, as the state knows them.
struct PendingMessageTests {
    private static let path = "/channels/messaging/room/message"
    private static let hooks = """
        {"event_hooks":[{"hook_type":"webhook","webhook_url":"http://127.0.0.1:9"},\
        {"hook_type":"pending_message","webhook_url":"http://127.0.0.1:9/hook","timeout_ms":60000}]}
        """

    private static func provider(holds: Bool = true) throws -> StateUnderTest {
        var provider = try StateUnderTest(hooks: false)
        try provider.setUp()
        try provider.call("PATCH", "/app", hooks)
        if holds { try provider.call("PUT", "/channeltypes/messaging", #"{"mark_messages_pending":true}"#) }
        _ = provider.takeEvents()
        return provider
    }

    private static func told(_ event: ProviderEvent) -> String { event.path ?? event.type }

    @Test func aMessageWaitsUntilItIsCommittedOnce() throws {
        var provider = try Self.provider()
        try provider.call("POST", Self.path, #"{"message":{"id":"m1","text":"hi"}}"#, as: "bob")
        let events = provider.takeEvents()
        #expect(events.map(Self.told) == ["PassOnPendingMessage", "message.pending"])
        let pass = try #require(events.first?.body)
        #expect(pass["message"]?.object?["id"] == "m1" && pass["message"]?.object?["cid"] == "messaging:room")
        #expect(pass["metadata"] == .object([:]) && pass["request_info"]?.object?["type"] == "client")
        #expect(pass["type"] == nil)
        try ProviderStateTests.checkEvents(Array(events.dropFirst()))
        // Nobody sees it: neither a page nor a change finds it.
        let query = #"{"data":{"created_by_id":"ada"},"messages":{"limit":5}}"#
        #expect(try provider.call("POST", "/channels/messaging/room/query", query).body["messages"] == [])
        #expect(throws: Refusal.self) {
            try provider.call("PUT", "/messages/m1", #"{"set":{"text":"y"},"user_id":"bob"}"#)
        }
        #expect(throws: Refusal.self) { try provider.call("DELETE", "/messages/m1") }
        try provider.call("POST", "/messages/m1/commit")
        #expect(provider.takeEvents().map(Self.told) == ["message.new"])
        #expect(throws: Refusal.input(#"message "m1" is already committed, or never waited"#)) {
            try provider.call("POST", "/messages/m1/commit")
        }
        #expect(provider.state.applied.counts[.init(entity: "message:m1", operation: "commit")]?.changes == 1)
    }

    @Test func aMessageThatIsRemovedWasNeverSent() throws {
        var provider = try Self.provider()
        try provider.call("POST", Self.path, #"{"message":{"id":"m1","text":"hi"}}"#, as: "bob")
        _ = provider.takeEvents()
        try provider.call("DELETE", "/messages/m1", query: ["hard": "true"])
        #expect(provider.takeEvents().map(Self.told) == ["DeletedPendingMessage"])
        #expect(throws: Refusal.self) { try provider.call("POST", "/messages/m1/commit") }
    }

    @Test func itIsGoneWhenItHasWaitedTooLong() throws {
        var provider = try Self.provider()
        try provider.call("POST", Self.path, #"{"message":{"id":"m1","text":"hi"}}"#, as: "bob")
        provider.advance(by: .seconds(61))
        #expect(throws: Refusal.notFound(#"Can't find message with id "m1""#)) {
            try provider.call("POST", "/messages/m1/commit")
        }
    }

    @Test func aServerSaysWhichWaits() throws {
        var provider = try Self.provider(holds: false)
        let pending = #""pending":true,"pending_message_metadata":{"a":"b"}"#
        try provider.call("POST", Self.path, #"{"message":{"id":"m1","text":"hi","user_id":"bob"},\#(pending)}"#)
        #expect(provider.takeEvents().first?.body["metadata"] == ["a": "b"])
        #expect(throws: Refusal.self) {
            try provider.call("POST", Self.path, #"{"message":{"id":"m2","text":"hi"},\#(pending)}"#, as: "bob")
        }
        try provider.call("POST", Self.path, #"{"message":{"id":"m3","text":"hi"}}"#, as: "bob")
        #expect(provider.takeEvents().map(Self.told) == ["message.new"])
    }

    // MARK: The moderators' queue

    @Test func whatIsFlaggedWaitsUntilItIsMarked() throws {
        var provider = try StateUnderTest()
        try provider.setUp()
        try provider.send("m1")
        _ = provider.takeEvents()
        let first = try provider.call("POST", "/moderation/flag", #"{"target_message_id":"m1","user_id":"bob"}"#)
        let id = try #require(first.body["review_queue_item_id"]?.string)
        let second = try provider.call("POST", "/moderation/flag", #"{"target_message_id":"m1","user_id":"ada"}"#)
        #expect(second.body["review_queue_item_id"]?.string == id)
        func items(_ status: String) throws -> [Value] {
            try provider.call("POST", "/api/v2/moderation/review_queue", #"{"filter":{"status":"\#(status)"}}"#)
                .body["items"]?.array ?? []
        }
        let open = try items("pending")
        #expect(open.count == 1 && open.first?.object?["flags_count"] == 2)
        // The newer API has whole nanoseconds.
        #expect(open.first?.object?["created_at"]?.int != nil)
        let mark = #"{"item_id":"\#(id)","action_type":"mark_reviewed","user_id":"ada"}"#
        for _ in 0..<2 { #expect(try provider.call("POST", "/api/v2/moderation/submit_action", mark).status == 201) }
        #expect(try items("pending").isEmpty && items("reviewed").count == 1)
        let events = provider.takeEvents()
        #expect(
            events.map(\.type) == [
                "message.flagged", "review_queue_item.new", "message.flagged", "review_queue_item.updated",
                "review_queue_item.updated", "moderation.mark_reviewed",
            ]
        )
        try ProviderStateTests.checkEvents(events)
        let reviewed = try #require(events[4].body["review_queue_item"]?.object)
        #expect(reviewed["reviewed_by"] == "ada" && reviewed["latest_moderator_action"] == "mark_reviewed")
        for body in [
            #"{"item_id":"none","action_type":"mark_reviewed","user_id":"ada"}"#,
            #"{"item_id":"\#(id)","action_type":"ban","user_id":"ada"}"#,
            #"{"item_id":"\#(id)","action_type":"mark_reviewed"}"#, "{}",
        ] {
            #expect(throws: Refusal.self, "\(body)") {
                try provider.call("POST", "/api/v2/moderation/submit_action", body)
            }
        }
    }
}
