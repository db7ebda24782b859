import Chat
import Limits
import YAML

/// A test as it was written.
struct TestDraft: Sendable {
    var name: String?
    var text: String?
    var event: Located<EventType>?
    var given: [GivenDraft] = []
    var spam: Double?
    var earlier: [RuleTest.Earlier] = []
    var at: Timestamp?
    var expectation: Located<RuleTest.Expectation>?
    /// Where the names of expected actions stand.
    var expected: [Located<String>] = []
    var position = YAMLPosition(line: 1, column: 1)
}

/// A value that a test gives, and where.
struct GivenDraft: Sendable {
    let given: RuleTest.Given
    /// Of the path.
    let position: YAMLPosition
    let written: YAMLNode
}

enum TestKeys {
    static let table = Keys<TestDraft>(
        noun: "key of a test",
        keys: [
            Key("name", "What the test is called in reports.", .text()) { $0.name = $1 },
            Key("text", "The text of the message.", text) { $0.text = $1 },
            Key("given", "Values and facts by their paths.", given) {
                ($0.given, $0.spam) = ($1.values, $1.spam)
            },
            Key("earlier", "Messages before this one.", EarlierKeys.form.list) { $0.earlier = $1 },
            Key("at", "When it happens, such as 2026-11-20T10:00:00Z.", .time) { $0.at = $1 },
            Key("event", "The event; left out: message.new, or else the rule's own.", Form<EventType>.event.located) {
                $0.event = $1
            },
            Key("expect", "Names of actions that follow; nothing; fires; or unknown.", expectation, required: true) {
                $0.expectation = Located(value: $1.value, position: $1.position)
                $0.expected = $1.names
            },
        ],
        also: [
            "message": "text", "facts": "given", "with": "given", "time": "at", "before": "earlier", "then": "expect",
            "expected": "expect", "title": "name", "on": "event", "description": "name", "history": "earlier",
        ]
    )

    static let form = Form<TestDraft>(allowed: "tests, each with what it expects", schema: table.schema) {
        node,
        reading in
        var draft = TestDraft()
        draft.position = node.position
        return table.read(node, into: &draft, &reading) == [] ? draft : nil
    }

    /// The text may be empty, as that of a message with attachments alone is.
    private static let text = Form<String>(allowed: "text", schema: .text()) { node, reading in
        if let text = node.text, !(node.isNull && !text.isEmpty), text.utf8.count <= reading.limits.writtenBytes {
            return text
        }
        reading.refuse(node, allowed: "text of at most \(reading.limits.writtenBytes) bytes")
        return nil
    }

    /// What a test gives: values by their paths, and what a spam model would say.
    private struct Givens: Sendable {
        var values: [GivenDraft] = []
        var spam: Double?
    }

    private static let share = Form<Double>.number(0...1, "a number from 0 to 1")

    private static let given = Form<Givens>(
        allowed: "a mapping from paths to values, such as { listing.status: sold }",
        schema: .object(
            [Schema.Field(name: "spam", meaning: "The probability that the text is spam.", schema: share.schema)],
            patterns: [
                Schema.Field(
                    name: "^(\(ValuePath.rootNames.joined(separator: "|")))\\.",
                    meaning: "A value or fact by its path.",
                    schema: .either([.text(), .flag, .list(.text(), least: 1)])
                )
            ]
        )
    ) { node, reading in
        guard let entries = node.mapping, !entries.isEmpty else {
            reading.refuse(node, allowed: "a mapping from paths to values, such as { listing.status: sold }")
            return nil
        }
        let before = reading.faultCount
        var given = Givens()
        for entry in entries {
            reading.key = entry.key
            if entry.key == "spam" {
                given.spam = share.read(entry.value, &reading)
                continue
            }
            let path = reading.path(entry.key, at: entry.keyPosition)
            guard let value = value(of: entry.value, &reading), let path else { continue }
            given.values.append(
                GivenDraft(given: RuleTest.Given(path, value), position: entry.keyPosition, written: entry.value)
            )
        }
        reading.key = "given"
        return reading.faultCount == before ? given : nil
    }

    private static func value(of node: YAMLNode, _ reading: inout Reading) -> RuleValue? {
        guard node.sequence != nil else { return Form<RuleValue>.value.read(node, &reading) }
        return Form<String>.text().list.read(node, &reading).map { .texts($0) }
    }

    private struct Expected: Sendable {
        let value: RuleTest.Expectation
        let position: YAMLPosition
        var names: [Located<String>] = []
    }

    private static let words: [String: RuleTest.Expectation] = [
        "nothing": .staysQuiet, "fires": .fires(nil), "unknown": .isUnknown,
    ]

    private static let expectation = Form<Expected>(
        allowed: "a list of actions such as [reply], [] or nothing, fires, unknown",
        schema: .either([
            .choice(words.keys.sorted() + ActionKeys.table.names), .list(.choice(ActionKeys.table.names), least: 0),
        ])
    ) { node, reading in
        if let word = node.written, let value = words[word] { return Expected(value: value, position: node.position) }
        guard let elements = node.sequence ?? (node.written == nil ? nil : [node]) else {
            reading.refuse(node, allowed: "a list of actions such as [reply], [] or nothing, fires, unknown")
            return nil
        }
        var names: [Located<String>] = []
        for element in elements {
            let parts = element.torn.compactMap(\.text)
            if !parts.isEmpty, parts.allSatisfy({ ActionKeys.table[$0] != nil }) {
                let list = "[\(parts.joined(separator: ", "))]"
                reading.refuse(element, allowed: "a list of actions", "did you mean \(list)?")
            } else if let name = element.written, ActionKeys.table[name] != nil {
                names.append(Located(value: name, position: element.position))
            } else {
                let allowed = (node.sequence == nil ? words.keys.sorted() : []) + ActionKeys.table.names
                let meant = element.written.map { Wording.allowed(allowed, for: $0, also: ActionKeys.table.also) }
                reading.refuse(
                    element.position,
                    "\(reading.key): found \(element.inWords)\(meant ?? "; allowed: \(Wording.listed(allowed))")"
                )
            }
        }
        guard names.count == elements.count else { return nil }
        let value = names.isEmpty ? RuleTest.Expectation.staysQuiet : .fires(names.map(\.value))
        return Expected(value: value, position: node.position, names: names)
    }
}
