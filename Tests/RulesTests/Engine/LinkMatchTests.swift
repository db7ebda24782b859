import Chat
import Rules
import Testing

struct LinkMatchTests {
    /// What a condition on links finds, and a mask hides, are the links that it asks for and no others.
    @Test(arguments: [
        ("link_not_in: [ours]", "•••••••••••••, example.com/a"),
        ("link_in: [ours]", "evil.test.com, •••••••••••••"),
    ])
    func onlyLinksAskedForAreMasked(_ condition: String, _ masked: String) throws {
        let source = """
            lists: { ours: [example.com] }
            rules:
              - { id: links, when: { text: { \(condition) } }, then: [mask: matches] }
            """
        let set = try #require(RuleReader.read([RuleFile(name: "a.yaml", bytes: Array(source.utf8))]).set)
        let engine = try RuleEngine(set, settings: ShippedRules.settings)
        let text = "evil.test.com, example.com/a"
        let example = RuleTest(place: set.rules[0].place, text: text, expectation: .fires(nil))
        let fired = try #require(RuleTrial(engine).run(example)?.decision?.fired.first)
        #expect(TextMasking.masked(text, [.matches], matches: fired.matches, with: "•") == masked)
    }

    /// A name with `_` is a list's name wherever it is written.
    @Test func listsAreNamedAsTheyAreCalled() throws {
        let source = """
            lists: { bad_words: [casino] }
            rules:
              - { id: words, when: { text: { in_list: bad_words } }, then: [flag] }
            """
        let reading = RuleReader.read([RuleFile(name: "a.yaml", bytes: Array(source.utf8))])
        #expect(reading.faults == [] && reading.warnings == [])
    }
}
