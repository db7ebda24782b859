import Chat
import YAML

/// A rule as it was written.
struct RuleDraft: Sendable {
    var id: Located<String>?
    var description: String?
    var phase = Rule.Phase.detect
    var events: Located<Set<EventType>>?
    var mode = Rule.Mode.enforce
    var priority = 0
    var stops = false
    var cooldown: Occasion?
    var exceptions = Exceptions()
    var active = ActiveTime()
    var condition: Condition?
    var actions: [Action]?
    var tests: [TestDraft] = []
    var position = YAMLPosition(line: 1, column: 1)
}

enum RuleKeys {
    static let table = Keys<RuleDraft>(
        noun: "key of a rule",
        keys: [
            Key("id", "The rule's name in decisions and reports: a to z, 0 to 9 and -.", id, required: true) {
                $0.id = $1
            },
            Key("description", "What the rule is for, in a sentence.", .text()) { $0.description = $1 },
            Key("phase", "When it has its turn: sanitise, gate, detect (left out) or respond.", phase) {
                $0.phase = $1
            },
            Key(
                "on",
                "The events that it looks at; left out: message.new.",
                Form<EventType>.event.oneOrManyOnce.located
            ) {
                $0.events = $1
            },
            Key("mode", "off, shadow (decides and records, and does nothing) or enforce (left out).", mode) {
                $0.mode = $1
            },
            Key("priority", "Higher goes first within the phase; left out: 0.", .integer(-1_000...1_000)) {
                $0.priority = $1
            },
            Key("stop", "Once it fires, later rules are not asked.", .flag) { $0.stops = $1 },
            Key("cooldown", "How often it acts at most.", OccasionKeys.form) { $0.cooldown = $1 },
            Key("except", "Whom and where it leaves alone.", ExceptKeys.form) { $0.exceptions = $1 },
            Key("active", "When it holds.", ActiveKeys.form) { $0.active = $1 },
            Key("when", "What has to be so.", ConditionKeys.when, required: true) { $0.condition = $1 },
            Key("then", "What it does, in order.", actions, required: true) { $0.actions = $1 },
            Key("tests", "Examples: what comes in, and what this rule is to do.", TestKeys.form.lenientList) {
                $0.tests = $1
            },
        ],
        also: [
            "if": "when", "condition": "when", "conditions": "when", "actions": "then", "action": "then", "do": "then",
            "event": "on", "events": "on", "name": "id", "enabled": "mode", "order": "priority", "exempt": "except",
            "unless": "except", "test": "tests", "examples": "tests", "comment": "description", "title": "description",
            "schedule": "active", "throttle": "cooldown", "exclude": "except",
        ],
        elsewhere: [
            "true": "on is read as the truth value by other readers of YAML; here write on",
            "text": "it belongs under when: when: { text: … }", "rate": "it belongs under when: when: { rate: … }",
            "reply": "it belongs under then: then: [{ reply: … }]", "lists": "lists stand at the top level of the file",
            "thresholds": "thresholds stand at the top level of one file",
        ]
    )

    private static let id = Form<String>.name("a name of a to z, 0 to 9 and -").located

    private static let phase = Form<Rule.Phase>.choice(also: [
        "sanitize": .sanitise, "detection": .detect, "response": .respond, "reply": .respond, "before": .gate,
    ])

    private static let mode = Form<Rule.Mode>.choice(also: [
        "on": .enforce, "live": .enforce, "enforced": .enforce, "true": .enforce, "false": .off, "dry-run": .shadow,
        "test": .shadow, "disabled": .off, "enabled": .enforce,
    ])

    private static let actions: Form<[Action]> = {
        let list = ActionKeys.form.list
        return Form(allowed: "a list of actions", schema: list.schema) { node, reading in
            guard let elements = node.sequence else {
                let parts = node.torn.isEmpty ? [node] : node.torn
                let names = parts.compactMap(\.written).filter { ActionKeys.table[$0]?.bare != nil }
                reading.refuse(
                    node,
                    allowed: "a list of actions, each on a line that begins with -",
                    names.count == parts.count ? "did you mean [\(names.joined(separator: ", "))]?" : ""
                )
                return nil
            }
            guard !elements.isEmpty else {
                reading.refuse(
                    node.position,
                    "then: found no action; allowed: a list of \(Wording.listed(ActionKeys.table.names))"
                )
                return nil
            }
            return list.read(node, &reading)
        }
    }()
}
