import Foundation
import Limits
import Rules
import TestSupport
import Testing

/// `Fixtures/rules/faults/<case>/`: files with mistakes, each of which is reported, at its place, in one go.
struct RuleFaultTests {
    struct Finding: Decodable, Hashable, CustomStringConvertible {
        let file: String
        let line: Int
        let column: Int
        /// What the problem begins with.
        let text: String

        var description: String { "\(file):\(line):\(column): \(text)" }
    }

    struct Expected: Decodable {
        let faults: [Finding]
        let warnings: [Finding]
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let folder: URL
        var testDescription: String { folder.lastPathComponent }
    }

    static let checks = RuleChecks.thorough(notifications: ["rule-fired"], limits: Limits.Rules())

    static var cases: [Case] {
        get throws {
            let root = fixturesRoot.appending(path: "rules/faults")
            let folders = try FileManager.default.contentsOfDirectory(at: root, includingPropertiesForKeys: nil)
            try #require(!folders.isEmpty)
            return folders.map(Case.init).sorted { $0.testDescription < $1.testDescription }
        }
    }

    @Test(arguments: try cases)
    func everyMistakeIsFound(_ example: Case) throws {
        let bytes = try Data(contentsOf: example.folder.appending(path: "expected.json"))
        let expected = try JSONDecoder().decode(Expected.self, from: bytes)
        let files = try RuleFolder.files(at: example.folder.path).filter { $0.name != "expected.json" }
        let read = RuleReader.read(files, checks: Self.checks)
        #expect(read.set == nil)
        Self.compare(read.faults.map { ($0.place, $0.problem) }, with: expected.faults)
        Self.compare(read.warnings.map { ($0.place, $0.problem) }, with: expected.warnings)
    }

    @Test func seededMistakesAreMany() throws {
        let folder = fixturesRoot.appending(path: "rules/faults/many/expected.json")
        let expected = try JSONDecoder().decode(Expected.self, from: Data(contentsOf: folder))
        #expect(expected.faults.count > 30)
    }

    /// A term is only refused where the folding of texts leaves nothing of it.
    @Test(arguments: [
        (" ", true), ("\u{200B}\u{2060}", true), ("\u{3164}", true), ("&#8203;", true), ("!", false), ("💥", false),
        ("ø", false),
        ("купить", false), ("1", false), ("R&D", false),
    ]) func termsOfNothingAreKnown(_ term: String, _ isNothing: Bool) {
        #expect(Self.checks.foldsToNothing(term) == isNothing)
    }

    /// Each finding is expected, and each expected one is found.
    private static func compare(_ found: [(place: RulePlace, problem: String)], with expected: [Finding]) {
        var left = expected
        for (place, problem) in found {
            let index = left.firstIndex {
                $0.file == place.file && $0.line == place.line && $0.column == place.column
                    && problem.hasPrefix($0.text)
            }
            if let index { left.remove(at: index) } else { Issue.record("not expected: \(place): \(problem)") }
        }
        for finding in left { Issue.record("not found: \(finding)") }
    }
}
