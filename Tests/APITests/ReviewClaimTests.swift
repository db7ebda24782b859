import HTTPClient
import MongoDB
import TestSupport
import Testing

/// Who claims an item of the review queue, and what that keeps others from.
struct ReviewClaimTests {
    @Test func twoModeratorsNeverDecideTheSame() async throws {
        try await withService(ReviewStory.setup()) { service in
            try await ReviewStory.story(service)
            _ = try await ReviewStory.report(service, "message:m1", by: "dora")
            let claimPath = ReviewStory.path("message:m1", "claim")
            let claim: JSON = try await service.send("POST", claimPath, body: #"{"moderator":"mia"}"#).decode()
            #expect(claim["until"] == "2026-05-20T12:05:00.000Z")
            let token = try #require(claim["claim"]?.string)
            let refused = try await service.send("POST", claimPath, body: #"{"moderator":"max"}"#)
            #expect(refused.status == 409 && refused.text.contains("mia"))
            let early = try await service.send(
                "POST",
                ReviewStory.path("message:m1", "decide"),
                body: #"{"moderator":"max","action":"delete"}"#
            )
            #expect(early.status == 409)
            let open = try await service.get("\(ReviewStory.queue)?status=open")
            let claimed = try await service.get("\(ReviewStory.queue)?status=claimed")
            #expect(ReviewStory.ids(open) == [] && ReviewStory.ids(claimed) == ["message:m1"])
            #expect(!(try await service.send("GET", ReviewStory.path("message:m1")).text.contains(token)))

            // Held on to, and for longer.
            let renewed: JSON = try await service.send(
                "POST",
                "\(claimPath)?seconds=600",
                body: #"{"moderator":"mia"}"#
            )
            .decode()
            #expect(renewed["claim"]?.string == token && renewed["until"] == "2026-05-20T12:10:00.000Z")

            // It ends while the moderator thinks.
            try service.setTime("2026-05-20T12:10:00Z")
            let order = #"{"moderator":"mia","action":"delete","claim":"\#(token)"}"#
            let late = try await service.send("POST", ReviewStory.path("message:m1", "decide"), body: order)
            #expect(late.status == 409 && late.text.contains("The claim ended at 2026-05-20T12:10:00.000Z"))
            #expect(try await service.effects() == [])
            #expect(ReviewStory.ids(try await service.get(ReviewStory.queue)) == ["message:m1"])

            let other: JSON = try await service.send("POST", claimPath, body: #"{"moderator":"max"}"#).decode()
            let otherToken = try #require(other["claim"]?.string)
            #expect(otherToken != token)
            let wrong = try await service.send("POST", ReviewStory.path("message:m1", "decide"), body: order)
            #expect(wrong.status == 409 && wrong.text.contains("max has claimed"))
            let right = #"{"moderator":"max","action":"delete","claim":"\#(otherToken)"}"#
            for _ in 0..<3 {
                // An answer that got lost: asked again, it is the same decision.
                let decided = try await service.send("POST", ReviewStory.path("message:m1", "decide"), body: right)
                let item: JSON = try decided.decode()
                #expect(decided.status == 200 && item["status"] == "decided" && item["decisions"]?.array?.count == 1)
            }
            #expect(try await service.effects().count == 1)
            let over = try await service.send("POST", claimPath, body: #"{"moderator":"mia"}"#)
            #expect(over.status == 409 && over.text.contains("max has decided it: delete"))
        }
    }

    @Test func ofManyAtOnceOneDecides() async throws {
        try await withService(ReviewStory.setup()) { service in
            try await ReviewStory.story(service)
            _ = try await ReviewStory.report(service, "message:m1", by: "dora")
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<12 {
                    group.addTask {
                        let action = number % 2 == 0 ? "delete" : "approve"
                        let body = #"{"moderator":"mod\#(number)","action":"\#(action)"}"#
                        return try await service.send("POST", ReviewStory.path("message:m1", "decide"), body: body)
                            .status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 200 } == 1 && statuses.allSatisfy { $0 == 200 || $0 == 409 }, "\(statuses)")
            let item = try await service.get(ReviewStory.path("message:m1"))
            #expect(item["decisions"]?.array?.count == 1)
            let wasDeleted = item["decisions"]?[0]?["action"] == "delete"
            #expect(try await service.effects().count == (wasDeleted ? 1 : 0))
        }
    }

    @Test func whatIsGivenUpIsFreeAgain() async throws {
        try await withService(ReviewStory.setup()) { service in
            try await ReviewStory.story(service)
            _ = try await ReviewStory.report(service, "message:m1", by: "dora")
            func post(_ verb: String, _ body: String) async throws -> Answer {
                try await service.send("POST", ReviewStory.path("message:m1", verb), body: body)
            }
            #expect(try await post("claim", #"{"moderator":"mia"}"#).status == 200)
            #expect(try await post("release", #"{"moderator":"max"}"#).status == 409)
            #expect(try await post("release", #"{"moderator":"mia"}"#).status == 200)
            #expect(try await post("release", #"{"moderator":"mia"}"#).status == 200)
            #expect(try await post("claim", #"{"moderator":"max"}"#).status == 200)
            let assigned: JSON = try await post("assign", #"{"moderator":"max","assignee":"mia"}"#).decode()
            #expect(assigned["assignee"] == "mia")
            #expect(ReviewStory.ids(try await service.get("\(ReviewStory.queue)?assignee=mia")) == ["message:m1"])
            #expect(ReviewStory.ids(try await service.get("\(ReviewStory.queue)?assignee=max")) == [])
            let noted: JSON = try await post("notes", #"{"moderator":"max","text":"Ask the seller."}"#).decode()
            let note: JSON = ["by": "max", "at": "2026-05-20T12:00:00.000Z", "text": "Ask the seller."]
            #expect(noted["notes"] == [note])
            let nobody: JSON = try await post("assign", #"{"moderator":"max"}"#).decode()
            #expect(nobody["assignee"] == .null)
        }
    }
}
