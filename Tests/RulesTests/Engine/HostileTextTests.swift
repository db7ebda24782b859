import Chat
import Limits
import Rules
import Testing

/// What is not looked at is not known: nobody gets past a rule by writing too much.
struct HostileTextTests {
    private static let rules = """
        rules:
          - { id: word, when: { text: { has_word: casino } }, then: [flag] }
          - { id: clean, when: { none: [{ text: { has_word: casino } }] }, then: [count: clean] }
          - { id: filler, when: { text: { has_word: free } }, then: [score: 1] }
          - { id: expression, when: { text: { matches: 'win \\d+' } }, then: [flag] }
        """

    @Test func afterAFloodOfMatchesTheRestIsUnknown() throws {
        let flood = String(repeating: "free ", count: 12)
        let came = try Self.traces(of: flood + "casino", matches: 10)
        #expect(came["filler"]?.outcome == .fires)
        #expect(came["word"]?.outcome == .unknown && came["clean"]?.outcome == .unknown)
        #expect(came["word"]?.condition.found == "the text holds more than 10 matches; the rest was not looked at")
        let early = try Self.traces(of: "casino " + flood, matches: 10)
        #expect(early["word"]?.outcome == .fires && early["clean"]?.outcome == .quiet)
        let few = try Self.traces(of: "free free hello", matches: 10)
        #expect(few["word"]?.outcome == .quiet && few["clean"]?.outcome == .fires)
    }

    /// Many places of one term, such as of an ordinary word written over and over, hide no other.
    @Test func repetitionHidesNothing() throws {
        let came = try Self.traces(of: String(repeating: "free ", count: 3_000) + "casino")
        #expect(came["word"]?.outcome == .fires)
    }

    /// Whole characters, so that what is cut is still text.
    @Test(arguments: [0, 1, 2, 3])
    func expressionsAreSoughtInTheFirstPart(_ shift: Int) throws {
        let limit = Limits.Rules().expressionTextBytes
        let within = String(repeating: "x", count: shift) + " win 7" + String(repeating: "ø", count: limit)
        #expect(try Self.traces(of: within)["expression"]?.outcome == .fires)
        let beyond = String(repeating: "x", count: shift) + String(repeating: "語", count: limit / 3) + " win 7"
        #expect(try Self.traces(of: beyond)["expression"]?.outcome == .quiet)
    }

    private static func traces(of text: String, matches: Int? = nil) throws -> [String: RuleTrace] {
        let set = try #require(RuleReader.read([RuleFile(name: "a.yaml", bytes: Array(rules.utf8))]).set)
        var limits = Limits.Rules()
        if let matches { limits.matchesPerText = matches }
        let engine = try RuleEngine(set, settings: ShippedRules.settings, limits: limits)
        let example = RuleTest(place: set.rules[0].place, text: text, expectation: .staysQuiet)
        let result = try #require(RuleTrial(engine).run(example))
        return Dictionary(uniqueKeysWithValues: result.traces.map { ($0.rule.id, $0) })
    }
}
