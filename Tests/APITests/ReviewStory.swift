import Chat
import HTTPClient
import History
import MongoDB
import Provider
import TestSupport

/// What tests of the review queue have in common.
enum ReviewStory {
    static let queue = "/api/v1/review-queue"

    static func path(_ id: String, _ verb: String? = nil) -> String {
        "\(queue)/\(id.replacing(":", with: "%3A"))" + (verb.map { "/\($0)" } ?? "")
    }

    /// With a provider that calls are checked for and that is never called.
    static func setup() -> TestService.Setup {
        let nowhere = StreamCredentials(apiKey: "key", secret: "secret", baseURL: "http://127.0.0.1:1")
        let client = StreamClient(credentials: nowhere, http: HTTPClient(), now: { Timestamp(milliseconds: 0) })
        return TestService.Setup(provider: client)
    }

    /// Three messages of ada and one of ben in one channel.
    static func story(_ service: TestService) async throws {
        try await service.store([
            Story.message("m1", "hello there", at: "2026-05-20T10:00:00.000Z"),
            Story.message("m2", "buy now at +47 912 34 567", at: "2026-05-20T10:01:00.000Z"),
            Story.message("m3", "nothing special", by: "ben", at: "2026-05-20T10:02:00.000Z"),
            Story.message("m4", "last", at: "2026-05-20T10:03:00.000Z"),
        ])
    }

    static func report(
        _ service: TestService,
        _ subject: String,
        by reporter: String,
        more: String = ""
    ) async throws -> Answer {
        let parts = subject.split(separator: ":", maxSplits: 1)
        let body = #"{"\#(parts[0])":"\#(parts[1])","reporter":"\#(reporter)"\#(more)}"#
        return try await service.send("POST", "/api/v1/reports", body: body)
    }

    static func ids(_ page: JSON) -> [String] { (page["data"]?.array ?? []).compactMap { $0["_id"]?.string } }
}

extension Array where Element: Sendable {
    func asyncMap<Result>(_ body: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await body(element)) }
        return results
    }
}

extension TestService {
    /// Calls of the provider that are written down, in their order.
    func effects() async throws -> [BSONDocument] {
        try await documents(.outbox).sorted { ($0.int64("order") ?? 0) < ($1.int64("order") ?? 0) }
    }
}
