import Chat
import Limits
import Rules
import Testing

/// Decisions record what conditions compared, and no more of it than it takes to see why.
struct RecordedValueTests {
    @Test(arguments: [("word ", 100), ("é", 300), ("👩‍👩‍👧‍👦", 40)])
    func longTextsAreCut(_ part: String, _ count: Int) throws {
        let source = "rules:\n  - { id: long, when: { message.text: { exists: true } }, then: [flag] }\n"
        let set = try #require(RuleReader.read([RuleFile(name: "a.yaml", bytes: Array(source.utf8))]).set)
        let text = String(repeating: part, count: count)
        let example = RuleTest(place: set.rules[0].place, text: text, expectation: .fires(nil))
        let decision = try #require(
            try RuleTrial(RuleEngine(set, settings: ShippedRules.settings)).run(example)?.decision
        )
        guard case .value(.text(let recorded))? = decision.fired.first?.values.first?.answer else {
            Issue.record("no text was recorded")
            return
        }
        let most = Limits.Rules().recordedBytes
        #expect(recorded.hasSuffix("…") && recorded.dropLast().utf8.count <= most)
        #expect(text.hasPrefix(recorded.dropLast()) && recorded.utf8.count > most - 32)
    }
}
