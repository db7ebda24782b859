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
