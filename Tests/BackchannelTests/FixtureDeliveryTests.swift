import Crypto
import Foundation
import HTTPClient
import TestSupport
import Testing

/// Every delivery of `Fixtures/webhooks` to the executable: its answer, and where it is found afterwards.
struct FixtureDeliveryTests {
    private struct Expected: Decodable {
        let status: Int
        let cause: String?
        let deadLetter: String?
    }

    private struct DeadLetters: Decodable {
        struct Letter: Decodable {
            let id: String
            let reason: String
            enum CodingKeys: String, CodingKey { case id = "_id", reason }
        }
        let data: [Letter]
        let total: Int
    }

    private struct Rejections: Decodable {
        struct Rejection: Decodable { let cause: String }
        let data: [Rejection]
        let total: Int
        let causes: [String: Int]
        enum CodingKeys: String, CodingKey { case data, total, causes = "by_cause" }
    }

    @Test func everyFixtureEndsWhereItBelongs() async throws {
        let service = try ServiceUnderTest(
            mongoURI: try sharedMongoURI(),
            settings: ["GETSTREAM_API_KEY": "fixture-key", "GETSTREAM_API_SECRET": "fixture-secret"]
        )
        try await service.start()
        // First what goes wrong: among the others are users who are deleted with all traces, dead letters included.
        let refused = try await deliver(fixtureCases(in: "webhooks/_invalid"), to: service)
        #expect(try await service.storedEvents() == refused.stored)
        try await expect(refused.deadLetters, of: service)
        try await expect(refused.causes, of: service)

        let accepted = try await deliver(fixtureCases(in: "webhooks"), to: service)
        #expect(accepted.stored.count > 80 && accepted.deadLetters.isEmpty && accepted.causes.isEmpty)
        #expect(try await service.storedEvents().sorted() == accepted.stored.sorted())
        try await expect(refused.causes, of: service)
        #expect(try await service.get("/healthz").status == 200)
        #expect(await service.stop() == 0)
        try await service.dropDatabase()
    }

    /// Where the deliveries belong.
    private struct Outcome {
        /// Events, in hex.
        var stored: [String] = []
        /// The reason's kind by event.
        var deadLetters: [String: String] = [:]
        /// Rejections by cause.
        var causes: [String: Int] = [:]
    }

    /// Sends each, expects its status, and waits until the queue is empty.
    private func deliver(_ cases: [FixtureCase], to service: ServiceUnderTest) async throws -> Outcome {
        var outcome = Outcome()
        for delivery in cases {
            let expected = try delivery.expected(Expected.self)
            let answer = try await service.deliver(delivery.wire, headers: delivery.headers)
            #expect(answer.status == expected.status, "\(delivery)")
            let id = Hex.encode(SHA256.digest(delivery.body))
            if let cause = expected.cause {
                outcome.causes[cause, default: 0] += 1
            } else if let reason = expected.deadLetter {
                outcome.deadLetters[id] = reason
            } else {
                outcome.stored.append(id)
            }
        }
        try await service.drained()
        return outcome
    }

    private func expect(_ expected: [String: String], of service: ServiceUnderTest) async throws {
        try #require(expected.count > 10)
        let answer = try await service.get("/api/v1/dead-letters?limit=200")
        let letters = try JSONDecoder().decode(DeadLetters.self, from: Data(answer.body))
        #expect(letters.total == expected.count)
        #expect(Set(letters.data.map(\.id)) == Set(expected.keys))
        for letter in letters.data {
            let kind = try #require(expected[letter.id])
            #expect(letter.reason.hasPrefix("\(kind): "), "\(letter.reason)")
        }
    }

    private func expect(_ expected: [String: Int], of service: ServiceUnderTest) async throws {
        try #require(expected.count > 5)
        let answer = try await service.get("/api/v1/rejections")
        let rejections = try JSONDecoder().decode(Rejections.self, from: Data(answer.body))
        #expect(rejections.causes.filter { $0.value > 0 } == expected)
        #expect(rejections.total == expected.values.reduce(0, +))
        #expect(Dictionary(grouping: rejections.data, by: \.cause).mapValues(\.count) == expected)
    }
}
