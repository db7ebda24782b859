package import Chat
import Crypto
package import MongoDB

extension DecisionRecord: StoredRecord {
    package static let collection = Collection.decisions
    package static func documentID(of key: String) -> String { key }
    package var key: String { id }

    package var document: BSONDocument {
        var document = BSONDocument(capacity: 1_024)
        document.append("_id", id)
        if let decision {
            decision.append(to: &document)
        } else {
            document.append("withdrawn", true)
            // What it was about is still asked for, and erased.
            if let subject = superseded.last?.subject { subject.appendPlace(to: &document) }
        }
        document.append("decided", date: decidedAt)
        document.append("late", ifTrue: isLate)
        guard !superseded.isEmpty else { return document }
        document.append("superseded") { (array: inout BSONArray) in
            for decision in superseded { array.append { decision.append(to: &$0) } }
        }
        return document
    }

    package init?(_ document: BSONDocument) {
        guard let id = document.string("_id"), let decidedAt = document.time("decided") else { return nil }
        self.init(
            id: id,
            decision: document.bool("withdrawn") == true ? nil : Decision(document),
            decidedAt: decidedAt,
            isLate: document.bool("late") ?? false,
            superseded: (document.array("superseded") ?? []).compactMap { $0.document.flatMap(Decision.init) }
        )
    }
}

extension DecisionRecord {
    /// As it travels in an event's body.
    package var base64: String { Base64.encode(document.bytes) }

    /// - Parameter event: the one that it came in.
    /// - Returns: `nil` for what is no record.
    package init?(base64 text: String, of event: EventID) {
        guard let bytes = Base64.decode(text), let document = try? BSONDocument(validating: bytes) else { return nil }
        self.init(document)
        decision?.subject.event = event
    }
}

extension Decision {
    fileprivate func append(to document: inout BSONDocument) {
        document.append("event", subject.event.bytes)
        document.append("type", subject.type.rawValue)
        subject.appendPlace(to: &document)
        document.append("at_ns", subject.time.nanoseconds)
        document.append("version", subject.version)
        document.append("rule_set", ruleSet)
        enforced.append(to: &document)
        document.append("shadow") { shadow.append(to: &$0) }
        document.append("rules", fired.map(\.id))
        document.append("fired") { (array: inout BSONArray) in
            for rule in fired { array.append { rule.append(to: &$0) } }
        }
        document.append("inputs") { (array: inout BSONArray) in
            for input in inputs { array.append { input.append(to: &$0) } }
        }
        document.append("actions") { (array: inout BSONArray) in
            for action in actions {
                array.append {
                    $0.append("rule", action.rule)
                    $0.append("index", Int32(clamping: action.index))
                    $0.append("name", action.name)
                }
            }
        }
    }

    fileprivate init?(_ document: BSONDocument) {
        guard let event = document.binary("event"), let type = document.string("type"),
            let time = document.exactTime("at_ns"), let ruleSet = document.string("rule_set")
        else { return nil }
        self.init(
            subject: Subject(
                event: EventID(bytes: event),
                type: EventType(rawValue: type),
                time: time,
                messageID: document.string("message_id"),
                version: document.int64("version") ?? 0,
                cid: document.string("cid"),
                userID: document.string("user_id")
            ),
            ruleSet: ruleSet,
            enforced: Outcome(document),
            shadow: document.document("shadow").map(Outcome.init) ?? Outcome(),
            fired: (document.array("fired") ?? []).compactMap { $0.document.flatMap(FiredRule.init) },
            inputs: (document.array("inputs") ?? []).compactMap { $0.document.flatMap(Input.init) },
            actions: (document.array("actions") ?? []).compactMap { $0.document.flatMap(PlannedAction.init) }
        )
    }
}

extension Decision.Subject {
    fileprivate func appendPlace(to document: inout BSONDocument) {
        document.append("at", date: time)
        document.append("message_id", ifPresent: messageID)
        document.append("cid", ifPresent: cid)
        document.append("user_id", ifPresent: userID)
    }
}

extension Decision.Outcome {
    fileprivate func append(to document: inout BSONDocument) {
        document.append("verdict", verdict.rawValue)
        document.append("score", score)
        document.append("labels", ifAny: labels)
    }

    fileprivate init(_ document: BSONDocument) {
        self.init(
            verdict: document.string("verdict").flatMap(Verdict.init) ?? .allow,
            score: document.double("score") ?? 0,
            labels: document.strings("labels")
        )
    }
}

extension Decision.FiredRule {
    fileprivate func append(to document: inout BSONDocument) {
        document.append("rule", id)
        document.append("shadow", ifTrue: isShadow)
        document.append("actions", ifAny: actions)
        if !matches.isEmpty {
            document.append("matches") { (array: inout BSONArray) in
                for match in matches {
                    array.append {
                        $0.append("pattern", match.pattern)
                        $0.append("from", Int32(clamping: match.from))
                        $0.append("to", Int32(clamping: match.to))
                    }
                }
            }
        }
        guard !values.isEmpty else { return }
        document.append("values") { (array: inout BSONArray) in
            for value in values { array.append { value.append(to: &$0) } }
        }
    }

    fileprivate init?(_ document: BSONDocument) {
        guard let id = document.string("rule") else { return nil }
        self.init(
            id: id,
            isShadow: document.bool("shadow") ?? false,
            actions: document.strings("actions"),
            matches: (document.array("matches") ?? []).compactMap { value in
                guard let match = value.document, let pattern = match.string("pattern"),
                    let from = match.int64("from"), let to = match.int64("to")
                else { return nil }
                return Decision.Match(pattern: pattern, from: Int(from), to: Int(to))
            },
            values: (document.array("values") ?? []).compactMap { $0.document.flatMap(Decision.Input.init) }
        )
    }
}

extension Decision.Input {
    fileprivate func append(to document: inout BSONDocument) {
        document.append("name", name)
        switch answer {
        case .missing: document.append("missing", true)
        case .unavailable: document.append("unavailable", true)
        case .value(.text(let text)): document.append("value", text)
        case .value(.number(let number)): document.append("value", number)
        case .value(.flag(let flag)): document.append("value", flag)
        case .value(.texts(let texts)): document.append("value", texts)
        case .value(.time(let time)): document.append("time", time.nanoseconds)
        }
    }

    fileprivate init?(_ document: BSONDocument) {
        guard let name = document.string("name") else { return nil }
        if document.bool("missing") == true {
            self.init(name: name, answer: .missing)
        } else if document.bool("unavailable") == true {
            self.init(name: name, answer: .unavailable)
        } else if let time = document.exactTime("time") {
            self.init(name: name, answer: .value(.time(time)))
        } else if let value = document["value"] {
            guard let value = RuleValue(value) else { return nil }
            self.init(name: name, answer: .value(value))
        } else {
            return nil
        }
    }
}

extension RuleValue {
    fileprivate init?(_ value: BSONValue) {
        if let text = value.string {
            self = .text(text)
        } else if let flag = value.bool {
            self = .flag(flag)
        } else if let number = value.double {
            self = .number(number)
        } else if let texts = value.array {
            self = .texts(texts.compactMap(\.string))
        } else {
            return nil
        }
    }
}

extension Decision.PlannedAction {
    fileprivate init?(_ document: BSONDocument) {
        guard let rule = document.string("rule"), let index = document.int64("index"),
            let name = document.string("name")
        else { return nil }
        self.init(rule: rule, index: Int(index), name: name)
    }
}
