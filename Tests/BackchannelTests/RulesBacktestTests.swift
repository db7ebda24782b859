import Chat
import Decisions
import Foundation
import History
import JSON
import Limits
import MongoDB
import TestSupport
import Testing

@testable import backchannel

/// `rules backtest` over a history that was received out of order, against the same counted the plain way.
struct RulesBacktestTests {
    private struct Message {
        var id: String
        var text: String
        var user: String
        var cid: String
        var second: Int
    }

    /// 300 messages of six people in three channels; one of them writes a lot for a while.
    private static let messages = (0..<300).map { number in
        Message(
            id: "m-\(number)",
            text: number % 23 == 0
                ? "Buy now, friend \(number)" : number % 31 == 0 ? "cl1ck here" : "hello, number \(number)",
            user: (100..<140).contains(number) ? "u-0" : "u-\(number % 6)",
            cid: "messaging:c-\(number % 3)",
            second: number * 7
        )
    }
    private static let removed = messages.enumerated().filter { $0.offset % 46 == 0 || $0.offset % 70 == 3 }.map(
        \.element
    )
    private static let flagged = messages.enumerated().filter { $0.offset % 62 == 31 }.map(\.element)
    private static let banSecond = 140 * 7

    /// Expected, the plain way.
    private struct Naive {
        var keywords: Set<String>
        var flood: Set<String>
        var caught: Set<String> { keywords.union(flood) }

        init(keywords terms: [String], floodAbove most: Int) {
            keywords = Set(
                messages.filter { message in
                    terms.contains { message.text.lowercased().replacing("1", with: "i").contains($0) }
                }.map(\.id)
            )
            flood = Set(
                messages.filter { message in
                    messages.count {
                        $0.user == message.user && $0.second <= message.second && $0.second > message.second - 60
                    } > most
                }.map(\.id)
            )
        }
    }

    @Test func countsAreThoseOfThePlainWay() async throws {
        let service = try ServiceUnderTest(mongoURI: try sharedMongoURI(), settings: ["EFFECTS": "record"])
        try await service.whileRunning {
            try await send(Self.events, to: service)
            try await backtest(service)
            try await inSmallPages(service)
        }
    }

    /// Blocks of 25 come in the wrong order, and each tenth message is told of by a second body.
    private static var events: [String] {
        var bodies: [String] = []
        for start in stride(from: 0, to: messages.count, by: 25) {
            for message in messages[start..<min(start + 25, messages.count)].reversed() {
                bodies.append(
                    ChatStory.message(message.id, message.text, by: message.user, in: message.cid, at: message.second)
                )
                guard message.second % 70 == 0, let last = bodies.last else { continue }
                bodies.append(last.replacing("{\"type\"", with: "{ \"type\""))
            }
        }
        for (number, message) in removed.enumerated() {
            let isOwn = number % 5 == 4
            bodies.append(
                ChatStory.removal(
                    of: message.id,
                    message.text,
                    from: message.user,
                    in: message.cid,
                    made: message.second,
                    by: isOwn ? message.user : "mod",
                    at: message.second + 600
                )
            )
        }
        for message in flagged {
            bodies.append(
                ChatStory.flag(
                    of: message.id,
                    message.text,
                    from: message.user,
                    in: message.cid,
                    made: message.second,
                    by: "mod",
                    at: message.second + 500
                )
            )
        }
        return bodies + [ChatStory.ban(of: "u-0", by: "mod", at: banSecond)]
    }

    private static var moderated: Set<String> {
        let byPeople = removed.enumerated().filter { $0.offset % 5 != 4 }.map(\.element.id)
        let reach = banSecond - 3_600...banSecond
        let banned = messages.filter { $0.user == "u-0" && reach.contains($0.second) }.map(\.id)
        return Set(byPeople + flagged.map(\.id) + banned)
    }

    private func send(_ events: [String], to service: ServiceUnderTest) async throws {
        let file = service.folder.path("events.jsonl")
        try (events.joined(separator: "\n") + "\n").write(toFile: file, atomically: true, encoding: .utf8)
        let sent = try await service.replay([file, "--connections", "1"])
        try #require(await sent.wait() == 0, "\(sent.errorOutput)")
        try await service.drained()
    }

    private func backtest(_ service: ServiceUnderTest) async throws {
        var runner = CommandRunner()
        runner.environment = ["MONGODB_URI": try sharedMongoURI(), "MONGODB_DATABASE": service.database]
        let csv = service.folder.path("rules.csv")
        let words = [
            "rules", "backtest", "--from", ChatStory.time(0), "--to", ChatStory.time(4_000),
            "--rules", RulesCommandTests.folder("sound"), "--compare", RulesCommandTests.folder("narrow"),
        ]
        let result = await runner.run(words + ["--json", "--csv", csv, "--examples", "3"])
        try #require(result.exitCode == .ok, "\(result.complaints)")
        let report = try JSONParser().parse(Array(result.output.utf8))
        let tried = Naive(keywords: ["buy now", "click here"], floodAbove: 3)
        let compared = Naive(keywords: ["buy now"], floodAbove: 5)
        #expect(report["messages"]?.int64 == 300 && report["bodies_gone"]?.int64 == 0)
        #expect(Self.count(report["tried"], "keywords", "fired") == tried.keywords.count)
        #expect(Self.count(report["tried"], "keywords-delete", "fired") == tried.keywords.count)
        #expect(Self.count(report["tried"], "flood", "fired") == tried.flood.count)
        #expect(Self.count(report["tried"], "flood", "moderated") == tried.flood.intersection(Self.moderated).count)
        #expect(Self.count(report["tried"], "sold-listing", "fired") == 0)
        #expect(Self.count(report["compared"], "flood", "fired") == compared.flood.count)
        #expect(report["newly_caught"]?.int64 == Int64(tried.caught.subtracting(compared.caught).count))
        #expect(report["no_longer_caught"]?.int64 == Int64(compared.caught.subtracting(tried.caught).count))
        #expect(report["tried"]?["verdicts"]?["hold"]?.int64 == Int64(tried.keywords.count))
        #expect(report["tried"]?["shadow_verdicts"]?["block"]?.int64 == Int64(tried.keywords.count))
        #expect(report["tried"]?["verdicts"]?["allow"]?.int64 == Int64(300 - tried.keywords.count))

        #expect(report["moderated"]?.int64 == Int64(Self.moderated.count))
        let right = Int64(tried.caught.intersection(Self.moderated).count)
        let (precision, recall) = (report["tried"]?["precision"], report["tried"]?["recall"])
        #expect(precision?["count"]?.int64 == right && precision?["of"]?.int64 == Int64(tried.caught.count))
        #expect(recall?["count"]?.int64 == right && recall?["of"]?.int64 == Int64(Self.moderated.count))
        let reviews = report["tried"]?["reviews_by_day"]?.object.reduce(into: 0) { $0 += $1.value.int64 ?? 0 }
        #expect(reviews == Int64(tried.caught.count))
        let examples = report["examples"]?.array.map { $0 } ?? []
        #expect(examples.count == 3 && examples.allSatisfy { $0["kind"]?.string == "newly caught" })
        for example in examples {
            let id = example["message_id"]?.string ?? ""
            #expect(tried.caught.subtracting(compared.caught).contains(id))
            #expect(example["text"]?.string == Self.messages.first { $0.id == id }?.text)
        }
        let lines = try String(contentsOfFile: csv, encoding: .utf8).split(separator: "\r\n")
        #expect(lines.first?.hasPrefix("set,rule,mode,fired,") == true)
        #expect(lines.contains { $0.hasPrefix("tried,flood,enforce,\(tried.flood.count),") })

        let text = await runner.run(words)
        let new = tried.caught.subtracting(compared.caught).count
        #expect(text.output.contains("newly caught: \(new), no longer caught: 0"))
        #expect(text.output.contains("note: facts (users, listings and the like) are those of today, not of then"))
        #expect(await runner.run(words + ["--csv", csv]).exitCode == .failed)
    }

    /// Late events come in other pages than those that they change; windows are forgotten, and read from the history.
    private func inSmallPages(_ service: ServiceUnderTest) async throws {
        let environment = ["MONGODB_URI": try sharedMongoURI(), "MONGODB_DATABASE": service.database]
        let configuration = try Configuration(from: ConfigurationSource(environment: environment), for: .asking)
        let location = try HistoryLocation(configuration)
        let store = try await blocking { try location.attach() }
        let engine = try CheckedRules(RulesCommandTests.folder("sound"), configuration).usable()
        let naive = Naive(keywords: ["buy now", "click here"], floodAbove: 3)
        for windows in [1_000, 4] {
            var limits = configuration.limits.rules
            (limits.backtestPage, limits.backtestWindows) = (20, windows)
            let backtest = Backtest(
                store,
                facts: nil,
                provider: configuration.streamProvider,
                limits: limits,
                observers: 2
            )
            let start = try #require(Timestamp(rfc3339: ChatStory.time(0)))
            let end = try #require(Timestamp(rfc3339: ChatStory.time(4_000)))
            let report = try await backtest.run(Backtest.Order(from: start, until: end, trying: engine))
            let flood = report.tried.rules.first { $0.id == "flood" }
            #expect(flood?.fired == naive.flood.count, "\(windows) windows")
            #expect(flood?.moderated == naive.flood.intersection(Self.moderated).count)
            #expect(report.tried.measure.caughtModerated == naive.caught.intersection(Self.moderated).count)
            #expect(report.messages == 300)
            // A window that was forgotten is read with all that is stored: then nothing comes late.
            #expect(report.judgedAgain > 0 || windows == 4)
            let middle = Timestamp(milliseconds: start.milliseconds + 700_000)
            let part = Backtest.Order(from: middle, until: end, trying: engine)
            let later = try await backtest.run(part)
            let wanted = Self.messages.filter { $0.second >= 700 }.map(\.id)
            #expect(later.tried.rules.first { $0.id == "flood" }?.fired == naive.flood.intersection(wanted).count)
            #expect(later.messages == wanted.count)
        }
    }

    private static func count(_ side: JSONValue?, _ rule: String, _ field: String) -> Int? {
        side?["rules"]?.array.map { $0 }.first { $0["rule"]?.string == rule }?[field]?.int64.map(Int.init)
    }
}
