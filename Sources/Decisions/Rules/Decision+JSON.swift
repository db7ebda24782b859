package import Chat
package import JSON
package import Rules

extension DecisionRecord {
    /// The fields of a JSON object, as REST and the commands give them.
    package func writeFields(to writer: inout JSONWriter) {
        writer.field("_id", id)
        if let decision { decision.writeFields(to: &writer) } else { writer.field("withdrawn", true) }
        writer.field("decidedAt", decidedAt.rfc3339)
        writer.field("late", isLate)
        guard !superseded.isEmpty else { return }
        writer.field("superseded") {
            $0.array { for decision in superseded { $0.object { decision.writeFields(to: &$0) } } }
        }
    }
}

extension Decision {
    package func writeFields(to writer: inout JSONWriter) {
        writer.field("event", subject.event.description)
        writer.field("type", subject.type.rawValue)
        writer.field("at", subject.time.rfc3339)
        writer.field("message_id", subject.messageID)
        writer.field("cid", subject.cid)
        writer.field("user_id", subject.userID)
        writer.field("rule_set", ruleSet)
        enforced.writeFields(to: &writer)
        writer.field("shadow") { $0.object { shadow.writeFields(to: &$0) } }
        writer.field("fired") { $0.array { for rule in fired { $0.object { rule.writeFields(to: &$0) } } } }
        writer.field("inputs") { $0.array { for input in inputs { $0.object { input.writeFields(to: &$0) } } } }
        writer.field("actions") {
            $0.array {
                for action in actions {
                    $0.object {
                        $0.field("rule", action.rule)
                        $0.field("action", action.name)
                    }
                }
            }
        }
    }
}

extension Decision.Outcome {
    fileprivate func writeFields(to writer: inout JSONWriter) {
        writer.field("verdict", verdict.rawValue)
        writer.field("score", score)
        writer.field("labels", labels)
    }
}

extension Decision.FiredRule {
    fileprivate func writeFields(to writer: inout JSONWriter) {
        writer.field("rule", id)
        writer.field("mode", isShadow ? "shadow" : "enforce")
        writer.field("actions", actions)
        writer.field("matches") {
            $0.array {
                for match in matches {
                    $0.object {
                        $0.field("pattern", match.pattern)
                        $0.field("from", match.from)
                        $0.field("to", match.to)
                    }
                }
            }
        }
        writer.field("values") { $0.array { for value in values { $0.object { value.writeFields(to: &$0) } } } }
    }
}

extension Decision.Input {
    fileprivate func writeFields(to writer: inout JSONWriter) {
        writer.field("name", name)
        switch answer {
        case .missing: writer.field("missing", true)
        case .unavailable: writer.field("unavailable", true)
        case .value(let value): writer.field("value") { value.write(to: &$0) }
        }
    }
}

extension RuleTrial.Result {
    /// The fields of a JSON object.
    package func write(by rules: RuleSet, to writer: inout JSONWriter) {
        writer.field("rule_set", rules.version)
        if let decision { writer.field("decision") { $0.object { decision.writeFields(to: &$0) } } }
        writer.field("rules") { $0.array { for trace in traces { trace.write(to: &$0) } } }
    }
}

extension RuleTrace {
    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("rule", rule.id)
            $0.field("mode", rule.mode.rawValue)
            $0.field("phase", rule.phase.rawValue)
            $0.field("place", rule.place.description)
            $0.field("outcome", outcome.rawValue)
            $0.field("actions", rule.actions.map(\.name))
            $0.field("condition") { condition.write(to: &$0) }
        }
    }
}

extension ConditionTrace {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("condition", summary)
            $0.field("truth", truth == .yes ? "true" : truth == .no ? "false" : "unknown")
            if let found, !found.isEmpty { $0.field("found", found) }
            if !parts.isEmpty { $0.field("parts") { $0.array { for part in parts { part.write(to: &$0) } } } }
        }
    }
}
