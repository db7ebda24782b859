import Blocking
import Chat
package import History
package import Limits
package import Rules
package import Telemetry

/// How often what was decided, by rule and verdict.
package final class DecisionMetrics: Sendable {
    private let metrics: Metrics
    private let limits: Limits.Rules
    private let counters = Locked<[String: Metrics.Counter]>([:])

    package init(_ metrics: Metrics, limits: Limits.Rules) { (self.metrics, self.limits) = (metrics, limits) }

    /// - Parameter rules: by which it was decided; knows what rules count.
    package func note(_ judgement: Judgement, by rules: RuleSet?) {
        for (before, after) in judgement.decisions {
            guard let decision = after.decision, decision != before?.decision else { continue }
            let verdict: KeyValuePairs = ["verdict": decision.enforced.verdict.rawValue]
            count("backchannel_decisions_total", "Decisions of rules about events, by what they came to.", verdict)
            for rule in decision.fired {
                let labels: KeyValuePairs = ["rule": rule.id, "mode": rule.isShadow ? "shadow" : "enforce"]
                count("backchannel_rule_fired_total", "Times that a rule has fired.", labels)
            }
            for action in decision.actions where action.name == "count" {
                guard case .count(let metric)? = rules?.action(action, scoring: 0)?.action else { continue }
                count("backchannel_rule_count_total", "What rules count by themselves.", ["metric": metric])
            }
            for input in decision.inputs where input.answer == .unavailable {
                count("backchannel_rule_unavailable_total", "Facts that could not be asked for.", ["fact": input.name])
            }
        }
    }

    private func count(_ name: String, _ help: String, _ labels: KeyValuePairs<String, String>) {
        let key = name + labels.map { "\n\($0.key)=\($0.value)" }.joined()
        let counter = counters.withLock { counters -> Metrics.Counter? in
            if let known = counters[key] { return known }
            // Rules come and go with their files; their counters stay until the next start.
            guard counters.count < limits.countersKept else { return nil }
            let counter = metrics.counter(name, help: help, labels: labels)
            counters[key] = counter
            return counter
        }
        counter?.add()
    }
}
