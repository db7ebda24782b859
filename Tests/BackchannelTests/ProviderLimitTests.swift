import HTTPClient
import JSON
import TestSupport
import Testing

/// What `/api/v1/system` says of the provider's limits.
struct ProviderLimitTests {
    @Test(.timeLimit(.minutes(2))) func answersSayWhatIsLeft() async throws {
        let options = ["--limit", "UpdateUsers=120"]
        try await ProviderAndService.run(options: options, settings: ["EFFECTS": "on"]) { stage in
            #expect(try await Self.limits(stage).allSatisfy { $0["endpoint"]?.string != "UpdateUsers" })
            for user in ["ada", "ben"] {
                try await stage.service.have(#"{"call":"upsertUsers","users":[{"id":"\#(user)"}]}"#, key: user)
                try await stage.service.effectsDone()
            }
            let limit = try #require(try await Self.limits(stage).first { $0["endpoint"]?.string == "UpdateUsers" })
            #expect(limit["limit"]?.int64 == 120 && limit["confirmed"]?.bool == true)
            #expect(limit["under_way"]?.int64 == 0 && limit["paused_until"]?.isNull == true)
            // A minute may have begun meanwhile.
            #expect([118, 119, 120].contains(limit["remaining"]?.int64), "\(limit.serialized())")
        }
    }

    private static func limits(_ stage: ProviderAndService) async throws -> [JSONValue] {
        let answer = try JSONParser().parse(try await stage.service.get("/api/v1/system").body)
        return try #require(answer["provider_limits"]).array.map { $0 }
    }
}
