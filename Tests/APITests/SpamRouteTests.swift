import Chat
import Foundation
import History
import MongoDB
import Rules
import Spam
import TestSupport
import Testing

/// The spam model over REST.
@Suite
struct SpamRouteTests {
    private static func model() throws -> SpamModel {
        let path = fixturesRoot.appending(path: "spam/labelled.txt")
        return try SpamTraining(seed: 1).outcome(of: LabelledFile(Array(Data(contentsOf: path))).texts).model
    }

    private static let body = """
        {"type":"message.new","created_at":"2026-05-20T11:59:01Z","cid":"messaging:c1","channel_id":"c1",\
        "channel_type":"messaging","message":{"id":"m1","text":"Claim your FREE bonus today! Call 09061234567",\
        "created_at":"2026-05-20T11:59:01Z","user":{"id":"ada","role":"user"}},"user":{"id":"ada"}}
        """

    @Test func aMessageIsScoredWithReasons() async throws {
        let model = try Self.model()
        try await withService(TestService.Setup(spam: SpamInForce(model))) { service in
            try await service.store([Self.body])
            let score = try await service.get("/api/v1/spam/messages/m1")
            #expect(score["advice"]?.string == "block" && score["model"]?.string == model.version)
            #expect(score["language"]?.string == "familiar" && score["verdict"] == nil)
            guard case .array(let reasons)? = score["reasons"] else {
                Issue.record("no reasons")
                return
            }
            #expect(reasons.contains { $0["words"]?.string?.contains("“") == true })
            let label = SpamLabel(
                messageID: "m1",
                isSpam: true,
                by: "mod",
                at: Timestamp(milliseconds: 1_800_000_000_000)
            )
            let history = service.history
            try await blocking { try SpamLabelStore(try history.opened()).write([label.update]) }
            let known = try await service.get("/api/v1/spam/messages/m1")
            #expect(known["verdict"]?["spam"] == .bool(true) && known["verdict"]?["by"]?.string == "mod")
            let state = try await service.get("/api/v1/spam")
            #expect(state["version"]?.string == model.version && state["labels"] == .number(1))
        }
    }

    @Test func withoutAModelItIsSaidWhatToDo() async throws {
        try await withService { service in
            let answer = try await service.send("GET", "/api/v1/spam/messages/m1")
            #expect(answer.status == 409)
            let state = try await service.get("/api/v1/spam")
            #expect(state["version"] == .null && state["labels"] == .number(0))
        }
    }
}
