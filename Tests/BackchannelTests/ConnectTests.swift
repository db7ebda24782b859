import HTTPClient
import JSON
import TestSupport
import Testing

@testable import backchannel

/// `connect`, against the local provider.
struct ConnectTests {
    private static let other =
        #"{"hook_type":"webhook","webhook_url":"https://other.example/hook","enabled":true,"product":"all","event_types":["message.new"]}"#

    @Test(.timeLimit(.minutes(2))) func itShowsAsksWritesAndVerifies() async throws {
        try await ProviderAndService.run { stage in
            try await stage.people()
            try await stage.call("PATCH", "/app", #"{"event_hooks":[\#(Self.other)]}"#)
            var runner = stage.runner
            let asked = await runner.run("connect", stage.service.url)
            #expect(asked.exitCode == .usage && asked.complaints.contains("--yes"), "\(asked.complaints)")
            #expect(asked.output.contains("+ webhook \(stage.service.url)/api/v1/webhooks/getstream (all events)"))
            #expect(try await Self.hooks(stage) == ["https://other.example/hook"])
            runner.typed = "no"
            #expect(await runner.run("connect", stage.service.url).exitCode == .failed)
            #expect(try await Self.hooks(stage) == ["https://other.example/hook"])

            runner.typed = "yes"
            async let connecting = runner.run("connect", stage.service.url)
            // The first event is caused once the hook is there.
            try await eventually { try await Self.hooks(stage).count == 2 }
            try await stage.send(["m1"])
            let connected = await connecting
            #expect(connected.exitCode == .ok, "\(connected.output) \(connected.complaints)")
            #expect(connected.output.contains("verified") && connected.output.contains("effects: on;"))
            #expect(connected.complaints.contains("through https://other.example/hook"), "\(connected.complaints)")
            let hooks = try await Self.hooks(stage)
            #expect(hooks == ["https://other.example/hook", "\(stage.service.url)/api/v1/webhooks/getstream"])

            let again = await stage.runner.run("connect", stage.service.url)
            #expect(again.exitCode == .ok, "\(again.output) \(again.complaints)")
            #expect(again.output.contains("nothing changes") && again.output.contains("effects: on, as before"))
            #expect(try await Self.hooks(stage) == hooks)
            let fewer = await stage.runner.run(
                "connect",
                stage.service.url,
                "--events",
                "message.new",
                "--yes",
                "--wait",
                "0"
            )
            #expect(fewer.exitCode == .ok && fewer.output.contains("only message.new"), "\(fewer.output)")
        }
    }

    /// Given as it was when it was connected, with or without the path.
    @Test(.timeLimit(.minutes(2))) func anEarlierAddressGoes() async throws {
        try await ProviderAndService.run { stage in
            func replacing(_ earlier: String) async -> CommandRunner.Result {
                let arguments = ["connect", stage.service.url, "--yes", "--wait", "0", "--replacing", earlier]
                return await stage.runner.run(arguments)
            }
            let ours = "\(stage.service.url)/api/v1/webhooks/getstream"
            for earlier in ["https://old.example/api/v1/webhooks/getstream", "https://old.example"] {
                let old = Self.other.replacing("https://other.example/hook", with: earlier)
                try await stage.call("PATCH", "/app", #"{"event_hooks":[\#(old),\#(Self.other)]}"#)
                let replaced = await replacing("https://old.example")
                #expect(replaced.exitCode == .ok && replaced.output.contains("- webhook \(earlier)"))
                #expect(try await Self.hooks(stage) == ["https://other.example/hook", ours])
            }
            let unknown = await replacing("https://old.example")
            #expect(unknown.exitCode == .ok && unknown.complaints.contains("no hook goes to https://old.example"))
            #expect(await replacing("old.example").exitCode == .usage)
        }
    }

    @Test(.timeLimit(.minutes(2))) func whatIsWrongIsSaid() async throws {
        try await ProviderAndService.run { stage in
            var runner = stage.runner
            runner.environment["GETSTREAM_API_SECRET"] = "another-secret"
            let wrong = await runner.run("connect", stage.service.url, "--yes")
            #expect(
                wrong.exitCode == .configuration && wrong.complaints.contains("GETSTREAM_API_SECRET"),
                "\(wrong.complaints)"
            )
            runner.environment["GETSTREAM_BASE_URL"] = "http://127.0.0.1:1"
            #expect(await runner.run("connect", stage.service.url, "--yes").exitCode == .unreachable)
            #expect(await stage.runner.run("connect", "chat.example.com").exitCode == .usage)
            #expect(await stage.runner.run("connect", stage.service.url, "--events", ",").exitCode == .usage)

            let silent = await stage.runner.run("connect", stage.service.url, "--yes", "--wait", "1")
            #expect(silent.exitCode == .failed && silent.complaints.contains("no event arrived within 1 s"))
            await stage.service.stop()
            let stopped = await stage.runner.run("connect", stage.service.url, "--yes")
            #expect(stopped.exitCode == .unreachable && stopped.complaints.contains("backchannel serve"))
        }
    }

    @Test func addressesGetTheirPath() throws {
        let path = "/api/v1/webhooks/getstream"
        #expect(try ConnectCommand.address("https://chat.example.com") == "https://chat.example.com" + path)
        #expect(try ConnectCommand.address("https://chat.example.com/") == "https://chat.example.com" + path)
        #expect(try ConnectCommand.address("https://example.com/own?x=1") == "https://example.com/own?x=1")
        for wrong in ["chat.example.com", "ftp://example.com", "https://user@example.com", "https://", ""] {
            #expect(throws: UsageFault.self) { try ConnectCommand.address(wrong) }
        }
    }

    private static func hooks(_ stage: ProviderAndService) async throws -> [String?] {
        let answer = try JSONParser().parse(try await stage.provider.call("GET", "/app").body)
        return answer["app"]?["event_hooks"]?.array.map { $0["webhook_url"]?.string } ?? []
    }
}
