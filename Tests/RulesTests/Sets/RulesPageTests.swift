import Chat
import Foundation
import Rules
import TestSupport
import Testing

/// Whatever `docs/rules.md` shows works as it stands there.
struct RulesPageTests {
    let page: RulesPage

    init() throws { page = try RulesPage() }

    @Test(arguments: ["rules.md", "hooks.md"])
    func itsFilesAreRight(_ name: String) throws {
        let page = try RulesPage(name)
        let files = page.blocks.filter { $0.language == "yaml" && $0.role?.hasPrefix("file=") == true }
        #expect(files.count >= (name == "rules.md" ? 4 : 1))
        for block in files {
            let name = String(block.role?.dropFirst(5) ?? "")
            let set = try #require(try Self.set(of: block.text, named: name), "\(name)")
            #expect(try ShippedRules.failures(of: set).map(\.description) == [])
            let tests = set.rules.flatMap(\.tests)
            #expect(
                tests.contains { $0.expectation == .staysQuiet } && tests.contains { $0.expectation != .staysQuiet },
                "\(name)"
            )
        }
    }

    @Test func itsFragmentsAreRight() throws {
        for block in page.blocks where block.language == "yaml" && block.role?.hasPrefix("file=") != true {
            switch block.role {
            case "when": Self.expectRight(when: block.text)
            case "then": Self.expectRight(then: block.text)
            default: Issue.record("a block that nothing tries: \(block.text)")
            }
        }
    }

    @Test func itsTablesAreRight() throws {
        let (conditions, actions) = (page.cells["condition"] ?? [], page.cells["action"] ?? [])
        #expect(conditions.count > 40 && actions.count > 15)
        for condition in conditions { Self.expectRight(when: "- \(condition)\n") }
        for action in actions { Self.expectRight(then: "- \(action)\n") }
    }

    @Test func itsTemplateIsTheOneThatIsShipped() throws {
        let shown = page.blocks.filter { $0.language == "text" }
        #expect(!shown.isEmpty)
        for block in shown {
            let name = try #require(block.role?.split(separator: "=").last.map(String.init))
            let file = try #require(try ShippedRules.files.first { $0.name == name })
            #expect(block.text == String(decoding: file.bytes, as: UTF8.self))
        }
    }

    @Test func itLeavesNothingOut() throws {
        for file in try ShippedRules.files where file.name.hasSuffix(".yaml") && file.name != "thresholds.yaml" {
            #expect(page.headings.contains(String(file.name.dropLast(5))), "\(file.name)")
        }
        let counted = Rate.Counted.allCases.map(\.rawValue)
        let names =
            Measure.allCases.map(\.rawValue) + Masked.allCases.map(\.rawValue) + counted
            + Verdict.allCases.map(\.rawValue) + Rule.Phase.allCases.map(\.rawValue)
        for name in names { #expect(page.text.contains(name), "\(name)") }
        #expect(page.cells["`of`"]?.sorted() == counted.sorted())
    }

    /// Every link within the page leads somewhere.
    @Test func itsLinksLeadSomewhere() throws {
        let anchors = Set(page.headings.map { Self.anchor($0) })
        for match in page.text.matches(of: /\]\(#([a-z0-9-]+)\)/) {
            #expect(anchors.contains(String(match.1)), "\(match.1)")
        }
    }

    // MARK: Trying

    /// - Returns: `nil` where there is a fault, or a warning about what the text says.
    private static func set(of text: String, named name: String = "page.yaml") throws -> RuleSet? {
        let others = try ShippedRules.files.filter { !$0.name.hasSuffix(".yaml") } + RulesPage().templates
        let reading = RuleReader.read(
            others + [RuleFile(name: name, bytes: Array(text.utf8))],
            checks: ShippedRules.checks
        )
        let said =
            reading.faults.map(\.description) + reading.warnings.filter { $0.place.file == name }.map(\.description)
        #expect(said == [], "\(text)")
        return said.isEmpty ? reading.set : nil
    }

    private static func expectRight(when fragment: String) {
        let isOfSilence = fragment.contains("silence") || fragment.contains("rate")
        let events = isOfSilence ? "[message.new]" : "[message.new, message.updated]"
        let text = """
            rules:
              - { id: before, when: { text: { has_word: phone } }, then: [label: contact-leak] }
              - id: shown
                on: \(events)
                when:
            \(indented(fragment))
                then: [flag]
            """
        #expect(throws: Never.self) { try set(of: text) }
    }

    private static func expectRight(then fragment: String) {
        let phase = fragment.contains("reply") ? "respond" : "detect"
        let text = """
            rules:
              - id: shown
                phase: \(phase)
                when: { text: { has_word: phone } }
                then:
            \(indented(fragment))
            """
        #expect(throws: Never.self) { try set(of: text) }
    }

    private static func indented(_ fragment: String) -> String {
        fragment.split(separator: "\n").map { "      \($0)" }.joined(separator: "\n")
    }

    private static func anchor(_ heading: String) -> String {
        String(
            heading.lowercased().filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == " " }.map {
                $0 == " " ? "-" : $0
            }
        )
    }
}
