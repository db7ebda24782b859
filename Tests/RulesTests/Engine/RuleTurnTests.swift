import Chat
import Rules
import Testing

/// What a rule sees of those before it: in decisions, traces and examples alike.
struct RuleTurnTests {
    @Test func whatIsTakenAwayIsNotAnswered() throws {
        let came = try Self.outcomes(
            of: "casino",
            """
            rules:
              - { id: answer, phase: respond, when: { text: { has_word: casino } }, then: [count: answered] }
              - { id: explain, phase: respond, when: [{ text: { has_word: casino } }, { verdict: block }], then: [count: told] }
              - { id: gone, phase: gate, when: { text: { has_word: casino } }, then: [delete] }
            """
        )
        #expect(came == ["answer": .silenced, "explain": .fires, "gone": .fires])
    }

    @Test func whatOneRuleInForceStopsIsNotAsked() throws {
        let came = try Self.outcomes(
            of: "casino",
            """
            rules:
              - { id: quiet, mode: shadow, stop: true, priority: 2, when: { text: { has_word: casino } }, then: [flag] }
              - { id: first, stop: true, priority: 1, when: { text: { has_word: casino } }, then: [flag] }
              - { id: second, when: { text: { has_word: casino } }, then: [flag] }
              - { id: tried, mode: shadow, when: { text: { has_word: casino } }, then: [flag] }
            """
        )
        #expect(came == ["quiet": .fires, "first": .fires, "second": .stopped, "tried": .stopped])
    }

    /// Labels and scores of later rules, and of rules in shadow mode, are not there yet.
    @Test func whatComesLaterIsNotSeen() throws {
        let came = try Self.outcomes(
            of: "casino",
            """
            rules:
              - { id: early, when: { score: { at_least: 1 } }, then: [flag] }
              - { id: scores, when: { text: { has_word: casino } }, then: [score: 1, label: casino] }
              - { id: late, when: [{ score: { at_least: 1 } }, { label: casino }], then: [flag] }
              - { id: tried, mode: shadow, when: { text: { has_word: casino } }, then: [score: 1] }
              - { id: more, when: { score: { at_least: 2 } }, then: [flag] }
              - { id: tried-more, mode: shadow, when: { score: { at_least: 2 } }, then: [flag] }
            """
        )
        let expected: [String: RuleTrace.Outcome] = [
            "early": .quiet, "scores": .fires, "late": .fires, "tried": .fires, "more": .quiet, "tried-more": .fires,
        ]
        #expect(came == expected)
    }

    /// A trace says of each rule what the decision did.
    private static func outcomes(of text: String, _ source: String) throws -> [String: RuleTrace.Outcome] {
        let set = try #require(RuleReader.read([RuleFile(name: "a.yaml", bytes: Array(source.utf8))]).set)
        let engine = try RuleEngine(set, settings: ShippedRules.settings)
        let example = RuleTest(place: set.rules[0].place, text: text, expectation: .fires(nil))
        let result = try #require(RuleTrial(engine).run(example))
        let fired = result.traces.filter { $0.outcome == .fires }.map(\.rule.id)
        #expect(Set(result.decision?.fired.map(\.id) ?? []) == Set(fired))
        return Dictionary(uniqueKeysWithValues: result.traces.map { ($0.rule.id, $0.outcome) })
    }
}
