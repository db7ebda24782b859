import Chat
import YAML

enum ActionKeys {
    static let table = Keys<[Action]>(
        noun: "action",
        keys: ofTheMessage + ofTheUser + beyond,
        also: [
            "tag": "label", "block": "refuse", "reject": "refuse", "remove": "delete", "rewrite_text": "rewrite",
            "strip": "sanitise",
            "sanitize": "sanitise", "respond": "reply", "answer": "reply", "warn": "reply", "alert": "notify",
            "email": "notify", "slack": "notify", "set_status": "set", "set_fact": "set", "metric": "count",
            "hide": "shadow", "shadow_ban": "ban", "censor": "mask", "review": "hold", "limit": "restrict",
        ],
        elsewhere: [
            "stop": "it belongs beside then: stop: true", "cooldown": "it belongs beside then, as a key of the rule",
            "webhooks": "did you mean \"webhook\"?",
        ]
    )

    /// An action as an element of `then`: a mapping with one key, or a bare word.
    static let form = Form<Action>(
        allowed: "an action",
        schema: .either([
            .choice(table.keys.filter { $0.bare != nil }.map(\.name)), table.schema,
        ])
    ) { node, reading in
        var actions: [Action] = []
        if let word = node.written {
            guard let key = table[word] else {
                reading.refuse(node.position, table.unknown(word))
                return nil
            }
            guard let bare = key.bare else {
                reading.refuse(
                    node.position,
                    "\(word): needs a value; \(key.meaning.prefix(1).lowercased())\(key.meaning.dropFirst().prefix { $0 != "." })"
                )
                return nil
            }
            bare(&actions)
        } else if let entries = node.mapping, entries.count > 1 {
            let second = entries[1]
            reading.refuse(
                second.keyPosition,
                "\(second.key): found a second action in one place; begin a line of its own with -"
            )
            return nil
        } else if let entry = node.mapping?.first, let key = table[entry.key], let bare = key.bare, entry.value.isNull {
            bare(&actions)
        } else {
            guard table.read(node, into: &actions, &reading) == [] else { return nil }
        }
        guard let action = actions.first else { return nil }
        reading.notes.steps.append(RuleNotes.Step(action: action, position: node.position))
        return action
    }

    // MARK: The table

    private static let ofTheMessage: [Key<[Action]>] = [
        Key("score", "Adds to the message's score, which thresholds turn into a verdict.", score) {
            $0.append(.score($1))
        },
        Key("label", "Sets a label, which later rules and people can look at.", .label) { $0.append(.label($1)) },
        Key(
            "flag",
            "Flags the message for moderators; it stays where it is.",
            reason,
            bare: { $0.append(.flag(reason: nil, .medium)) }
        ) {
            $0.append(.flag(reason: $1.reason, $1.severity))
        },
        Key(
            "hold",
            "Flags the message and waits for a moderator's decision.",
            reason,
            bare: { $0.append(.hold(reason: nil, .medium)) }
        ) {
            $0.append(.hold(reason: $1.reason, $1.severity))
        },
        Key(
            "delete",
            "Deletes the message: soft (a trace stays) or hard.",
            deletion,
            bare: { $0.append(.delete(isHard: false)) }
        ) {
            $0.append(.delete(isHard: $1 == .hard))
        },
        Key(
            "refuse",
            "Before it is sent: it is not, and a template's text tells its sender. Sent already, it is deleted.",
            .templateName,
            bare: { $0.append(.refuse(template: nil)) }
        ) {
            $0.append(.refuse(template: $1))
        },
        Key(
            "shadow",
            "From now on only the sender sees the message.",
            Form<Never>.bareWord,
            bare: { $0.append(.shadow) }
        ) { _, _ in },
        Key(
            "mask",
            "Replaces what was found by a sign: matches (of the conditions), contacts, links and others.",
            MaskKeys.form
        ) {
            $0.append(.mask($1.what, with: $1.with))
        },
        Key("rewrite", "Replaces the whole text by a template's.", .templateName) { $0.append(.rewrite(template: $1)) },
        Key("sanitise", "Removes tags of HTML from the text.", Form<Never>.bareWord, bare: { $0.append(.sanitise) }) {
            _,
            _ in
        },
        Key("restrict", "From now on only these see the message.", Form<Party>.party.oneOrMany) {
            $0.append(.restrict($1))
        },
        Key("reply", "Answers in the channel with a template's text.", ReplyKeys.form) { $0.append(.reply($1)) },
    ]

    private static let ofTheUser: [Key<[Action]>] = [
        Key("mute", "The user may not write in the channel for this long, in whole minutes.", .minutes) {
            $0.append(.mute($1))
        },
        Key(
            "ban",
            "The user is banned; bare: everywhere, for good.",
            BanKeys.form,
            bare: { $0.append(.ban(BanOrder())) }
        ) {
            $0.append(.ban($1))
        },
        Key("freeze", "Nobody may write in the channel any more.", Form<Never>.bareWord, bare: { $0.append(.freeze) }) {
            _,
            _ in
        },
    ]

    private static let beyond: [Key<[Action]>] = [
        Key("notify", "Tells somebody outside the chat.", NotifyKeys.form) { $0.append(.notify($1)) },
        Key("set", "Sets a fact, such as the status of an order.", FactKeys.form) { $0.append(.setFact($1)) },
        Key("count", "Adds one to a metric of this name.", .name("a name of a to z, 0 to 9 and _", with: "_")) {
            $0.append(.count(metric: $1))
        },
        Key(
            "webhook",
            "Sends a signed request to the app's endpoint.",
            Form<Never>.bareWord,
            bare: { $0.append(.callWebhook) }
        ) { _, _ in },
    ]

    private static let score = Form<Double>(
        allowed: "a number other than 0, from -1000 to 1000",
        schema: .number(-1_000...1_000)
    ) { node in node.plainNumber.flatMap { $0 != 0 && (-1_000...1_000).contains($0) ? $0 : nil } }

    private enum Deletion: String, Sendable, CaseIterable { case soft, hard }
    private static let deletion = Form<Deletion>.choice()

    /// A reason alone, or with a severity.
    private static let reason: Form<ReasonDraft> = {
        let mapping = ReasonDraft.table.form(from: ReasonDraft()) { draft, _, _ in draft }
        let text = Form<String>.reason
        let allowed =
            "a reason, or { reason: …, severity: \(Severity.allCases.map(\.rawValue).joined(separator: " | ")) }"
        return Form(allowed: allowed, schema: .either([text.schema, mapping.schema])) { node, reading in
            if node.mapping != nil { return mapping.read(node, &reading) }
            guard let reason = node.written, !reason.isEmpty else {
                reading.refuse(node, allowed: allowed)
                return nil
            }
            return text.read(node, &reading).map { ReasonDraft(reason: $0) }
        }
    }()
}

extension Form where Value == Never {
    /// For actions that need nothing: any value is one too much.
    static var bareWord: Form {
        Form(allowed: "the word alone", schema: .nothing) { node, reading in
            reading.refuse(
                node.position,
                "\(reading.key): found \(node.inWords); allowed: the word alone, as in \"- \(reading.key)\""
            )
            return nil
        }
    }
}

extension Action {
    /// The phases in which it has an effect; others would come too early or too late.
    var phases: [Rule.Phase] {
        switch self {
        case .reply: [.respond]
        case .score, .refuse: [.sanitise, .gate, .detect]
        default: Rule.Phase.allCases
        }
    }
}
