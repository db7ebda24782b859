import Chat
import Decisions
import HTTPClient
import History
import Limits
import Moderation
import MongoDB
import TestSupport
import Testing

/// What the review queue refuses, and where it ends.
struct ReviewRefusalTests {
    @Test func wrongInputIsNamed() async throws {
        try await withService(ReviewStory.setup()) { service in
            try await ReviewStory.story(service)
            _ = try await ReviewStory.report(service, "message:m1", by: "dora")
            let long = String(repeating: "x", count: 2_001)
            let decide = ReviewStory.path("message:m1", "decide")
            for (path, body, part) in [
                ("/api/v1/reports", "{}", "reporter"),
                ("/api/v1/reports", #"{"reporter":"dora"}"#, "one message or one user"),
                ("/api/v1/reports", #"{"reporter":"dora","user":"a","message":"b"}"#, "and not both"),
                ("/api/v1/reports", #"{"reporter":"dora","user":"ada","reason":"\#(long)"}"#, "1 to 500 characters"),
                (
                    "/api/v1/reports", #"{"reporter":"dora","user":"ada","severity":"bad"}"#,
                    "low, medium, high or critical"
                ),
                ("/api/v1/reports", #"{"reporter":"dora","users":"ada"}"#, "did you mean user"),
                (decide, "", "JSON object"), (decide, "[]", "JSON object"),
                (decide, "{}", "field action is missing"),
                (decide, #"{"action":"approve"}"#, "field moderator is missing"),
                (decide, #"{"action":"kill","moderator":"mia"}"#, "approve, dismiss, delete"),
                (decide, #"{"action":"approve","moderator":""}"#, "1 to 1024 bytes"),
                (decide, #"{"action":"approve","moderator":"mia","minutes":5}"#, "belongs to mute, ban"),
                (decide, #"{"action":"mute","moderator":"mia","minutes":0}"#, "1 to 5256000"),
                (decide, #"{"action":"mute","moderator":"mia","minutes":"5"}"#, "whole number"),
                (decide, #"{"action":"ban","moderator":"mia","of":"here"}"#, "channel or everywhere"),
                (decide, #"{"action":"mask","moderator":"mia","mask":["matches"]}"#, "links, emails"),
                (decide, #"{"action":"mask","moderator":"mia","mask":"money"}"#, "holds nothing"),
                (decide, #"{"action":"delete","moderator":"mia","delete":true}"#, "soft or hard"),
                (decide, #"{"action":"delete","moderator":"mia","spam":"no"}"#, "true or false"),
                (decide, #"{"action":"delete","moderator":"mia","claims":"x"}"#, "did you mean claim"),
                (decide, #"{"action":"delete","action":"ban","moderator":"mia"}"#, "more than once"),
                (decide, #"{"action":"delete","moderator":"mia","claim":"nonsense"}"#, "not the one that holds"),
                ("\(ReviewStory.queue)/decide", #"{"action":"delete","moderator":"mia"}"#, "field items is missing"),
                ("\(ReviewStory.queue)/decide", #"{"action":"delete","moderator":"mia","items":[]}"#, "1 to 100"),
                ("\(ReviewStory.queue)/decide", #"{"action":"delete","moderator":"mia","items":"m1"}"#, "1 to 100"),
                (
                    "\(ReviewStory.queue)/decide", #"{"action":"delete","moderator":"mia","items":["a","a"]}"#,
                    "more than once"
                ),
                (
                    ReviewStory.path("message:m1", "notes"), #"{"moderator":"mia","text":"\#(long)"}"#,
                    "1 to 2000 characters"
                ),
                (ReviewStory.path("message:m1", "claim") + "?seconds=0", #"{"moderator":"mia"}"#, "1 to 3600"),
                (ReviewStory.path("message:m1", "claim"), "{}", "moderator"),
                (ReviewStory.path("nonsense", "claim"), #"{"moderator":"mia"}"#, "user:ID"),
            ] {
                let answer = try await service.send("POST", path, body: body)
                #expect(answer.status == 400 || answer.status == 409, "\(path) \(body.prefix(80)): \(answer.text)")
                #expect(answer.text.contains(part), "\(path) \(body.prefix(80)): \(answer.text)")
            }
            let many = (0...100).map { "\"message:x\($0)\"" }.joined(separator: ",")
            let body = #"{"action":"delete","moderator":"mia","items":[\#(many)]}"#
            #expect(try await service.send("POST", "\(ReviewStory.queue)/decide", body: body).status == 400)
            for (method, path, body) in [
                ("GET", ReviewStory.path("message:none"), nil),
                ("POST", ReviewStory.path("message:none", "claim"), #"{"moderator":"mia"}"#),
                ("POST", ReviewStory.path("message:none", "decide"), #"{"moderator":"mia","action":"approve"}"#),
                ("POST", "/api/v1/reports", #"{"reporter":"dora","message":"none"}"#),
                ("POST", "/api/v1/reports", #"{"reporter":"dora","user":"none"}"#),
            ] as [(String, String, String?)] {
                #expect(try await service.send(method, path, body: body).status == 404, "\(path)")
            }
            for query in [
                "status=done", "severity=5", "order=random", "limit=0", "cursor=zz", "status=any", "label=", "source=x",
            ] {
                #expect(try await service.send("GET", "\(ReviewStory.queue)?\(query)").status == 400, "\(query)")
            }
            #expect(ReviewStory.ids(try await service.get(ReviewStory.queue)) == ["message:m1"])
            #expect(try await service.effects() == [])
        }
    }

    @Test func withoutAProviderNothingIsDoneThere() async throws {
        try await withService { service in
            try await ReviewStory.story(service)
            _ = try await ReviewStory.report(service, "message:m1", by: "dora")
            let decide = ReviewStory.path("message:m1", "decide")
            let refused = try await service.send("POST", decide, body: #"{"moderator":"mia","action":"delete"}"#)
            #expect(refused.status == 400 && refused.text.contains("GETSTREAM_API_KEY"))
            #expect(
                try await service.send("POST", decide, body: #"{"moderator":"mia","action":"approve"}"#).status == 200
            )
        }
    }

    @Test func notesHaveAnEnd() async throws {
        var setup = ReviewStory.setup()
        setup.limits.review.notes = 2
        try await withService(setup) { service in
            try await ReviewStory.story(service)
            _ = try await ReviewStory.report(service, "message:m1", by: "dora")
            let statuses = try await [1, 2, 3].asyncMap { number in
                let body = #"{"moderator":"mia","text":"note \#(number)"}"#
                return try await service.send("POST", ReviewStory.path("message:m1", "notes"), body: body).status
            }
            #expect(statuses == [200, 200, 409])
        }
    }

    /// What else is written of a decision is written in its transaction.
    @Test func othersWriteWithADecision() async throws {
        var setup = ReviewStory.setup()
        setup.reviewWrites = { act in
            var filter = BSONDocument()
            filter.append("_id", "probe:\(act.review.record.subject.id):\(act.decision.number)")
            var change = BSONDocument()
            change.append("$inc") { $0.append("count", Int64(1)) }
            return [(.mark, MongoUpdate(filter: filter, update: change, upsert: true))]
        }
        try await withService(setup) { service in
            try await ReviewStory.story(service)
            _ = try await ReviewStory.report(service, "message:m1", by: "dora")
            let body = #"{"moderator":"mia","action":"delete"}"#
            for _ in 0..<2 { _ = try await service.send("POST", ReviewStory.path("message:m1", "decide"), body: body) }
            let probes = try await service.documents(.mark).filter { $0.string("_id")?.hasPrefix("probe:") ?? false }
            #expect(probes.map { $0.int64("count") } == [1])
        }
    }
}
