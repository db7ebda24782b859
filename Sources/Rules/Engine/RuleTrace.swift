package import Chat
package import JSON

/// How one rule came out for an event, condition by condition.
package struct RuleTrace: Sendable, Equatable {
    package enum Outcome: String, Sendable {
        case fires, quiet
        /// A fact that it needs is missing.
        case unknown
        case off
        /// The user, role or channel is among its exceptions.
        case excepted
        /// Not the time at which it is active.
        case inactive
        /// It is about other events.
        case otherEvent = "other-event"
        /// A rule before it has fired and stops those after it.
        case stopped
        /// It would answer what is taken away.
        case silenced
    }

    package let rule: Rule
    package let outcome: Outcome
    package let condition: ConditionTrace
}

/// One condition, what it came to, and what it saw.
package struct ConditionTrace: Sendable, Equatable {
    package let summary: String
    package let truth: Truth
    /// What was found: matched parts, a value, a count.
    package let found: String?
    package let parts: [ConditionTrace]
}

extension Examiner {
    /// Every rule of the set on one event, nothing left out.
    ///
    /// - Parameters:
    ///   - outcome: what conditions on labels, scores and the verdict are shown with, in rules that the event rules out;
    ///     the others see what rules before them have come to.
    ///   - ask: answers what the event does not.
    package func traces(
        _ event: ChatEvent,
        _ body: JSONValue,
        outcome: Decision.Outcome,
        ask: (InputKey) -> RuleAnswer
    ) -> [RuleTrace] {
        let observed = ObservedEvent(event, body)
        let turns = observe(event, body)?.turns(ask) ?? [:]
        begin(event)
        return withoutActuallyEscaping(ask) { ask in
            engine.ruleSet.rules.map { rule in
                let turn = turns[rule.id]
                let tracer = ConditionTracer(
                    examiner: self,
                    observed: observed,
                    outcome: turn?.outcome ?? outcome,
                    ask: ask
                )
                let condition = tracer.trace(rule.condition)
                let outcome = self.outcome(of: rule, condition.truth, observed)
                return RuleTrace(
                    rule: rule,
                    outcome: outcome == .fires ? turn?.skipped ?? .fires : outcome,
                    condition: condition
                )
            }
        }
    }

    private func outcome(of rule: Rule, _ truth: Truth, _ observed: ObservedEvent) -> RuleTrace.Outcome {
        if rule.mode == .off { return .off }
        if !rule.events.contains(observed.type) { return .otherEvent }
        if !rule.active.contains(observed.time) { return .inactive }
        if isExcepted(rule.exceptions, observed) { return .excepted }
        return truth == .yes ? .fires : truth == .no ? .quiet : .unknown
    }
}

private struct ConditionTracer {
    let examiner: Examiner
    let observed: ObservedEvent
    let outcome: Decision.Outcome
    let ask: (InputKey) -> RuleAnswer

    func trace(_ condition: Condition) -> ConditionTrace {
        switch condition {
        case .all(let conditions): group("all", conditions) { $0.reduce(Truth.yes) { $0.and($1) } }
        case .any(let conditions): group("any", conditions) { $0.reduce(Truth.no) { $0.or($1) } }
        case .none(let conditions): group("none", conditions) { $0.reduce(Truth.no) { $0.or($1) }.negated }
        default: leaf(condition)
        }
    }

    private func group(_ name: String, _ conditions: [Condition], _ truth: ([Truth]) -> Truth) -> ConditionTrace {
        let parts = conditions.map(trace)
        return ConditionTrace(summary: name, truth: truth(parts.map(\.truth)), found: nil, parts: parts)
    }

    private func leaf(_ condition: Condition) -> ConditionTrace {
        guard let place = examiner.engine.place(of: condition) else {
            return ConditionTrace(summary: condition.summary, truth: .unknown, found: "the rule is off", parts: [])
        }
        let (truth, found) = answer(place)
        return ConditionTrace(summary: condition.summary, truth: truth, found: found, parts: [])
    }

    private func answer(_ place: Int) -> (Truth, String?) {
        switch examiner.engine.leaves[place].question {
        case .value(let path, let question, _, _):
            let answer = observed.answer(path) ?? ask(.value(path))
            let other = question.other.map { observed.answer($0) ?? ask(.value($0)) }
            return (question.truth(answer, other: other, at: observed.time), answer.shown)
        case .input(let key, let bounds, _):
            let answer = ask(key)
            return (bounds.truth(answer), answer.shown)
        case .spam(let bounds, _, _):
            let answer = ask(.spam)
            return (bounds.truth(answer), answer == .missing ? "no model" : answer.shown)
        case .labelled(let labels):
            return (Truth(labels.contains(where: outcome.labels.contains)), outcome.labels.joined(separator: ", "))
        case .score(let bounds): return (Truth(bounds.contains(outcome.score)), "\(outcome.score)")
        case .verdict(let verdicts): return (Truth(verdicts.contains(outcome.verdict)), outcome.verdict.rawValue)
        default:
            let finding = examiner.finding(place, observed)
            let matches = finding.matches.map { "\($0.pattern) at \($0.from)–\($0.to)" }.joined(separator: ", ")
            return (finding.truth, matches.isEmpty ? finding.note ?? finding.value?.answer.shown : matches)
        }
    }
}

extension RuleAnswer {
    /// For people.
    package var shown: String {
        switch self {
        case .missing: "missing"
        case .unavailable: "could not be asked"
        case .value(.text(let text)): text
        case .value(.number(let number)): Int64(exactly: number).map { "\($0)" } ?? "\(number)"
        case .value(.flag(let flag)): flag ? "true" : "false"
        case .value(.time(let time)): time.rfc3339
        case .value(.texts(let texts)): texts.joined(separator: ", ")
        }
    }
}
