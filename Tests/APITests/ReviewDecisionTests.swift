import Chat
import Decisions
import HTTPClient
import History
import MongoDB
import Outbox
import TestSupport
import Testing

/// What is decided about items of the review queue, and what follows.
struct ReviewDecisionTests {
    private struct Case: Sendable {
        var item = "message:m2"
        var order: String
        /// Calls of the provider, in order: name and what must be in the payload.
        var calls: [(String, String)]
        var isFlagged: Bool?
        var isSpam: JSON
    }

    private static let cases: [Case] = [
        Case(order: #""action":"approve""#, calls: [], isFlagged: false, isSpam: false),
        Case(order: #""action":"dismiss""#, calls: [], isFlagged: false, isSpam: false),
        Case(order: #""action":"delete""#, calls: [("deleteMessage", #""id":"m2""#)], isFlagged: true, isSpam: true),
        Case(
            order: #""action":"delete","delete":"hard","spam":false"#,
            calls: [("deleteMessage", #""hard":true"#)],
            isFlagged: true,
            isSpam: false
        ),
        Case(
            order: #""action":"mask","mask":"phones""#,
            calls: [("updateMessagePartially", "buy now at •••••••••••••")],
            isFlagged: true,
            isSpam: nil
        ),
        Case(
            order: #""action":"mask""#,
            calls: [("updateMessagePartially", "••• ••• •• ••• ••• •• •••")],
            isFlagged: true,
            isSpam: nil
        ),
        Case(
            order: #""action":"mute""#,
            calls: [("ban", #""cid":"messaging:listing_7_ada_bob""#)],
            isFlagged: true,
            isSpam: nil
        ),
        Case(
            order: #""action":"mute","minutes":5,"of":"everywhere""#,
            calls: [("ban", #""until":1779278700000000000"#)],
            isFlagged: true,
            isSpam: nil
        ),
        Case(
            order: #""action":"ban","delete":"soft","reason":"Fraud""#,
            calls: [("deleteMessage", #""id":"m2""#), ("ban", #""reason":"Fraud""#)],
            isFlagged: true,
            isSpam: true
        ),
        Case(
            order: #""action":"ban","shadow":true,"minutes":60"#,
            calls: [("ban", #""shadow":true"#)],
            isFlagged: true,
            isSpam: true
        ),
        Case(item: "user:ada", order: #""action":"ban""#, calls: [("ban", #""target":"ada""#)], isSpam: nil),
        Case(item: "user:ada", order: #""action":"mute""#, calls: [("ban", #""until""#)], isSpam: nil),
        Case(item: "user:ada", order: #""action":"dismiss""#, calls: [], isSpam: nil),
    ]

    @Test(arguments: cases.indices) func whatIsDecidedIsDone(_ index: Int) async throws {
        let one = Self.cases[index]
        try await withService(ReviewStory.setup()) { service in
            try await ReviewStory.story(service)
            _ = try await ReviewStory.report(service, one.item, by: "dora")
            let answer = try await service.send(
                "POST",
                ReviewStory.path(one.item, "decide"),
                body: #"{"moderator":"mia",\#(one.order)}"#
            )
            let item: JSON = try answer.decode()
            #expect(answer.status == 200, "\(answer.text)")
            #expect(item["status"] == "decided" && item["claim"] == .null)
            let decision = try #require(item["decisions"]?[0])
            #expect(decision["by"] == "mia" && decision["number"] == 1)
            #expect(decision["spam"] ?? .null == one.isSpam)
            let effects = try await service.effects()
            #expect(effects.map { $0.string("action") } == one.calls.map(\.0))
            #expect(effects.compactMap { $0.string("_id") } == (decision["effects"]?.array ?? []).compactMap(\.string))
            for (effect, call) in zip(effects, one.calls) {
                #expect(effect.string("payload")?.contains(call.1) == true, "\(effect.string("payload") ?? "")")
            }
            guard let isFlagged = one.isFlagged else { return }
            let message = try await service.get("\(TestService.messagesPath)/m2")
            #expect(message["is_flagged"] == .bool(isFlagged) && message["flagged_by"] == "mia")
        }
    }

    @Test func whatWasDoneIsUndone() async throws {
        try await withService(ReviewStory.setup()) { service in
            try await ReviewStory.story(service)
            _ = try await ReviewStory.report(service, "message:m2", by: "dora")
            func decide(_ order: String) async throws -> Answer {
                try await service.send(
                    "POST",
                    ReviewStory.path("message:m2", "decide"),
                    body: #"{"moderator":"mia",\#(order)}"#
                )
            }
            #expect(try await decide(#""action":"restore""#).text.contains("nothing to restore"))
            #expect(try await decide(#""action":"mute","delete":"soft""#).status == 200)
            #expect(try await decide(#""action":"approve""#).status == 409)
            let restored: JSON = try await decide(#""action":"restore","reason":"A mistake""#).decode()
            #expect(restored["decisions"]?.array?.count == 2)
            let effects = try await service.effects().map {
                "\($0.string("action") ?? "") \($0.string("state") ?? "")"
            }
            // Nothing performs them here: what has not gone out does not.
            let expected = [
                "deleteMessage cancelled", "ban cancelled", "undeleteMessage waiting", "unban waiting",
            ]
            #expect(effects == expected)
            #expect(try await service.get("\(TestService.messagesPath)/m2")["is_flagged"] == false)
            #expect(try await decide(#""action":"restore""#).status == 409)
            // Decided otherwise.
            let reopened = try await service.send(
                "POST",
                ReviewStory.path("message:m2", "reopen"),
                body: #"{"moderator":"mia"}"#
            )
            #expect(reopened.status == 200)
            #expect(try await decide(#""action":"restore""#).text.contains("nothing to restore"))
            let last: JSON = try await decide(#""action":"delete""#).decode()
            #expect(last["decisions"]?[2]?["number"] == 3)
            #expect(try await service.effects().count == 5)
        }
    }

    @Test func aMessageThatIsGoneIsGone() async throws {
        try await withService(ReviewStory.setup()) { service in
            try await ReviewStory.story(service)
            for id in ["m1", "m2"] { _ = try await ReviewStory.report(service, "message:\(id)", by: "dora") }
            try await service.store(
                ["m1", "m2"].map { id in
                    Story.message(
                        id,
                        at: "2026-05-20T10:00:00.000Z",
                        event: "message.deleted",
                        eventMore: #","message_id":"\#(id)""#,
                        updated: "2026-05-20T11:00:00.000Z"
                    )
                }
            )
            for (id, order) in [("m1", #""action":"delete""#), ("m2", #""action":"mask""#)] {
                let answer = try await service.send(
                    "POST",
                    ReviewStory.path("message:\(id)", "decide"),
                    body: #"{"moderator":"mia",\#(order)}"#
                )
                let item: JSON = try answer.decode()
                #expect(answer.status == 200 && item["decisions"]?[0]?["already_gone"] == true)
            }
            #expect(try await service.effects() == [])
        }
    }

    @Test func severalAreDecidedEachOnItsOwn() async throws {
        try await withService(ReviewStory.setup()) { service in
            try await ReviewStory.story(service)
            for id in ["message:m1", "message:m2", "message:m3", "user:ben"] {
                _ = try await ReviewStory.report(service, id, by: "dora")
            }
            let claim: JSON = try await service.send(
                "POST",
                ReviewStory.path("message:m1", "claim"),
                body: #"{"moderator":"mia"}"#
            ).decode()
            let token = try #require(claim["claim"]?.string)
            #expect(
                try await service.send("POST", ReviewStory.path("message:m2", "claim"), body: #"{"moderator":"max"}"#)
                    .status
                    == 200
            )
            let answer = try await service.send(
                "POST",
                "\(ReviewStory.queue)/decide",
                body: """
                    {"moderator":"mia","action":"delete","items":[{"_id":"message:m1","claim":"\(token)"},"message:m2",\
                    "message:m3","user:ben","message:none","nonsense"]}
                    """
            )
            let result: JSON = try answer.decode()
            #expect(answer.status == 207)
            #expect(result["data"]?.array?.map { $0["status"] ?? .null } == [200, 409, 200, 400, 404, 404])
            #expect(result["data"]?[0]?["decision"]?["action"] == "delete")
            #expect(result["data"]?[1]?["detail"]?.string?.contains("max has claimed") == true)
            #expect(try await service.effects().count == 2)
            let again: JSON = try await service.send(
                "POST",
                "\(ReviewStory.queue)/decide",
                body: #"{"moderator":"mia","action":"ban","items":["user:ben"]}"#
            ).decode()
            #expect(again["data"]?[0]?["status"] == 200)
        }
    }

    @Test func oneItemComesWithWhatItTakesToDecide() async throws {
        try await withService(ReviewStory.setup()) { service in
            try await ReviewStory.story(service)
            for id in ["message:m2", "message:m4", "user:ada"] {
                _ = try await ReviewStory.report(service, id, by: "dora")
            }
            try service.setTime("2026-05-20T12:01:00Z")
            #expect(
                try await service.send(
                    "POST",
                    ReviewStory.path("message:m4", "decide"),
                    body: #"{"moderator":"mia","action":"delete"}"#
                ).status == 200
            )
            let item = try await service.get(ReviewStory.path("message:m2"))
            #expect(item["message"]?["text"] == "buy now at +47 912 34 567")
            #expect(item["before"]?.array?.compactMap { $0["_id"]?.string } == ["m1"])
            #expect(item["after"]?.array?.compactMap { $0["_id"]?.string } == ["m3", "m4"])
            #expect(item["user"]?["_id"] == "ada" && item["user"]?["total_messages_sent"] == 3)
            #expect(item["other_items"]?.array?.compactMap { $0["_id"]?.string } == ["message:m4", "user:ada"])
            #expect(item["other_items"]?[0]?["decision"]?["action"] == "delete")
            let decided = try await service.get(ReviewStory.path("message:m4"))
            #expect(
                decided["effects"]?[0]?["action"] == "deleteMessage" && decided["effects"]?[0]?["state"] == "waiting"
            )
            // No text is kept with the item.
            let lists = try await service.send("GET", "\(ReviewStory.queue)?status=any&user=ada").text
            #expect(!lists.contains("buy now"))
        }
    }

    // MARK: The provider's own queue

    private static func item(_ id: String, _ subject: String, at time: String, more: String = "") -> String {
        """
        {"type":"review_queue_item.new","created_at":"\(time)","review_queue_item":{"id":"\(id)",\
        "created_at":"2026-05-20T11:01:00Z","updated_at":"\(time)",\(subject),"status":"pending",\
        "recommended_action":"flag"\(more)}}
        """
    }

    private static let ofMessage = #""entity_type":"stream:chat:v1:message","entity_id":"m2""#
    private static let ofUser = #""entity_type":"stream:user","entity_id":"ada""#

    /// What the provider's queue holds of it is taken off there, by whoever has decided, after all else.
    @Test(arguments: [
        ("message:m2", ofMessage, #""action":"approve""#, ["markReviewed"], "messaging:listing_7_ada_bob"),
        (
            "message:m2", ofMessage, #""action":"ban","delete":"soft""#, ["deleteMessage", "ban", "markReviewed"],
            "messaging:listing_7_ada_bob"
        ),
        ("user:ada", ofUser, #""action":"dismiss""#, ["markReviewed"], "ada"),
    ])
    func theProvidersItemIsAnswered(
        _ item: String,
        _ subject: String,
        _ order: String,
        _ expected: [String],
        _ lane: String
    ) async throws {
        try await withService(ReviewStory.setup()) { service in
            try await ReviewStory.story(service)
            try await service.store([
                Self.item("rq1", subject, at: "2026-05-20T11:01:00Z"),
                // One that the provider's moderators are done with already, at the provider.
                Self.item("rq2", subject, at: "2026-05-20T11:02:00Z", more: #","reviewed_at":"2026-05-20T11:02:00Z""#),
            ])
            _ = try await ReviewStory.report(service, item, by: "dora")
            let answer = try await service.send(
                "POST",
                ReviewStory.path(item, "decide"),
                body: #"{"moderator":"mia",\#(order)}"#
            )
            #expect(answer.status == 200, "\(answer.text)")
            let effects = try await service.effects()
            #expect(effects.map { $0.string("action") } == expected)
            let mark = try #require(effects.last)
            #expect(mark.string("lane") == lane)
            #expect(mark.string("payload")?.hasPrefix(#"{"call":"markReviewed","item":"rq1","by":"mia""#) == true)
        }
    }

    /// The provider tells of its being marked as reviewed: what was said in between still waits.
    @Test func theEchoOfADecisionDecidesNothing() async throws {
        try await withService(ReviewStory.setup()) { service in
            try await ReviewStory.story(service)
            try await service.store([Self.item("rq1", Self.ofMessage, at: "2026-05-20T11:01:00Z")])
            let path = ReviewStory.path("message:m2", "decide")
            func decide() async throws -> Int {
                try await service.send("POST", path, body: #"{"moderator":"mia","action":"dismiss"}"#).status
            }
            #expect(try await decide() == 200)
            try service.setTime("2026-05-20T12:30:00Z")
            #expect(try await ReviewStory.report(service, "message:m2", by: "dora").status == 202)
            func reviewed(_ action: String, at time: String) -> String {
                Self.item(
                    "rq1",
                    Self.ofMessage,
                    at: time,
                    more: #","reviewed_at":"\#(time)","latest_moderator_action":"\#(action)","reviewed_by":"mia""#
                ).replacing("review_queue_item.new", with: "review_queue_item.updated")
            }
            try await service.store([reviewed("mark_reviewed", at: "2026-05-20T12:40:00Z")])
            #expect(ReviewStory.ids(try await service.get(ReviewStory.queue)) == ["message:m2"])
            try service.setTime("2026-05-20T12:41:00Z")
            #expect(try await decide() == 200)
            // It was marked before: there is nothing left to mark.
            #expect(try await service.effects().count == 1)
            // What the provider's moderators do themselves decides.
            try service.setTime("2026-05-20T12:50:00Z")
            #expect(try await ReviewStory.report(service, "message:m2", by: "emil").status == 202)
            try await service.store([reviewed("delete_message", at: "2026-05-20T13:00:00Z")])
            #expect(ReviewStory.ids(try await service.get(ReviewStory.queue)) == [])
        }
    }

    /// With effects switched off nothing is written for the provider, and the decision stands.
    @Test func effectsMayBeOff() async throws {
        var setup = ReviewStory.setup()
        setup.mode = { .off }
        try await withService(setup) { service in
            try await ReviewStory.story(service)
            _ = try await ReviewStory.report(service, "message:m1", by: "dora")
            let item: JSON = try await service.send(
                "POST",
                ReviewStory.path("message:m1", "decide"),
                body: #"{"moderator":"mia","action":"delete"}"#
            ).decode()
            #expect(item["status"] == "decided" && item["decisions"]?[0]?["effects"] == [])
            #expect(try await service.effects() == [])
        }
    }
}
