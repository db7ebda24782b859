import Foundation
import Limits
import Rules
import TestSupport
import Testing

/// Rule files that nobody means well with: faults, never a crash or a hang.
struct HostileRuleTests {
    /// 10,000 files that once were right, or had mistakes already.
    @Test func mutatedFilesGiveFaultsOrASet() async throws {
        var random = SeededRandom()
        let seed = random.seed
        let sources = try Self.sources()
        var cases: [[RuleFile]] = []
        for _ in 0..<10_000 {
            var files = sources.randomElement(using: &random) ?? []
            for _ in 0...Int.random(in: 0...2, using: &random) {
                guard let index = files.indices.randomElement(using: &random) else { continue }
                files[index] = RuleFile(name: files[index].name, bytes: Self.mutated(files[index].bytes, &random))
            }
            cases.append(files)
        }
        await withTaskGroup(of: Void.self) { group in
            for part in 0..<4 {
                group.addTask { [cases] in
                    for index in stride(from: part, to: cases.count, by: 4) {
                        Self.check(cases[index], "TEST_SEED=\(seed), file \(index)")
                    }
                }
            }
        }
    }

    private static func check(_ files: [RuleFile], _ comment: Comment) {
        let read = RuleReader.read(files, checks: RuleFaultTests.checks)
        #expect((read.set == nil) == !read.faults.isEmpty, comment)
        let places = Dictionary(grouping: read.faults.map(\.place) + read.warnings.map(\.place), by: \.file)
        for (file, places) in places {
            let lines = files.first { $0.name == file }.map { lineBreaks($0.bytes) + 1 } ?? 0
            // The end of a file is a place as well: the line after the last.
            #expect(places.allSatisfy { $0.column > 0 && (1...(lines + 1)).contains($0.line) }, comment)
        }
    }

    /// As YAML 1.1 (4.2) counts them: also of carriage returns, and of three characters beyond ASCII.
    private static func lineBreaks(_ bytes: [UInt8]) -> Int {
        var count = 0
        var afterReturn = false
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\n": count += afterReturn ? 0 : 1
            case "\r", "\u{85}", "\u{2028}", "\u{2029}": count += 1
            default: break
            }
            afterReturn = scalar == "\r"
        }
        return count
    }

    @Test(arguments: [
        "a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nrules: [*b, *b, *b, *b]",
        "rules: &r\n  - id: a\n    when: *r\n    then: *r\n",
        "rules:\n  - <<: { id: a }\n    when: { text: { has_word: x } }\n",
    ]) func aliasesAreRefused(_ yaml: String) {
        let read = RuleReader.read([RuleFile(name: "a.yaml", bytes: Array(yaml.utf8))])
        #expect(read.set == nil)
        #expect(read.faults.contains { $0.problem.contains("not allowed") })
    }

    @Test func tenMegabytesAreTooMuch() {
        let line = Array("  - { id: a, when: { text: { has_word: x } }, then: [flag] }\n".utf8)
        let many = Array("rules:\n".utf8) + repeatElement(line, count: 10_485_760 / line.count).joined()
        let read = RuleReader.read([RuleFile(name: "a.yaml", bytes: many)])
        #expect(read.faults.map(\.place.line) == [1])
        #expect(read.faults.first?.problem.contains("at most 1048576 are allowed") == true)
    }

    @Test(arguments: ["[", "{ all: [", "{ all: [{ any: [", "- "]) func deepNestingIsRefused(_ opening: String) {
        let deep = "rules: [{ id: a, then: [flag], when: " + String(repeating: opening, count: 100_000)
        let read = RuleReader.read([RuleFile(name: "a.yaml", bytes: Array(deep.utf8))])
        #expect(read.set == nil)
        #expect(read.faults.count == 1)
    }

    @Test func conditionsNestAsDeepAsTheLimit() {
        let open = String(repeating: "{ any: [", count: 12)
        let close = String(repeating: "] }", count: 12)
        let yaml = "rules: [{ id: a, then: [flag], when: \(open){ is_reply: true }\(close) }]"
        #expect(RuleReader.read([RuleFile(name: "a.yaml", bytes: Array(yaml.utf8))]).faults == [])
    }

    @Test func manyFaultsEndTheReading() {
        let wrong = (0..<20_000).map { "  - { id: r\($0), wehn: { text: { has_wrod: x } }, then: [falg] }\n" }.joined()
        let read = RuleReader.read([RuleFile(name: "a.yaml", bytes: Array(("rules:\n" + wrong).utf8.prefix(1_048_500)))]
        )
        #expect(read.faults.count == Limits.Rules().faults + 1)
        #expect(read.faults.last?.problem.contains("more than 250 faults") == true)
    }

    @Test func everyLimitHolds() {
        var limits = Limits.Rules()
        (limits.rules, limits.terms, limits.files, limits.testsPerRule) = (2, 3, 3, 1)
        (limits.termBytes, limits.expressionBytes, limits.lists, limits.templates) = (8, 4, 1, 1)
        let rules = """
            lists: { one: [a, b, c, d] }
            rules:
              - { id: a, when: { text: { in_list: [one, two] } }, then: [flag], tests: [{ expect: fires }, { expect: fires }] }
              - { id: b, when: { text: { has_word: too long a term } }, then: [flag] }
              - { id: c, when: { text: { matches: 'abcde' } }, then: [{ rewrite: t }, { rewrite: u }] }
            """
        let files = [
            ("a.yaml", rules), ("lists/two.txt", "x\n"), ("templates/t.txt", "t"), ("templates/u.txt", "u"),
        ].map { RuleFile(name: $0.0, bytes: Array($0.1.utf8)) }
        let problems = RuleReader.read(files, limits: limits).faults.map(\.problem)
        for text in [
            "4 files", "3 rules", "more than 3 terms", "2; at most 1", "15 bytes; at most 8", "5 bytes; at most 4",
            "1 lists",
        ] {
            #expect(problems.contains { $0.contains(text) }, "\(text)")
        }
    }

    /// A rate over more than what is looked back on could never be exceeded.
    @Test func ratesStayWithinWhatIsLookedBackOn() {
        var limits = Limits.Rules()
        limits.windowEntries = 20
        func problems(_ counted: String, _ moreThan: Int) -> [String] {
            let rate = "{ of: \(counted), more_than: \(moreThan), within: 1h }"
            let yaml = "rules: [{ id: a, when: { rate: \(rate) }, then: [flag] }]"
            return RuleReader.read([RuleFile(name: "a.yaml", bytes: Array(yaml.utf8))], limits: limits).faults.map(
                \.problem
            )
        }
        #expect(problems("messages", 20) == [] && problems("links", 21) == [])
        #expect(problems("messages", 21).first?.contains("allowed: 0 to 20") == true)
    }

    @Test func onlyALimitedNumberOfBytesIsRead() {
        var limits = Limits.Rules()
        limits.folderBytes = 10
        let files = ["a.yaml", "b.yaml"].map { RuleFile(name: $0, bytes: Array("rules: 1".utf8)) }
        #expect(
            RuleReader.read(files, limits: limits).faults.map(\.problem) == [
                "the folder has 16 bytes; at most 10 are allowed"
            ]
        )
    }

    // MARK: Material

    private static func sources() throws -> [[RuleFile]] {
        let root = fixturesRoot.appending(path: "rules/faults")
        let folders = try FileManager.default.contentsOfDirectory(at: root, includingPropertiesForKeys: nil).map(\.path)
            .sorted()
        let right = RuleLanguageTests.files(RuleLanguageTests.whole)
        return Array(repeating: right, count: 12)
            + (try folders.map { try RuleFolder.files(at: $0).filter { $0.name != "expected.json" } })
    }

    private static let pieces = [
        "\t", ": ", "- ", "[", "]", "{", "}", "\"", "'", "&a ", "*a ", "!!int ", "<<: ", "---\n", "#", "|\n", ">\n",
        "\0", "\u{200B}",
        "💥", "null", "~", "no", "0x7", ".inf", "-1e999", "99999999999999999999", "''", "{{", "}}", "{{# if ", "rules:",
        "when:",
        "then:", "text:", "\r\n", "\u{85}", "%YAML 1.1\n", "?", "any: []", "2026-13-99T99:99:99Z", "fact.", "event.",
    ]

    private static func mutated(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        let at = Int.random(in: 0...bytes.count, using: &random)
        let length = min(Int.random(in: 1...24, using: &random), bytes.count - at)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes.removeSubrange(at..<at + length)
        case 1: bytes.insert(contentsOf: bytes[at..<at + length], at: Int.random(in: 0...bytes.count, using: &random))
        case 2: bytes.insert(contentsOf: (pieces.randomElement(using: &random) ?? "").utf8, at: at)
        case 3: if at < bytes.count { bytes[at] = UInt8.random(in: 0...255, using: &random) }
        case 4: bytes.removeSubrange(at...)
        default:
            var lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
            guard let one = lines.indices.randomElement(using: &random),
                let other = lines.indices.randomElement(using: &random)
            else { break }
            lines.swapAt(one, other)
            bytes = Array(lines.joined(separator: [10]))
        }
        return bytes
    }
}
