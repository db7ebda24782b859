import Foundation
import HTTPClient
import JSON
import TestSupport
import Testing

@testable import backchannel

/// Reading back, against the local provider: what its webhooks did not bring is found, counted and stored once.
struct BackfillTests {
    @Test(.timeLimit(.minutes(2))) func droppedWebhooksAreCountedAndHealed() async throws {
        try await ProviderAndService.run { stage in
            try await stage.hook()
            try await stage.people()
            try await stage.send((1...10).map { "m\($0)" })
            try await stage.settled()
            try await stage.provider.control("PUT", "/faults", #"{"drop_webhooks":7}"#)
            try await stage.send((11...17).map { "m\($0)" }, by: "bob")
            try await stage.send((18...20).map { "m\($0)" })
            try await stage.settled()
            let before = try await stage.service.storedEvents()

            let checked = try await stage.backfill("--check", exitCode: .differences)
            #expect(checked["messages"]?.int64 == 20 && checked["missing"]?.int64 == 7)
            #expect(checked["loss_rate"]?.double == 0.35)
            // The two that the channel was made with: no webhook tells of them.
            #expect(checked["changed"]?.int64 == 2)
            #expect(try await stage.service.storedEvents().count == before.count)

            let healed = try await stage.backfill("--per-channel")
            #expect(healed["missing"]?.int64 == 7 && healed["outdated"]?.int64 == 0 && healed["changed"]?.int64 == 2)
            #expect(try await stage.service.storedEvents().count == before.count + 9)
            #expect(try await stage.messageCount(of: "bob") == 7)
            #expect(try await stage.messageCount(of: "ada") == 13)
            try await stage.expectConsistent()

            let again = try await stage.backfill()
            #expect(again["messages"]?.int64 == 20 && again["missing"]?.int64 == 0 && again["loss_rate"]?.double == 0)
            #expect(try await stage.service.storedEvents().count == before.count + 9)
            let effects = try JSONParser().parse(try await stage.service.get("/api/v1/effects").body)
            #expect(effects["data"]?.array.contains { _ in true } == false)
        }
    }

    @Test(.timeLimit(.minutes(2))) func missedEditsDeletionsAndPeopleAreHealedToo() async throws {
        try await ProviderAndService.run { stage in
            try await stage.hook()
            try await stage.people()
            try await stage.send(["m1", "m2", "m3"])
            try await stage.settled()
            try await stage.call("PATCH", "/app", #"{"event_hooks":[]}"#)
            try await stage.call("PUT", "/messages/m1", #"{"set":{"text":"edited"},"user":{"id":"ada"}}"#)
            try await stage.call("DELETE", "/messages/m2")
            try await stage.call("POST", "/users", #"{"users":{"cleo":{"id":"cleo","name":"Cleo"}}}"#)
            try await stage.call("POST", "/channels/messaging/room", #"{"add_members":["cleo"]}"#)
            let healed = try await stage.backfill("--channel", "messaging:room")
            #expect(healed["missing"]?.int64 == 0 && healed["outdated"]?.int64 == 2)
            func json(_ path: String) async throws -> JSONValue {
                try JSONParser().parse(try await stage.service.get(path).body)
            }
            #expect(try await json("/api/v1/messages/m1")["text"]?.string == "edited")
            #expect(try await json("/api/v1/messages/m2")["deletedAt"]?.string != nil)
            #expect(try await json("/api/v1/users/cleo")["name"]?.string == "Cleo")
            try await stage.expectConsistent()
            let again = try await stage.backfill("--channel", "messaging:room", "--check")
            #expect(again["outdated"]?.int64 == 0 && again["changed"]?.int64 == 0)
            let nowhere = await stage.runner.run("backfill", "--since", "1h", "--channel", "messaging:nowhere")
            #expect(nowhere.exitCode == .failed && nowhere.complaints.contains("no channel messaging:nowhere"))
        }
    }

    /// More messages than a page, more channels than a page, and a process that is killed among them.
    @Test(.timeLimit(.minutes(3))) func aKilledOneGoesOnAndCountsExactly() async throws {
        try await ProviderAndService.run { stage in
            try await stage.people()
            try await stage.send((1...320).map { "m\($0)" })
            for number in 1...40 {
                try await stage.channel("c\(number)")
                try await stage.send(["c\(number)-1", "c\(number)-2"], to: "c\(number)")
            }
            let arguments = ["backfill", "--since", "1h", "--per-channel"]
            let killed = try await ChildProcess(
                ServiceUnderTest.executable,
                arguments,
                environment: stage.runner.environment
            )
            try await killed.line(containing: "messaging:c5:")
            killed.send(SIGKILL)
            await killed.wait()
            let stored = try await stage.service.storedEvents().count
            #expect(stored > 325)

            let result = await stage.runner.run(arguments)
            #expect(result.exitCode == .ok, "\(result.complaints)")
            #expect(result.output.contains("goes on with an interrupted back-fill"), "\(result.output)")
            #expect(!result.output.contains("messaging:c4:"))
            #expect(result.output.contains("read 41 channels, 82 members, 400 messages"), "\(result.output)")
            #expect(result.output.contains("messages: 400 had been missing"), "\(result.output)")
            #expect(try await stage.messageCount(of: "ada") == 400)
            try await stage.expectConsistent()
            let again = try await stage.backfill()
            #expect(again["resumed"]?.bool == false && again["missing"]?.int64 == 0)
        }
    }

    @Test(.timeLimit(.minutes(2))) func aRateLimitIsKept() async throws {
        let options = ["--limit", "GetOrCreateChannel=300"]
        try await ProviderAndService.run(options: options) { stage in
            try await stage.people()
            try await stage.send(["m1"])
            let outcome = try await stage.backfill()
            #expect(outcome["missing"]?.int64 == 1)
        }
    }

    @Test(.timeLimit(.minutes(2))) func aServiceThatWasDownReadsBackByItself() async throws {
        let settings = ["BACKFILL_AFTER_GAP_SECONDS": "3"]
        try await ProviderAndService.run(settings: settings) { stage in
            try await stage.hook()
            try await stage.people()
            try await stage.send(["m1", "m2"])
            try await stage.settled()
            await stage.service.stop()
            try await stage.send(["m3", "m4", "m5"])
            try await stage.provider.webhooksSettled()
            try await stage.service.start()
            let start = ContinuousClock.now
            while try await stage.service.metric(#"backchannel_backfill_messages_total{result="missing"}"#) != 3 {
                try #require(start.duration(to: .now) < .seconds(60), "\(stage.service.errorOutput)")
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(try await stage.messageCount(of: "ada") == 5)
            try await stage.expectConsistent()
        }
    }

    @Test func whatCannotBeMeantIsRefused() async throws {
        var runner = CommandRunner()
        runner.environment = ["GETSTREAM_API_KEY": "key", "GETSTREAM_API_SECRET": "secret"]
        #expect(await runner.run("backfill").complaints.contains("needs --since"))
        #expect(await runner.run("backfill", "--since", "yesterday").exitCode == .usage)
        #expect(await runner.run("backfill", "--since", "1h", "--until", "2h").complaints.contains("not before"))
        runner.environment = [:]
        let unset = await runner.run("backfill", "--since", "1h")
        #expect(unset.exitCode == .configuration && unset.complaints.contains("GETSTREAM_API_SECRET"))
    }
}
