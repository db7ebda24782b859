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
            #expect(try await json("/api/v1/webhooks/getstream/messages/m1")["text"]?.string == "edited")
            #expect(try await json("/api/v1/webhooks/getstream/messages/m2")["deletedAt"]?.string != nil)
            #expect(try await json("/api/v1/users/cleo")["name"]?.string == "Cleo")
            try await stage.expectConsistent()
            let again = try await stage.backfill("--channel", "messaging:room", "--check")
            #expect(again["outdated"]?.int64 == 0 && again["changed"]?.int64 == 0)
            let nowhere = await stage.runner.run("backfill", "--since", "1h", "--channel", "messaging:nowhere")
            #expect(nowhere.exitCode == .failed && nowhere.complaints.contains("no channel messaging:nowhere"))
        }
    }

    @Test(.timeLimit(.minutes(2))) func missedBansAreHealedToo() async throws {
        try await ProviderAndService.run { stage in
            /// Where each of a user's bans holds; `nil` is everywhere.
            func bans(_ user: String) async throws -> [String?] {
                let shown = try JSONParser().parse(try await stage.service.get("/api/v1/users/\(user)").body)
                return try #require(shown["bans"]).array.map { $0["cid"]?.string }
            }
            func ban(_ user: String, _ rest: String = "") async throws {
                let body = #"{"target_user_id":"\#(user)","banned_by_id":"ada","reason":"spam"\#(rest)}"#
                try await stage.call("POST", "/moderation/ban", body)
            }
            try await stage.people()
            try await stage.call("POST", "/users", #"{"users":{"cleo":{"id":"cleo"},"dan":{"id":"dan"}}}"#)
            _ = try await stage.backfill()
            try await ban("bob", #","timeout":600"#)
            try await ban("cleo", #","channel_cid":"messaging:room""#)
            try await stage.hook()
            try await ban("dan")
            try await stage.settled()
            #expect(try await bans("dan") == [nil])

            let healed = try await stage.backfill()
            #expect(healed["bans"]?.int64 == 3)
            #expect(healed["changed"]?.int64 == 2)
            #expect(try await bans("bob") == [nil])
            #expect(try await bans("cleo") == ["messaging:room"])
            #expect(try await bans("dan") == [nil])
            try await stage.expectConsistent()
            let again = try await stage.backfill("--check")
            #expect(again["bans"]?.int64 == 3 && again["changed"]?.int64 == 0)
            let one = try await stage.backfill("--check", "--channel", "messaging:room")
            #expect(one["bans"]?.int64 == 1)

            // Who was let back in stays so, whenever the ban is read.
            try await stage.call("DELETE", "/moderation/ban?target_user_id=bob")
            try await stage.settled()
            #expect(try await stage.backfill()["bans"]?.int64 == 2)
            #expect(try await bans("bob") == [])
            let effects = try JSONParser().parse(try await stage.service.get("/api/v1/effects").body)
            #expect(effects["data"]?.array.contains { _ in true } == false)
            try await stage.expectConsistent()
        }
    }

    @Test(.timeLimit(.minutes(2))) func whoIsErasedStaysErased() async throws {
        try await ProviderAndService.run { stage in
            try await stage.hook()
            try await stage.people()
            try await stage.send(["m1", "m2"])
            try await stage.settled()
            #expect(try await stage.backfill()["changed"]?.int64 == 2)
            #expect(await stage.runner.run("erase", "ada").exitCode == .ok)
            let known = try await stage.backfill("--check")
            #expect(known["missing"]?.int64 == 0 && known["outdated"]?.int64 == 0 && known["changed"]?.int64 == 0)
            try await stage.provider.control("PUT", "/faults", #"{"drop_webhooks":1}"#)
            try await stage.send(["m3"])
            try await stage.settled()
            #expect(try await stage.backfill()["missing"]?.int64 == 1)
            #expect(try await stage.backfill()["missing"]?.int64 == 0)
            let late = try await stage.service.get("/api/v1/webhooks/getstream/messages/m3")
            #expect(late.status == 200 && !String(decoding: late.body, as: UTF8.self).contains("hello"))
            try await stage.expectConsistent()
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
            // It gets as far as the second page of channels, and no further while this goes on.
            try await stage.provider.control(
                "PUT",
                "/faults",
                #"{"rules":[{"fault":"error","status":429,"retry_after":3600,"endpoint":"QueryChannels","after":1,"next":1}]}"#
            )
            let arguments = ["backfill", "--since", "1h", "--per-channel"]
            let killed = try await ChildProcess(
                ServiceUnderTest.executable,
                arguments,
                environment: stage.runner.environment
            )
            try await killed.line(containing: "messaging:c5:")
            killed.send(SIGKILL)
            await killed.wait()
            try await stage.provider.control("PUT", "/faults", "{}")
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

    @Test(.timeLimit(.minutes(2))) func aProviderInTroubleIsAskedAgain() async throws {
        try await ProviderAndService.run { stage in
            try await stage.people()
            try await stage.send(["m1", "m2"])
            let rules = """
                {"rules":[{"fault":"error","status":503,"next":2,"endpoint":"QueryChannels"},
                {"fault":"error","status":429,"retry_after":1,"next":1,"endpoint":"GetOrCreateChannel"},
                {"fault":"malformed","next":1,"endpoint":"GetOrCreateChannel"},
                {"fault":"cut","next":1,"endpoint":"GetOrCreateChannel"}]}
                """
            try await stage.provider.control("PUT", "/faults", rules)
            let outcome = try await stage.backfill()
            #expect(outcome["missing"]?.int64 == 2 && outcome["refused"]?.int64 == 0)
            await stage.provider.stop()
            var runner = stage.runner
            runner.environment["GETSTREAM_API_SECRET"] = "another-secret"
            try await stage.provider.start()
            let wrong = await runner.run("backfill", "--since", "1h")
            #expect(wrong.exitCode == .configuration && wrong.complaints.contains("GETSTREAM_API_SECRET"))
        }
    }

    @Test(.timeLimit(.minutes(2))) func aSecondOneStopsTheFirst() async throws {
        try await ProviderAndService.run { stage in
            try await stage.people()
            for number in 1...20 {
                try await stage.channel("c\(number)")
                try await stage.send(["c\(number)-1"], to: "c\(number)")
            }
            // The first gets as far as here, and no further before the second has asked for something.
            let rules = """
                {"rules":[{"fault":"error","status":429,"retry_after":5,"endpoint":"GetOrCreateChannel","after":8,"next":1000},
                {"fault":"error","status":503,"endpoint":"QueryChannels","after":1,"next":1}]}
                """
            try await stage.provider.control("PUT", "/faults", rules)
            let first = try await ChildProcess(
                ServiceUnderTest.executable,
                ["backfill", "--since", "1h", "--per-channel"],
                environment: stage.runner.environment
            )
            try await first.line(containing: "messaging:c2:")
            async let restarted = stage.backfill("--per-channel", "--restart")
            try await stage.channelsAreRefused()
            try await stage.provider.control("PUT", "/faults", "{}")
            let second = try await restarted
            #expect(await first.wait() == ExitCode.failed.rawValue)
            #expect(await first.wholeErrorOutput().contains("another one was begun"), "\(first.errorOutput)")
            #expect(second["messages"]?.int64 == 20)
            #expect(try await stage.messageCount(of: "ada") == 20)
            try await stage.expectConsistent()
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
            try await eventually(stage.service.errorOutput) {
                try await stage.service.metric(#"backchannel_backfill_messages_total{result="missing"}"#) == 3
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

extension ProviderAndService {
    /// Returns when the fault that waits for a query of channels was met.
    fileprivate func channelsAreRefused() async throws {
        try await eventually("no query of channels met the fault") {
            let faults = try JSONParser().parse(try await provider.control("GET", "/faults").body)
            let rules = try #require(faults["rules"]).array
            return !rules.contains { $0["endpoint"]?.string == "QueryChannels" && $0["next"]?.int64 != 0 }
        }
    }
}
