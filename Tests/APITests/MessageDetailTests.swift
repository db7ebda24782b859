import TestSupport
import Testing

struct MessageDetailTests {
    private static let path = TestService.messagesPath

    @Test func aMessageHasItsEditsAndReactions() async throws {
        try await withService { service in
            try await service.store([
                Story.message("m/1", "one", at: "2026-05-08T10:00:00Z"),
                Story.message("m/1", "two", event: "message.updated", updated: "2026-05-08T10:01:00Z"),
                Story.message(
                    "m/1",
                    "two",
                    more: #","pinned":true"#,
                    event: "message.updated",
                    updated: "2026-05-08T10:02:00Z"
                ),
                Story.message("m/1", "three", event: "message.updated", updated: "2026-05-08T10:03:00Z"),
                Story.message(
                    "m/1",
                    "three",
                    more: #","pinned":true"#,
                    event: "message.updated",
                    updated: "2026-05-08T10:04:00Z"
                ),
                Story.reaction("like", to: "m/1", by: "cleo", at: "2026-05-08T10:06:00Z"),
                Story.reaction("love", to: "m/1", by: "bob", at: "2026-05-08T10:05:00Z"),
                Story.reaction("sad", to: "m/1", by: "bob", at: "2026-05-08T10:05:00Z"),
                Story.reaction("sad", to: "m/1", by: "bob", at: "2026-05-08T10:07:00Z", event: "reaction.deleted"),
            ])
            let message = try await service.get("\(Self.path)/m%2F1")
            #expect(message["_id"] == "m/1" && message["stream_message_id"] == "m/1" && message["text"] == "three")
            #expect(
                message["edits"] == [
                    ["text": "one", "at": "2026-05-08T10:00:00.000Z"],
                    ["text": "two", "at": "2026-05-08T10:01:00.000Z"],
                ]
            )
            #expect(
                message["reactions"] == [
                    ["user_id": "bob", "type": "love", "score": 2, "createdAt": "2026-05-08T10:05:00.000Z"],
                    ["user_id": "cleo", "type": "like", "score": 2, "createdAt": "2026-05-08T10:06:00.000Z"],
                ]
            )
        }
    }

    @Test func whatIsNotAMessageIsNotFound() async throws {
        try await withService { service in
            try await service.store([
                Story.message("gone"),
                Story.message("gone", event: "message.deleted", eventMore: #","hard_delete":true"#),
                Story.read("never-seen", by: "ada", at: "2026-05-08T12:00:00Z"),
            ])
            for id in ["unknown", "never-seen"] {
                let answer = try await service.send("GET", "\(Self.path)/\(id)")
                #expect(answer.status == 404)
                #expect(try answer.problem().detail == "There is no such message.")
            }
            let tombstone = try await service.get("\(Self.path)/gone")
            #expect(tombstone["text"] == .null && tombstone["erased"] == true && tombstone["edits"] == [])
        }
    }

    @Test func moderatorsFlagAndUnflag() async throws {
        try await withService { service in
            try await service.store([
                Story.message("m1", at: "2026-05-08T10:00:00Z"),
                Story.read("never-seen", by: "ada", at: "2026-05-08T12:00:00Z"),
            ])
            let path = "\(Self.path)/m1"
            let body = #"{"reason":"spam","moderator":"eve"}"#
            for _ in 0..<2 {
                let answer = try await service.send("PATCH", "\(path)/flag", body: body)
                let message: JSON = try answer.decode()
                #expect(answer.status == 200)
                #expect(message["is_flagged"] == true && message["flagged_by"] == "eve")
                #expect(message["flag_reason"] == "spam" && message["sender_id"]?["_id"] == "ada")
            }
            #expect(try await service.get("\(Self.path)?flagged=true")["total"] == 1)

            // Said earlier, told later: it does not undo what the moderator decided since.
            try await service.store([
                Story.message("m1", event: "message.unblocked", updated: "2026-05-20T11:00:00Z")
            ])
            #expect(try await service.get(path)["is_flagged"] == true)

            let unflag = try await service.send("PATCH", "\(path)/unflag", body: #"{"moderator":"mia"}"#)
            let message: JSON = try unflag.decode()
            #expect(message["is_flagged"] == false && message["flagged_by"] == "mia" && message["flag_reason"] == nil)
            #expect(try await service.get("\(Self.path)?flagged=true")["total"] == 0)
            #expect(message["text"] == "hello" && message["createdAt"] == "2026-05-08T10:00:00.000Z")

            for id in ["unknown", "never-seen"] {
                #expect(try await service.send("PATCH", "\(Self.path)/\(id)/flag", body: body).status == 404)
            }
        }
    }

    /// The provider's clock may be ahead of ours; the moderator has seen what it said.
    @Test func aFlagHoldsAgainstWhatIsKnown() async throws {
        try await withService { service in
            try await service.store([
                Story.message("m1"),
                Story.message(
                    "m1",
                    event: "message.flagged",
                    eventMore: #","reason":"auto","total_flags":3"#,
                    updated: "2027-01-01T00:00:00Z"
                ),
            ])
            let answer = try await service.send(
                "PATCH",
                "\(Self.path)/m1/unflag",
                body: #"{"moderator":"eve"}"#
            )
            let message: JSON = try answer.decode()
            #expect(message["is_flagged"] == false && message["flag_total"] == 3)
        }
    }

    /// Moderators who decide at once all get an answer; one of them was last.
    @Test func flagsMeet() async throws {
        try await withService { service in
            try await service.store([Story.message("m1")])
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        let body = #"{"reason":"r\#(number)","moderator":"m\#(number)"}"#
                        return try await service.send("PATCH", "\(Self.path)/m1/flag", body: body).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses == Array(repeating: 200, count: 8))
            let message = try await service.get("\(Self.path)/m1")
            #expect(message["flag_reason"]?.string?.dropFirst() == message["flagged_by"]?.string?.dropFirst())
        }
    }
}
