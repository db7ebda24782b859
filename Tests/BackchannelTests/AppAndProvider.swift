import Foundation
import HTTPClient
import JSON
import TestSupport
import Testing

/// The service between an app, which calls it, and the local provider.
struct Both {
    static let appSecret = "the-secret-of-the-app-itself"

    let service: ServiceUnderTest
    private let client = HTTPClient()

    var url: String { service.url }

    func call(
        _ method: String,
        _ path: String,
        _ body: String = "",
        key: String? = ServiceUnderTest.adminKey
    ) async throws -> HTTPClientResponse {
        let headers = key.map { [(name: "Authorization", value: "Bearer \($0)")] } ?? []
        return try await client.send(
            HTTPClientRequest(method: method, url: service.url + path, headers: headers, body: Array(body.utf8))
        )
    }

    func json(_ path: String) async throws -> JSONValue {
        let answer = try await call("GET", path)
        guard answer.status == 200 else { throw TestFailure("\(path): \(answer.status)") }
        return try JSONParser().parse(answer.body)
    }

    func sync(_ body: String) async throws -> JSONValue {
        let answer = try await call("POST", "/api/chat/sync-user", body)
        guard answer.status == 200 else {
            throw TestFailure("\(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
        }
        return try JSONParser().parse(answer.body)
    }

    func user(_ id: String) async throws -> JSONValue { try await json("/api/v1/users/\(id)") }

    func drained() async throws { try await service.drained() }

    func metric(_ name: String) async throws -> Double? { try await service.metric(name) }

    func effects(_ query: String) async throws -> [String] {
        try await json("/api/v1/effects?\(query)")["data"]?.array.compactMap { $0["_id"]?.string } ?? []
    }

    /// Returns when so many effects of all destinations are in a state.
    func depth(_ state: String, is count: Int64) async throws {
        try await eventually("not \(count) \(state)") {
            let list = try await json("/api/v1/destinations")["data"]
            return list?.array.reduce(0) { $0 + ($1[state]?.int64 ?? 0) } == count
        }
    }

    /// Returns when no effect is left to be performed.
    func performed(dead: Int64 = 0) async throws {
        for state in ["scheduled", "waiting", "running"] { try await depth(state, is: 0) }
        try await depth("dead", is: dead)
    }

    /// Returns when everything that one side caused has come to the other, and back.
    func settled(_ provider: LocalProviderProcess) async throws {
        for _ in 0..<2 {
            try await performed()
            try await provider.webhooksSettled()
            try await service.drained()
        }
        try await performed()
    }

    func output(_ words: String...) async throws -> (code: Int32, text: String) {
        let child = try await service.command(words)
        var lines: [String] = []
        for await line in child.lines { lines.append(line) }
        _ = await child.wholeErrorOutput()
        return (await child.wait(), lines.joined(separator: "\n"))
    }
}

extension LocalProviderProcess {
    /// Has it send its events to the service.
    func hook(to url: String) async throws {
        let hook = #"{"hook_type":"webhook","webhook_url":"\#(url)/api/v1/webhooks/getstream","enabled":true}"#
        #expect(try await call("PATCH", "/app", #"{"event_hooks":[\#(hook)]}"#).status == 200)
    }

    func user(_ id: String) async throws -> JSONValue? {
        let query = #"{"filter_conditions":{"id":"\#(id)"},"include_deactivated_users":true}"#
        let escaped = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let answer = try await call("GET", "/users?payload=\(escaped)")
        return try JSONParser().parse(answer.body)["users"]?.array.first { $0["id"]?.string == id }
    }
}

func withBoth(
    _ settings: [String: String] = [:],
    _ body: (Both, LocalProviderProcess) async throws -> Void
) async throws {
    let provider = try LocalProviderProcess()
    try await provider.start()
    let connection = [
        "GETSTREAM_API_KEY": LocalProviderProcess.apiKey, "GETSTREAM_API_SECRET": LocalProviderProcess.secret,
        "GETSTREAM_BASE_URL": provider.url, "EFFECTS": "on",
    ]
    let service = try ServiceUnderTest(
        mongoURI: try sharedMongoURI(),
        settings: connection.merging(settings) { _, set in set }
    )
    let result: Result<Void, any Error>
    do {
        try await service.start()
        try await service.reports(mongoDB: "up", within: .seconds(180))
        result = .success(try await body(Both(service: service), provider))
    } catch {
        result = .failure(error)
    }
    #expect(await service.stop() == 0, "\(service.errorOutput.suffix(2_000))")
    await provider.stop()
    try await service.dropDatabase()
    try result.get()
}
