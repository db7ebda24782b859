import Rules
import Testing

/// An example that does not hold says what came instead, and why.
struct RuleTestRunnerTests {
    @Test(arguments: [
        ("text: casino, expect: [flag]", "expected flag; it is unknown (listing.status is sold: unknown)"),
        (
            "text: hello, given: { listing.status: sold }, expect: fires",
            "expected it to fire; it stays quiet (text has_word casino: no)"
        ),
        ("text: casino, expect: unknown", nil),
        ("text: casino, expect: nothing", nil),
        ("text: casino, given: { listing.status: sold }, expect: nothing", "expected nothing; it fires (flag)"),
        (
            "text: casino, given: { listing.status: sold, user.role: bot }, expect: [flag]",
            "expected flag; it stays quiet (user.role missing: no; none of user.role is bot: yes)"
        ),
        (
            "text: casino, given: { listing.status: sold, user.role: admin }, expect: [flag]",
            "expected flag; it stays quiet (excepted)"
        ),
    ])
    func says(_ example: String, _ problem: String?) throws {
        let source = """
            rules:
              - id: casino
                except: { roles: [admin] }
                when:
                  - text: { has_word: casino }
                  - listing.status: sold
                  - any: [{ missing: user.role }, { none: [{ user.role: bot }] }]
                then: [flag]
                tests:
                  - { \(example) }
            """
        let set = try #require(RuleReader.read([RuleFile(name: "a.yaml", bytes: Array(source.utf8))]).set)
        #expect(try ShippedRules.failures(of: set).map(\.problem) == [problem].compactMap(\.self))
    }
}
