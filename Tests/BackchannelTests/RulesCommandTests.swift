import Foundation
import HTTPClient
import JSON
import MongoDB
import TestSupport
import Testing

@testable import backchannel

/// `rules check`, `test`, `explain` on real folders of rules.
struct RulesCommandTests {
    static func folder(_ name: String) -> String { fixturesRoot.appending(path: "rules/commands/\(name)").path }

    private let runner = CommandRunner()

    // MARK: check

    @Test func everyFaultHasItsPlace() async throws {
        let result = await runner.run("rules", "check", Self.folder("faulty"))
        #expect(result.exitCode == .configuration)
        let lines = result.output.split(separator: "\n")
        #expect(lines.map { $0.prefix { $0 != " " } }.contains("broken.yaml:4:17:"))
        #expect(lines.contains { $0.hasPrefix("broken.yaml:12:9:") && $0.contains("did you mean \"score\"?") })
        #expect(lines.contains { $0.hasPrefix("more.yaml:4:26:") })
        #expect(lines.last == "3 faults")
    }

    @Test func theLineIsShownWithAMark() async throws {
        let result = await runner.run("rules", "check", Self.folder("faulty"), "--context")
        #expect(result.output.contains("  4 |       - text: { contain_word: free }\n    |                 ^"))
    }

    @Test func aSoundFolderIsCounted() async throws {
        let result = await runner.run("rules", "check", Self.folder("sound"))
        #expect(result.exitCode == .ok)
        #expect(result.output.hasPrefix("4 rules, 1 list, 1 template: no faults\nversion "))
        let asJSON = await runner.run("rules", "check", Self.folder("sound"), "--json")
        let json = try JSONParser().parse(Array(asJSON.output.utf8))
        #expect(json["rules"]?.int64 == 4 && json["faults"]?.array.map { $0 }.isEmpty == true)
        #expect(result.output.hasSuffix(json["version"]?.string ?? "none"))
    }

    @Test func faultsAreGivenAsJSON() async throws {
        let result = await runner.run("rules", "check", Self.folder("faulty"), "--json")
        #expect(result.exitCode == .configuration)
        let faults = try JSONParser().parse(Array(result.output.utf8))["faults"]?.array.map { $0 } ?? []
        #expect(faults.map { $0["line"]?.int64 } == [4, 12, 4])
        #expect(faults.map { $0["column"]?.int64 } == [17, 9, 26])
    }

    @Test func theSchemaIsJSONSchema() async throws {
        let result = await runner.run("rules", "check", "--schema")
        let schema = try JSONParser().parse(Array(result.output.utf8))
        #expect(schema["$schema"]?.string == "https://json-schema.org/draft/2020-12/schema")
        #expect(schema["$defs"]?["rule"] != nil)
    }

    @Test(arguments: ["check", "test"])
    func aFolderThatIsNotThereIsAFault(_ command: String) async throws {
        let result = await runner.run("rules", command, "/nowhere/at/all")
        #expect(result.exitCode == .configuration)
        #expect((result.output + result.complaints).contains("/nowhere/at/all"))
        #expect(await runner.run("rules", command).exitCode == .usage)
    }

    @Test func faultsComeBeforeWarnings() async throws {
        let result = await runner.run("rules", "check", fixturesRoot.appending(path: "rules/faults/unnoticed").path)
        let kinds = result.output.split(separator: "\n").dropLast().map { $0.contains(": warning: ") }
        let first = try #require(kinds.firstIndex(of: true))
        #expect(first > 0 && kinds[first...].allSatisfy { $0 }, "\(result.output)")
    }

    @Test func aFolderWithoutRulesIsNoticed() async throws {
        let folder = try TemporaryFolder()
        let result = await runner.run("rules", "check", folder.path)
        #expect(result.exitCode == .ok)
        let warning = "\(folder.path):1:1: warning: no rule: the folder holds no .yaml file with rules\n"
        #expect(result.output.hasPrefix(warning), "\(result.output)")
        #expect(result.output.contains("0 rules, 0 lists, 0 templates: no faults, 1 warning"))
    }

    @Test func aFileInPlaceOfItsFolderIsNamed() async throws {
        let file = "\(Self.folder("sound"))/market.yaml"
        let result = await runner.run("rules", "check", file)
        #expect(result.exitCode == .configuration)
        #expect(result.output.hasPrefix("\(file):1:1: this is a file; name its folder"), "\(result.output)")
    }

    /// What a file holds must not steer the terminal.
    @Test func controlCharactersAreNotShown() async throws {
        let folder = try TemporaryFolder()
        let text = "rules:\n  - id: \"\u{1B}[2Jx\u{202E}\"\n"
        try text.write(toFile: folder.path("a.yaml"), atomically: true, encoding: .utf8)
        let result = await runner.run("rules", "check", folder.path, "--context")
        #expect(result.exitCode == .configuration)
        #expect(!result.output.unicodeScalars.contains("\u{1B}"), "\(result.output.debugDescription)")
    }

    // MARK: test

    @Test func examplesAreRun() async throws {
        let result = await runner.run("rules", "test", Self.folder("sound"))
        #expect(result.exitCode == .ok, "\(result.output)")
        #expect(result.output.contains("✓ sold-listing     3 of 3"))
        #expect(result.output.contains("without tests: keywords\n"))
        #expect(result.output.hasSuffix("5 tests, all as expected"))
    }

    @Test func whatComesOutOtherwiseIsShown() async throws {
        let result = await runner.run("rules", "test", Self.folder("failing"))
        #expect(result.exitCode == .differences)
        #expect(result.output.hasPrefix("rules.yaml:9:9: free, wrong: expected nothing; it fires (score)\n"))
        #expect(result.output.hasSuffix("✗ free  1 of 2\n2 tests, 1 failed"))
        let json = try JSONParser().parse(
            Array(await runner.run("rules", "test", Self.folder("failing"), "--json").output.utf8)
        )
        #expect(json["tests"]?.int64 == 2 && json["failed"]?.int64 == 1)
        #expect(await runner.run("rules", "test", Self.folder("faulty")).exitCode == .configuration)
    }

    // MARK: explain

    @Test func aTextIsExplainedWithoutAService() async throws {
        let words = ["rules", "explain", "--folder", Self.folder("sound"), "--text", "Buy now! Is this available?"]
        let sold = await runner.run(words + ["--given", "listing.status=sold"])
        #expect(sold.exitCode == .ok, "\(sold.complaints)")
        #expect(sold.output.contains("verdict hold, score 4"))
        #expect(sold.output.contains("with the rules in shadow mode: verdict block"))
        #expect(sold.output.contains("✓ sold-listing (enforce, respond) market.yaml:3:5 → reply"))
        #expect(sold.output.contains("✓ text in_list keywords  [buy now at 0–7]"))
        #expect(sold.output.contains("✓ listing.status is sold  [sold]"))
        let unknown = await runner.run(words)
        #expect(unknown.output.contains("? sold-listing (enforce, respond) market.yaml:3:5: something it needs is"))
        #expect(unknown.output.contains("? listing.status is sold  [missing]"))
        let quiet = await runner.run("rules", "explain", "--folder", Self.folder("sound"), "--text", "hello")
        #expect(quiet.output.hasPrefix("no rule fires\n"))
    }

    @Test func whatDoesNotGoTogetherIsRefused() async throws {
        for words in [
            ["explain"], ["explain", "some-id", "--text", "hi"], ["explain", "some-id", "--event", "message.new"],
            ["explain", "--text", "hi", "--given", "listing.status"],
            ["backtest", "--from", "1d", "--to", "2d", "--rules", Self.folder("sound")],
        ] {
            #expect(await runner.run(["rules"] + words).exitCode == .usage, "\(words)")
        }
    }

    /// A folder is no ID, and without one and a key nobody can be asked.
    @Test func explainTellsHowToNameAFolder() async throws {
        let folder = Self.folder("sound")
        for words in [["--text", "hi", folder], ["--text", "hi"]] {
            let result = await runner.run(["rules", "explain"] + words)
            #expect(result.exitCode != .ok)
            #expect(result.complaints.contains("--folder FOLDER"), "\(result.complaints)")
        }
    }

    /// Stored decisions, and messages that no rule fired on.
    @Test func theServiceExplainsWhatItDecided() async throws {
        let service = try ServiceUnderTest(
            mongoURI: try sharedMongoURI(),
            settings: ["RULES_DIR": Self.folder("sound"), "EFFECTS": "record"]
        )
        try await service.whileRunning {
            try await service.deliver(event: ChatStory.message("m-1", "Buy now, friend", by: "ada", at: 0))
            try await service.deliver(event: ChatStory.message("m-2", "hello", by: "ada", at: 1))
            try await service.drained()
            try await explain(service)
        }
    }

    private func explain(_ service: ServiceUnderTest) async throws {
        var runner = CommandRunner()
        runner.environment = ["PORT": "\(service.port)", "ADMIN_API_KEY": ServiceUnderTest.adminKey]
        // The version that the decision names is kept soon after MongoDB has been reached.
        try await service.eventually {
            let answer = try await service.get("/api/v1/decisions/message.new%2Fm-1%2F0/explain")
            return try JSONParser().parse(answer.body)["rerun"]?["result"]?.string == "same"
        }
        let fired = await runner.run("rules", "explain", "m-1", "--rerun")
        #expect(fired.exitCode == .ok, "\(fired.complaints)")
        #expect(fired.output.hasPrefix("decision message.new/m-1/0\n"))
        #expect(fired.output.contains("✓ text in_list keywords  [buy now at 0–7]"))
        #expect(fired.output.contains("✗ more than 3 messages within 60 s per user"))
        #expect(fired.output.hasSuffix("made again, the same comes out"))
        let byID = await runner.run("rules", "explain", "message.new/m-1/0", "--json")
        #expect(try JSONParser().parse(Array(byID.output.utf8))["decision"]?["_id"]?.string == "message.new/m-1/0")

        let quiet = await runner.run("rules", "explain", "m-2")
        #expect(quiet.exitCode == .ok, "\(quiet.complaints)")
        #expect(quiet.output.hasPrefix("no rule fired when the message came"))
        #expect(quiet.output.contains("✗ more than 3 messages within 60 s per user  [2]"), "\(quiet.output)")

        let text = await runner.run("rules", "explain", "--text", "click here", "--given", "listing.status=sold")
        #expect(text.exitCode == .ok, "\(text.complaints)")
        #expect(text.output.contains("✓ keywords (enforce, detect)"))
        #expect(await runner.run("rules", "explain", "nothing-of-the-kind").exitCode == .failed)
    }
}

/// Events of a chat as the provider sends them, by seconds since a moment.
enum ChatStory {
    static let start = 1_770_000_000

    static func time(_ second: Int) -> String {
        Date(timeIntervalSince1970: Double(start + second)).formatted(.iso8601)
    }

    static func message(_ id: String, _ text: String, by user: String, in cid: String = "messaging:a", at second: Int)
        -> String
    {
        event("message.new", id, text, by: user, in: cid, made: second, at: second)
    }

    static func removal(
        of id: String,
        _ text: String,
        from user: String,
        in cid: String,
        made: Int,
        by: String,
        at: Int
    ) -> String {
        event(
            "message.deleted",
            id,
            text,
            by: user,
            in: cid,
            made: made,
            at: at,
            actor: by,
            more: ",\"deleted_at\":\"\(time(at))\""
        )
    }

    static func flag(of id: String, _ text: String, from user: String, in cid: String, made: Int, by: String, at: Int)
        -> String
    {
        event("message.flagged", id, text, by: user, in: cid, made: made, at: at, actor: by)
    }

    static func ban(of user: String, by: String, at second: Int) -> String {
        """
        {"type":"user.banned","created_at":"\(time(second))","user":{"id":"\(user)"},"created_by":{"id":"\(by)"},\
        "reason":"spam"}
        """
    }

    private static func event(
        _ type: String,
        _ id: String,
        _ text: String,
        by user: String,
        in cid: String,
        made: Int,
        at second: Int,
        actor: String? = nil,
        more: String = ""
    ) -> String {
        """
        {"type":"\(type)","cid":"\(cid)","created_at":"\(time(second))","user":{"id":"\(actor ?? user)"},\
        "message":{"id":"\(id)","text":"\(text)","type":"regular","cid":"\(cid)","created_at":"\(time(made))",\
        "updated_at":"\(time(made))","user":{"id":"\(user)"}\(more)}}
        """
    }
}
