import HTTPServer
import JSON
import Limits
import Provider
import Testing

struct CallBatchTests {
    private static func upsert(_ id: String, name: String? = nil) -> ProviderCall {
        var user = UserProfile(id: id)
        user.name = name
        return .upsertUsers([user])
    }

    private static func update(_ id: String) -> ProviderCall {
        .updateUsersPartially([UserChange(id: id, unset: ["x"])])
    }

    private static func users(_ batch: CallBatch) -> [String] {
        switch batch.call {
        case .upsertUsers(let users): users.map { $0.id + ($0.name ?? "") }
        case .updateUsersPartially(let changes): changes.map(\.id)
        default: []
        }
    }

    @Test func upsertsGoTogetherAndTheLastOfAUserWins() {
        let calls = [Self.upsert("ada", name: "1"), Self.upsert("bob"), Self.upsert("ada", name: "2")]
        let batches = CallBatch.batches(of: calls)
        #expect(batches.map(\.parts) == [[0, 1, 2]])
        #expect(batches.map(Self.users) == [["bob", "ada2"]])
    }

    @Test func noBatchIsLargerThanTheProviderTakes() {
        let batches = CallBatch.batches(of: (0..<250).map { Self.upsert("u\($0)") })
        #expect(batches.map(\.parts.count) == [100, 100, 50])
        #expect(batches.flatMap(\.parts) == Array(0..<250))
    }

    /// A second change of a user must come after the first, and calls of another kind keep their place.
    @Test func orderIsKept() {
        let deletion = ProviderCall.deleteUsers(UserDeletion(ids: ["ada"]))
        let calls = [Self.update("ada"), Self.update("bob"), Self.update("ada"), Self.upsert("ada"), deletion]
        #expect(CallBatch.batches(of: calls).map(\.parts) == [[0, 1], [2], [3], [4]])
        #expect(CallBatch.batches(of: [deletion, deletion]).map(\.parts) == [[0], [1]])
        #expect(CallBatch.batches(of: []).isEmpty)
    }

    /// The provider refuses a batch as a whole for one of its users.
    @Test func oneBadUserDoesNotSpoilTheOthers() async throws {
        let answer: @Sendable (ScriptedProvider.Received) -> HTTPResponse = { request in
            request.body.contains("eve")
                ? ScriptedProvider.json(400, #"{"code":4,"message":"no"}"#) : ScriptedProvider.json(201, "{}")
        }
        try await ScriptedProvider.run(answer, tick: .seconds(1)) { client, provider in
            #expect(client.admit(.updateUsers) == .admitted)
            let calls = [Self.upsert("ada"), Self.upsert("eve"), Self.upsert("bob"), Self.update("ada")]
            let outcomes = await client.perform(calls)
            #expect(outcomes.map(\.name) == ["done", "giveUp", "done", "done"])
            #expect(provider.received.count == 6)
        }
    }

    /// Looking for one in 64 takes two requests a halving, not one a user.
    @Test func theBadOneIsFoundByHalving() async throws {
        let answer: @Sendable (ScriptedProvider.Received) -> HTTPResponse = { request in
            request.body.contains("u40")
                ? ScriptedProvider.json(400, #"{"code":4,"message":"no"}"#) : ScriptedProvider.json(201, "{}")
        }
        try await ScriptedProvider.run(answer, tick: .seconds(1)) { client, provider in
            #expect(client.admit(.updateUsers) == .admitted)
            let outcomes = await client.perform((0..<64).map { Self.upsert("u\($0)") })
            #expect(outcomes.indices.filter { outcomes[$0].name != "done" } == [40])
            #expect(provider.received.count == 13)
        }
    }

    @Test func whatMayPassIsNotTakenApart() async throws {
        try await ScriptedProvider.run({ _ in ScriptedProvider.json(503, "") }) { client, provider in
            #expect(client.admit(.updateUsers) == .admitted)
            let outcomes = await client.perform([Self.upsert("ada"), Self.upsert("bob")])
            #expect(outcomes.map(\.name) == ["retry", "retry"])
            #expect(provider.received.count == 1)
        }
    }
}
