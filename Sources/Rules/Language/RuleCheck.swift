import Chat
import Limits
import Spelling
import YAML

/// Compares the parts of one rule with each other.
struct RuleCheck {
    let draft: RuleDraft
    let notes: RuleNotes
    /// Its keys that have faults or are missing: what is compared with them would only be wrong once more.
    let wrong: Set<String>
    /// Values that any rule of the set looks at.
    let readByAny: Set<ValuePath>

    private var events: Set<EventType> { draft.events?.value ?? [RuleEvent.messageNew] }

    /// The rule; `nil` where a part of it is missing or wrong.
    func rule(templates: TemplateCollection, _ reading: inout Reading) -> Rule? {
        let before = reading.faultCount
        if !wrong.contains("phase") { checkPhase(&reading) }
        if !wrong.contains("on") { checkEvents(&reading) }
        checkActions(&reading)
        if draft.tests.count > reading.limits.testsPerRule {
            let most = reading.limits.testsPerRule
            reading.refuse(draft.position, "tests: found \(draft.tests.count); at most \(most) are allowed")
        }
        let own = Set(notes.reads.map(\.value) + notes.templates.flatMap { templates.reads($0) })
        // What others have come to follows from what they look at.
        let reads = draft.condition?.asksOthers == true ? own.union(readByAny) : own
        for test in draft.tests { check(test, reads, &reading) }
        guard wrong.isEmpty, reading.faultCount == before, let id = draft.id?.value, let condition = draft.condition,
            let actions = draft.actions
        else { return nil }
        return Rule(
            id: id,
            description: draft.description,
            place: reading.place(draft.position),
            phase: draft.phase,
            events: events,
            mode: draft.mode,
            condition: condition,
            actions: actions,
            priority: draft.priority,
            stops: draft.stops,
            cooldown: draft.cooldown,
            exceptions: draft.exceptions,
            active: draft.active,
            tests: draft.tests.compactMap { made($0, &reading) }
        )
    }

    // MARK: The rule

    private func checkPhase(_ reading: inout Reading) {
        if let verdict = notes.verdict, draft.phase != .respond {
            reading.refuse(
                verdict,
                "verdict: is known in the phase respond only; this rule's is \(draft.phase.rawValue); write phase: respond"
            )
        }
        for step in notes.steps where !step.action.phases.contains(draft.phase) {
            let allowed = step.action.phases.map(\.rawValue).joined(separator: ", ")
            let why =
                step.action.name == "score"
                ? "the verdict is made of scores before that" : "the verdict has to be known"
            reading.refuse(
                step.position,
                "\(step.action.name): is not for the phase \(draft.phase.rawValue), as \(why); allowed: phase: \(allowed)"
            )
        }
    }

    private func checkEvents(_ reading: inout Reading) {
        if let changed = notes.changed, !events.contains(RuleEvent.messageUpdated) {
            reading.refuse(
                changed,
                "changed: only message.updated changes something, and the rule does not look at it; write on: message.updated"
            )
        }
        if events.contains(RuleEvent.channelSilent), !notes.watchesChannel, !wrong.contains("when") {
            reading.refuse(
                draft.events?.position ?? draft.position,
                "on: channel.silent needs the condition silence: { longer_than: … }, which says after how long"
            )
        }
    }

    private func checkActions(_ reading: inout Reading) {
        for step in notes.steps {
            if case .mask(let kinds, _) = step.action, kinds.contains(.matches), !notes.locates, !wrong.contains("when")
            {
                reading.refuse(
                    step.position,
                    "mask: matches are what the conditions find in the text, and none looks for anything there; allowed: a condition such as text: { has_word: … }, or another kind of mask"
                )
            }
        }
    }

    // MARK: Its tests

    private func check(_ test: TestDraft, _ reads: Set<ValuePath>, _ reading: inout Reading) {
        if let event = test.event, !wrong.contains("on"), !events.contains(event.value) {
            let names = events.map(\.rawValue).sorted()
            reading.refuse(
                event.position,
                "event: the rule does not look at \(Wording.quoted(event.value.rawValue)); allowed: \(Wording.listed(names))"
            )
        }
        guard !wrong.contains("then") else { return }
        let names = notes.steps.map(\.action.name)
        for expected in test.expected where !names.contains(expected.value) {
            reading.refuse(
                expected.position,
                "expect: the rule has no action \(Wording.quoted(expected.value))\(Wording.allowed(names, for: expected.value))"
            )
        }
        guard !wrong.contains("when") else { return }
        for given in test.given where !reading.isFull {
            if !isRead(given.given.path, reads) {
                reading.refuse(given.position, unread(given.given.path, reads))
            } else if notes.times.contains(given.given.path), !given.isTime {
                let path = given.given.path.description
                reading.key = path
                // Says how a time is written, as under `at`.
                if Form<Timestamp>.time.read(given.written, &reading) != nil { continue }
            }
        }
    }

    /// One of the two that are nearly the same is misspelt, and only the author knows which.
    private func unread(_ path: ValuePath, _ reads: Set<ValuePath>) -> String {
        let (name, names) = (path.description, reads.map(\.description).sorted())
        guard !names.isEmpty else { return "given: the rule never reads \(name), nor any other value; remove it" }
        let near = Suggestion.nearest(to: name, among: names)
        let places = notes.reads.filter { $0.value.description == near }.map { "\($0.position.line)" }
        let advice = places.first.map { " (line \($0) has that: one of the two is misspelt)" } ?? ""
        let meant = near.map { "; did you mean \"\($0)\"?\(advice)" } ?? ""
        return
            "given: the rule never reads \(name)\(meant)\(meant.isEmpty ? ";" : "") allowed: \(Wording.listed(names))"
    }

    /// Whether a value can matter: to the conditions, the actions, or to what is looked at for every rule.
    private func isRead(_ path: ValuePath, _ reads: Set<ValuePath>) -> Bool {
        if reads.contains(path) || path.keys == ["id"] { return true }
        switch path.root {
        case .user: return ["role", "channel_role", "name", "banned"].contains(path.keys.joined(separator: "."))
        case .channel: return ["type", "cid", "name"].contains(path.keys.joined(separator: "."))
        case .event, .message:
            // Measures, edits and machines are seen in parts of these, but what is nearly a path of the rule is a slip.
            return !reads.contains { read in
                let (read, path) = (read.description, path.description)
                return abs(read.utf8.count - path.utf8.count) < 3 && Suggestion.edits(read, path) < 3
            }
        default: return false
        }
    }

    private func made(_ test: TestDraft, _ reading: inout Reading) -> RuleTest? {
        guard let expectation = test.expectation?.value else { return nil }
        let usual = events.contains(RuleEvent.messageNew) ? RuleEvent.messageNew : nil
        return RuleTest(
            place: reading.place(test.position),
            name: test.name,
            event: test.event?.value ?? usual ?? events.min { $0.rawValue < $1.rawValue } ?? RuleEvent.messageNew,
            text: test.text,
            given: test.given.map(\.given),
            spam: test.spam,
            earlier: test.earlier,
            at: test.at,
            expectation: expectation
        )
    }
}

extension GivenDraft {
    fileprivate var isTime: Bool {
        switch given.value {
        case .time: true
        case .text(let text): Timestamp(rfc3339: text) != nil
        default: false
        }
    }
}

extension Condition {
    /// Whether it looks at what rules before have come to.
    fileprivate var asksOthers: Bool {
        switch self {
        case .all(let conditions), .any(let conditions), .none(let conditions): conditions.contains(where: \.asksOthers)
        case .labelled, .score, .verdict: true
        default: false
        }
    }
}
