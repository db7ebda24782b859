import Chat
import Limits
import YAML

enum ConditionKeys {
    static let table = Keys<[Condition]>(
        noun: "condition",
        keys: groups + ofTheText + ofTheHistory + ofTheJudgement,
        also: [
            "and": "all", "or": "any", "not": "none", "every": "all", "some": "any", "message": "text",
            "first": "first_message", "inactive": "silence", "hours": "time", "days": "time", "labels": "label",
            "labelled": "label", "tag": "label", "probability": "spam", "reply": "is_reply", "thread": "in_thread",
            "edited": "changed", "flood": "rate",
        ],
        elsewhere: elsewhere,
        patterns: [
            Schema.Field(
                name: "^(\(ValuePath.rootNames.joined(separator: "|")))\\.",
                meaning: "A value by its path: is this, is one of a list, or meets every comparison of a mapping.",
                schema: .either([
                    .text(), .flag, .list(.either([.text(), .flag]), least: 1), .reference("comparisons"),
                ])
            )
        ]
    )

    private static let groups: [Key<[Condition]>] = [
        Key("all", "Every one of these is so.", .conditions) { $0.append(.all($1)) },
        Key("any", "At least one of these is so.", .conditions) { $0.append(.any($1)) },
        Key("none", "None of these is so.", .conditions) { $0.append(.none($1)) },
    ]

    private static let ofTheText: [Key<[Condition]>] = [
        Key("text", "What stands in the message.", TextKeys.form) { $0 += $1 },
        Key("changed", "The update changed one of these parts of the message.", changed) { $0.append(.changed($1)) },
        Key(
            "is_reply",
            "The message answers another by quoting it; false: it does not.",
            .presence("quoted_message_id")
        ) {
            $0.append($1)
        },
        Key("in_thread", "The message stands in a thread; false: it does not.", .presence("parent_id")) {
            $0.append($1)
        },
        Key("exists", "These values are known.", paths) { $0 += $1.map { .value($0, .exists) } },
        Key("missing", "Every source was asked for these values, and none knows them.", paths) {
            $0 += $1.map { .value($0, .missing) }
        },
    ]

    private static let ofTheHistory: [Key<[Condition]>] = [
        Key("rate", "More of something than usual in a time.", RateKeys.form) { $0.append(.rate($1)) },
        Key("first_message", "The first message of the user (true), in the channel, or of the user there.", first) {
            $0.append(.first($1))
        },
        Key("silence", "Nothing was written for longer than this.", SilenceKeys.form) { $0.append($1) },
        Key("time", "The event happened on these days, in these hours.", HoursKeys.condition) { $0.append($1) },
    ]

    private static let ofTheJudgement: [Key<[Condition]>] = [
        Key("label", "A rule before has set one of these labels.", labels) { $0.append(.labelled($1)) },
        Key("score", "The sum of the scores of rules before.", .bounds(.any)) { $0.append(.score($1)) },
        Key("verdict", "What thresholds and rules have come to; in the phase respond.", verdicts) {
            $0.append(.verdict($1))
        },
        Key("spam", "The probability that the text is spam, 0 to 1.", .bounds(.share)) { $0.append(.spam($1)) },
    ]

    private static let changed = Form<EditedPart>.choice().oneOrManyOnce.checked { _, node, reading in
        if reading.notes.changed == nil { reading.notes.changed = node.position }
        return true
    }

    private static let paths = Form<ValuePath>.path.checked { path, node, reading in
        reading.notes.reads.append(Located(value: path, position: node.position))
        return true
    }.oneOrMany

    private static let first: Form<Subject> = {
        let subjects = Form<Subject>.choice(also: Subject.confused)
        let allowed = "true, \(subjects.allowed)"
        return Form<Subject>(allowed: allowed, schema: .either([.constant(true), subjects.schema])) { node, reading in
            if node.bool == true { return .user }
            guard node.bool == nil, let text = node.written, node.truthAdvice.isEmpty else {
                let opposite = "\(allowed); for the opposite: none: [first_message: true]"
                reading.refuse(node, allowed: opposite, node.truthAdvice)
                return nil
            }
            if let subject = Subject(rawValue: text) { return subject }
            let names = ["true"] + Subject.allCases.map(\.rawValue)
            let meant = Wording.allowed(names, for: text, also: Subject.confused.mapValues(\.rawValue))
            reading.refuse(node.position, "\(reading.key): found \(node.inWords)\(meant)")
            return nil
        }
    }()

    private static let labels = Form<String>.label.checked { label, node, reading in
        reading.notes.labelsRead.append(Located(value: label, position: node.position))
        return true
    }.oneOrMany

    private static let verdicts = Form<Verdict>.choice().oneOrManyOnce.checked { _, node, reading in
        reading.notes.verdict = node.position
        return true
    }

    /// What stands in other mappings and is easily written here.
    private static let elsewhere: [String: String] = {
        var advice: [String: String] = [:]
        for key in ValueKeys.table.names { advice[key] = "it compares a value: listing.status: { \(key): … }" }
        for key in TextKeys.table.names { advice[key] = "it belongs under text: text: { \(key): … }" }
        for key in ["contain_word", "contains_word"] {
            advice[key] = "did you mean \"has_word\"? It belongs under text: text: { has_word: … }"
        }
        for key in ["within", "per", "of"] { advice[key] = "it belongs under rate: rate: { \(key): … }" }
        for name in ValuePath.rootNames where name != "message" {
            advice[name] =
                "a value is written with its field, such as \(name == "fact" ? "fact.user.balance" : "\(name).\(name == "command" ? "word" : "status")")"
        }
        for name in ["exists", "missing"] { advice[name] = nil }
        return advice
    }()

    // MARK: Reading

    /// One condition: a mapping of which every key is so.
    static let form = Form<Condition>(
        allowed: "a condition such as text: { has_word: free }",
        schema: .reference("condition")
    ) { node, reading in
        guard node.mapping != nil else {
            reading.refuse(node, allowed: "a condition such as text: { has_word: free }, or listing.status: sold")
            return nil
        }
        var conditions: [Condition] = []
        let wrong = table.read(node, into: &conditions, &reading) { entry, conditions, reading in
            guard entry.key.utf8.contains(UInt8(ascii: ".")) else { return false }
            guard let path = reading.path(entry.key, at: entry.keyPosition) else { return true }
            if let more = ValueKeys.conditions(on: path, at: entry.keyPosition, entry.value, &reading) {
                conditions += more
            }
            return true
        }
        guard wrong == [] else { return nil }
        return conditions.count == 1 ? conditions[0] : .all(conditions)
    }

    /// What stands under `when`: one condition, or a list of which all are to be so.
    static let when = Form<Condition>(
        allowed: "a condition or a list of conditions",
        schema: .either([.reference("condition"), .list(.reference("condition"), least: 1)])
    ) { node, reading in
        guard node.sequence != nil else { return form.read(node, &reading) }
        return Form<[Condition]>.conditions.read(node, &reading).map { $0.count == 1 ? $0[0] : .all($0) }
    }
}

extension Form where Value == [Condition] {
    static var conditions: Form {
        Form(allowed: "a list of conditions", schema: .list(.reference("condition"), least: 1)) { node, reading in
            guard let elements = node.sequence else {
                reading.refuse(node, allowed: "a list of conditions, each on a line that begins with -")
                return nil
            }
            guard !elements.isEmpty else {
                let effect = reading.key == "any" ? "the rule can never fire" : "it says nothing"
                reading.refuse(
                    node.position,
                    "\(reading.key): found an empty list, so \(effect); allowed: a list of conditions"
                )
                return nil
            }
            let conditions = elements.map { reading.isFull ? nil : ConditionKeys.form.read($0, &reading) }
            let whole = conditions.compactMap { $0 }
            return whole.count == conditions.count ? whole : nil
        }
    }
}

extension Form where Value == Condition {
    /// Whether a field of the message is there.
    static func presence(_ field: String) -> Form {
        let path = ValuePath(.message, [field])
        return Form<Bool>.flag.checked { _, node, reading in
            reading.notes.reads.append(Located(value: path, position: node.position))
            return true
        }.map { .value(path, $0 ? .exists : .missing) }
    }
}

extension Form where Value == String {
    static var label: Form { name("a label of a to z, 0 to 9, - and _", with: "-_") }
}
