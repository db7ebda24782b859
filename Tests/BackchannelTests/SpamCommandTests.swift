import Foundation
import JSON
import TestSupport
import Testing

@testable import backchannel

/// `spam train`, `eval` and `score` on labelled text of the tests' own, and on a real collection where one is named.
struct SpamCommandTests {
    private static let labelled = fixturesRoot.appending(path: "spam/labelled.txt").path
    private static let script = repositoryRoot.appending(path: "Tests/BackchannelTests/spam_metrics.py").path

    private let runner = CommandRunner()
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func aModelIsMadeAndAsked() async throws {
        let model = folder.path("spam.model")
        let trained = await runner.run("spam", "train", Self.labelled, Self.labelled, "--out", model)
        #expect(trained.exitCode == .ok, "\(trained.complaints)")
        #expect(trained.output.contains("learned from 120 spam and 360 others"))
        let scored = await runner.run(
            "spam",
            "score",
            "--model",
            model,
            "--json",
            "--text",
            "WINNER! Claim your FREE bonus, call 09061234567 now"
        )
        let json = try JSONParser().parse(Array(scored.output.utf8))
        #expect(json["advice"]?.string == "block" && (json["probability"]?.double ?? 0) > 0.9)
        #expect(json["reasons"]?.array.contains { $0["words"]?.string?.contains("“") == true } == true)
        let other = await runner.run(
            "spam",
            "score",
            "--model",
            model,
            "--text",
            "Привет, могу заехать завтра вечером за велосипедом"
        )
        #expect(other.output.contains("in another language than the model knows"))
    }

    @Test func badLinesAreToldAndNothingIsMade() async throws {
        let (bad, model) = (folder.path("bad.txt"), folder.path("spam.model"))
        try Data("ham\tfine\nnothing\n".utf8).write(to: URL(filePath: bad))
        let result = await runner.run("spam", "train", bad, "--out", model)
        #expect(result.exitCode == .configuration)
        #expect(result.complaints.contains("\(bad): line 2: no tab"))
        #expect(!FileManager.default.fileExists(atPath: model))
    }

    @Test func aDamagedModelIsRefused() async throws {
        let model = folder.path("spam.model")
        let trained = await runner.run("spam", "train", Self.labelled, "--out", model)
        #expect(trained.exitCode == .ok)
        var bytes = try Data(contentsOf: URL(filePath: model))
        bytes[1_000] ^= 1
        try bytes.write(to: URL(filePath: model))
        let result = await runner.run("spam", "score", "--model", model, "--text", "hello")
        #expect(result.exitCode == .configuration)
        #expect(result.complaints.contains("its checksum is another; copy the file again"))
    }

    @Test func whatScoringAndLearningTakeIsMeasured() async throws {
        let measured = await runner.run("spam", "bench", Self.labelled, "--rounds", "2", "--json")
        #expect(measured.exitCode == .ok, "\(measured.complaints)")
        let json = try JSONParser().parse(Array(measured.output.utf8))
        #expect(json["texts"]?.int64 == 240)
        #expect((json["learn_ms"]?.double ?? 0) > 0 && (json["mean_us"]?.double ?? 0) > 0)
        let model = folder.path("spam.model")
        _ = await runner.run("spam", "train", Self.labelled, "--out", model)
        // The model that was measured is the one that the service would make.
        #expect(json["model_bytes"]?.int64 == Int64(try Data(contentsOf: URL(filePath: model)).count))
        let nothing = await runner.run("spam", "bench", folder.path("none.txt"))
        #expect(nothing.exitCode == .configuration && nothing.complaints.contains("none.txt"))
    }

    /// A script of its own computes from the raw scores what the command prints.
    @Test func theFiguresFollowFromTheScores() async throws {
        try await checkFigures(of: Self.labelled, trainRows: 120)
    }

    @Test(.enabled(if: collection != nil, "SPAM_COLLECTION names the SMS Spam Collection"))
    func theCollectionReachesItsGoals() async throws {
        let figures = try await checkFigures(of: try #require(Self.collection), trainRows: 1_674)
        let test = try #require(figures["test"])
        #expect(figures.number("test", "matthews") >= 0.960)
        #expect(figures.number("test", "caught_at_most_2_per_mille") >= 0.945)
        #expect(figures.number("test", "calibration_error") <= 0.01)
        #expect((test["blocked_at_0.9"]?.double ?? 1) == 0 && (test["caught_at_0.9"]?.double ?? 0) >= 0.88)
        #expect(figures.number("online:all", "matthews") >= 0.960)
        #expect(figures.number("online:fifth", "matthews") >= 0.955)
        #expect(figures.number("evasion", "mean_caught") >= 0.95)
    }

    private static let collection = ProcessInfo.processInfo.environment["SPAM_COLLECTION"]
        .flatMap { $0.isEmpty ? nil : $0 }

    @discardableResult
    private func checkFigures(of file: String, trainRows: Int) async throws -> JSONValue {
        let scores = folder.path("scores.jsonl")
        let result = await runner.run("spam", "eval", file, "--train-rows", "\(trainRows)", "--scores", scores)
        #expect(result.exitCode == .ok, "\(result.complaints)")
        let process = try await ChildProcess("/usr/bin/env", ["python3", Self.script, scores])
        var output = ""
        for await line in process.lines { output += line }
        let code = await process.wait()
        let complaints = await process.wholeErrorOutput()
        #expect(code == 0, "\(complaints)")
        let figures = try JSONParser().parse(Array(output.utf8))
        for (part, line) in [
            ("test", "MCC at 0.5"), ("cross-validation", "cross-validation"), ("online:all", "online:all"),
        ] {
            let printed = try #require(result.output.split(separator: "\n").first { $0.contains(line) })
            let value = SpamNumbers.number(figures.number(part, "matthews"), 3)
            #expect(printed.contains(value), "\(part): \(printed), computed \(value)")
        }
        #expect(
            result.output.contains(
                "calibration error      \(SpamNumbers.number(figures.number("test", "calibration_error"), 4))"
            )
        )
        #expect(
            result.output.contains(
                "average precision      \(SpamNumbers.number(figures.number("test", "average_precision"), 3))"
            )
        )
        #expect(
            result.output.contains(
                "mean                                            \(SpamNumbers.percent(figures.number("evasion", "mean_caught")))"
            )
        )
        return figures
    }
}

extension JSONValue {
    fileprivate func number(_ part: String, _ name: String) -> Double { self[part]?[name]?.double ?? .nan }
}
