import Chat
import Rules
import Testing

/// Expressions over texts that have neither capitals nor accents any more.
struct ExpressionFoldingTests {
    @Test(arguments: [
        ("'Win'", "WIN a car", true), ("'Win', raw: true", "WIN a car", false), ("'Win', raw: true", "Win a car", true),
        ("'for'", "Før oss", true), ("'Før', raw: true", "Før oss", true), ("'привет'", "Привет", true),
    ])
    func finds(_ expression: String, _ text: String, _ isFound: Bool) throws {
        let (set, warnings) = try Self.read(expression)
        #expect(warnings == [])
        let example = RuleTest(place: set.rules[0].place, text: text, expectation: .fires(nil))
        let result = try #require(RuleTrial(RuleEngine(set, settings: ShippedRules.settings)).run(example))
        #expect((result.decision != nil) == isFound)
    }

    @Test func lettersThatNoFoldedTextHasAreWarnedOf() throws {
        let (_, warnings) = try Self.read("['for', 'f[øo]r']")
        #expect(warnings.count == 1)
        #expect(
            warnings.first?.contains("a.yaml:2:51: warning: matches: the expression has \"ø\", which is \"o\"") == true,
            "\(warnings)"
        )
    }

    private static func read(_ expression: String) throws -> (RuleSet, [String]) {
        let source = "rules:\n  - { id: found, when: { text: { matches: \(expression) } }, then: [flag] }\n"
        let reading = RuleReader.read([RuleFile(name: "a.yaml", bytes: Array(source.utf8))])
        return (try #require(reading.set), reading.warnings.map(\.description))
    }
}
