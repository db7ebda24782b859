import Rules
import Testing

/// What `rules check` says of templates beside the rules that use them.
struct TemplateLanguageTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let template: String
        var when = "is_reply: true"
        var on = "message.new"
        /// The columns of values that may be missing.
        let columns: [Int]

        var testDescription: String { "\(template) when \(when) on \(on)" }
    }

    @Test(arguments: [
        Case(template: "{{ listing.title }}", columns: [4]),
        Case(template: "{{ listing.title | default: \"it\" }}", columns: []),
        Case(template: "{{ listing.title }} {{ listing.title }} {{ user.name }}", columns: [4, 24, 44]),
        Case(template: "{{# if user.name }}{{ user.name }}{{ else }}{{ user.name }}{{/ if }}", columns: [48]),
        Case(template: "{{# if user.name }}{{# if listing.id }}{{ user.name }}{{/ if }}{{/ if }}", columns: []),
        // What every message has.
        Case(template: "{{ user.id }} {{ channel.id }} {{ message.text }} {{ event.type }}", columns: []),
        Case(template: "{{ user.id }}", on: "[message.new, member.added]", columns: [4]),
        Case(template: "{{ channel.cid }} {{ message.id }}", on: "member.added", columns: [4, 22]),
        // What is known whenever the conditions are so.
        Case(template: "{{ listing.title }}", when: "listing.title: { contains: bike }", columns: []),
        Case(template: "{{ listing.title }}", when: "exists: listing.title", columns: []),
        Case(template: "{{ listing.title }}", when: "missing: listing.title", columns: [4]),
        Case(template: "{{ seller.id }} {{ buyer.id }}", when: "seller.id: { same_as: buyer.id }", columns: []),
        Case(template: "{{ listing.title }}", when: "none: [listing.title: bike]", columns: []),
        Case(template: "{{ listing.title }}", when: "none: [exists: listing.title]", columns: [4]),
        Case(template: "{{ listing.title }}", when: "any: [listing.title: bike, is_reply: true]", columns: [4]),
        Case(template: "{{ user.name }}", when: "any: [user.name: ada, user.name: { contains: bob }]", columns: []),
        Case(template: "{{ user.name }}", when: "all: [user.name: ada, is_reply: true]", columns: []),
    ]) func valuesThatMayBeMissingAreNamed(_ example: Case) {
        let warnings = Self.warnings(of: example.template, when: example.when, on: example.on)
        #expect(warnings.map(\.place.column) == example.columns, "\(warnings)")
        #expect(warnings.allSatisfy { $0.place.file == "templates/t.txt" && $0.problem.contains("has no default") })
    }

    @Test(
        arguments: [
            ("{ user.name }", [1]), ("{name}", [1]), ("a { x } b { y }", [3, 11]),
            ("{ x } {{ user.id }} { y }", [1, 21]),
            ("{ {{ user.id }}", []), ("{{ user.id }} }", []), ("{{ \"{ x }\" }}", []), ("{ a b }", []), ("{}", []),
            ("{1}", []), ("{ { x }", [3]), ("{ x", []), ("ä {x}", [3]), ("{é}", [1]), ("{{{ x", nil), ("{ x\n}", []),
        ] as [(String, [Int]?)]
    )
    func namesBetweenSingleBracesAreSeen(_ template: String, _ columns: [Int]?) {
        let warnings = Self.warnings(of: template, when: "is_reply: true", on: "message.new")
        guard let columns else { return }
        #expect(warnings.map(\.place.column) == columns, "\(warnings)")
        #expect(warnings.allSatisfy { $0.problem.contains("two braces") })
    }

    /// As many braces as a template may hold.
    @Test(arguments: ["{ ", "{{ ", "{ x }", "{{ x } ", "{{# if x }", "{x"]) func bracesWithoutEndAreNoTrouble(
        _ piece: String
    ) {
        let template = String(repeating: piece, count: 65_000 / piece.utf8.count) + "}"
        let reading = RuleReader.read(Self.files(template, when: "is_reply: true", on: "message.new"))
        #expect((reading.set == nil) == !reading.faults.isEmpty)
    }

    private static func warnings(of template: String, when condition: String, on events: String) -> [RuleWarning] {
        RuleReader.read(files(template, when: condition, on: events)).warnings
    }

    private static func files(_ template: String, when condition: String, on events: String) -> [RuleFile] {
        let rules = """
            rules:
              - id: tested
                phase: respond
                on: \(events)
                when: { \(condition) }
                then: [reply: t]
            """
        return [
            RuleFile(name: "a.yaml", bytes: Array(rules.utf8)),
            RuleFile(name: "templates/t.txt", bytes: Array(template.utf8)),
        ]
    }
}
