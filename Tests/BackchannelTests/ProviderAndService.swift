import Foundation
import HTTPClient
import JSON
import TestSupport
import Testing

@testable import backchannel

/// A local provider and a service of ours with its key and secret, both running.
struct ProviderAndService {
    let provider: LocalProviderProcess
    let service: ServiceUnderTest
    var runner = CommandRunner()

    /// - Parameter settings: further ones of the service.
    static func run(
        options: [String] = ["--no-limits"],
        settings: [String: String] = [:],
        _ body: (ProviderAndService) async throws -> Void
    ) async throws {
        let provider = try LocalProviderProcess(options: options)
        try await provider.start()
        let own = [
            "GETSTREAM_API_KEY": LocalProviderProcess.apiKey, "GETSTREAM_API_SECRET": LocalProviderProcess.secret,
            "GETSTREAM_BASE_URL": provider.url, "BACKFILL_SETTLE_SECONDS": "0",
        ]
        let service = try ServiceUnderTest(mongoURI: sharedMongoURI(), settings: own.merging(settings) { $1 })
        try await service.start()
        try await service.reports(mongoDB: "up")
        let result: Result<Void, any Error>
        do {
            try await body(ProviderAndService(provider: provider, service: service))
            result = .success(())
        } catch { result = .failure(error) }
        await service.stop()
        await provider.stop()
        try await service.dropDatabase()
        try result.get()
    }

    private init(provider: LocalProviderProcess, service: ServiceUnderTest) {
        (self.provider, self.service) = (provider, service)
        runner.environment = service.environment.filter { !$0.key.hasPrefix("BACKCHANNEL_") }
    }

    // MARK: At the provider

    /// Two users and a channel of theirs.
    func people(in channel: String = "room") async throws {
        try await call("POST", "/users", #"{"users":{"ada":{"id":"ada","name":"Ada"},"bob":{"id":"bob"}}}"#)
        try await self.channel(channel)
    }

    func channel(_ id: String) async throws {
        let data = #"{"data":{"created_by_id":"ada","members":["ada","bob"],"listing_id":"L1"}}"#
        try await call("POST", "/channels/messaging/\(id)/query", data)
    }

    func send(_ ids: some Sequence<String>, to channel: String = "room", by user: String = "ada") async throws {
        for id in ids {
            let message = #"{"message":{"id":"\#(id)","text":"hello <b>","user_id":"\#(user)"}}"#
            try await call("POST", "/channels/messaging/\(channel)/message", message)
        }
    }

    func call(_ method: String, _ path: String, _ body: String = "") async throws {
        let answer = try await provider.call(method, path, body)
        try #require((200..<300).contains(answer.status), "\(method) \(path): \(answer.status)")
    }

    /// Every event goes to the service.
    func hook() async throws {
        let hook = #"{"hook_type":"webhook","enabled":true,"webhook_url":"\#(service.url)/api/v1/webhooks/getstream"}"#
        try await call("PATCH", "/app", #"{"event_hooks":[\#(hook)]}"#)
    }

    /// Everything that the provider has to tell is told, and stored.
    func settled() async throws {
        try await provider.webhooksSettled()
        try await service.drained()
    }

    // MARK: Our commands

    /// The summary of `backfill --json`.
    func backfill(_ options: String..., exitCode: ExitCode = .ok) async throws -> JSONValue {
        let result = await runner.run(["backfill", "--since", "1h", "--json"] + options)
        try #require(result.exitCode == exitCode, "\(result.output) \(result.complaints)")
        return try JSONParser().parse(Array((result.output.split(separator: "\n").last ?? "").utf8))
    }

    func expectConsistent() async throws {
        let verified = await runner.run("verify")
        #expect(verified.exitCode == .ok, "\(verified.output) \(verified.complaints)")
    }

    func messageCount(of user: String) async throws -> Int64? {
        try JSONParser().parse(try await service.get("/api/v1/users/\(user)").body)["total_messages_sent"]?.int64
    }
}
