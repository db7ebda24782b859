import Chat

/// Runs the examples beside rules.
///
/// Each is judged by all rules of the set, as the service would: one that is off is taken as in shadow mode, and nothing is
/// known but what the example gives.
package struct RuleTestRunner {
    private let engine: RuleEngine

    package struct Failure: Sendable, Equatable, CustomStringConvertible {
        package let rule: String
        package let test: RuleTest
        /// What came instead, in one sentence without its full stop.
        package let problem: String

        /// `file:line:column: rule, test: problem`.
        package var description: String {
            "\(test.place): \(rule)\(test.name.map { ", \($0)" } ?? ""): \(problem)"
        }
    }

    /// - Throws: ``PatternFault`` as ``RuleEngine`` does.
    package init(_ ruleSet: RuleSet, settings: RuleEngine.Settings) throws(PatternFault) {
        var tried = ruleSet
        for index in tried.rules.indices where tried.rules[index].mode == .off { tried.rules[index].mode = .shadow }
        engine = try RuleEngine(tried, settings: settings)
    }

    /// Of every rule, in order.
    package func run() -> [Failure] {
        engine.ruleSet.rules.flatMap { rule in rule.tests.compactMap { failure(of: $0, rule) } }
    }

    private func failure(of test: RuleTest, _ rule: Rule) -> Failure? {
        let trace = RuleTrial(engine).run(test)?.traces.first { $0.rule.id == rule.id }
        let (outcome, actions) = (trace?.outcome ?? .unknown, rule.actions.map(\.name))
        let came = trace.map { Self.came($0, actions) } ?? "what is given makes no event"
        let problem: String? =
            switch test.expectation {
            case .fires(nil): outcome == .fires ? nil : "expected it to fire; \(came)"
            case .fires(let expected?):
                outcome == .fires && expected.allSatisfy(actions.contains)
                    ? nil : "expected \(expected.joined(separator: ", ")); \(came)"
            case .staysQuiet: outcome == .fires ? "expected nothing; \(came)" : nil
            case .isUnknown: outcome == .unknown ? nil : "expected it to be unknown; \(came)"
            }
        return problem.map { Failure(rule: rule.id, test: test, problem: $0) }
    }

    private static func came(_ trace: RuleTrace, _ actions: [String]) -> String {
        switch trace.outcome {
        case .fires: "it fires (\(actions.joined(separator: ", ")))"
        case .quiet: "it stays quiet (\(trace.condition.unmet.joined(separator: "; ")))"
        case .unknown: "it is unknown (\(trace.condition.unmet.joined(separator: "; ")))"
        case .off, .excepted, .inactive, .otherEvent, .stopped, .silenced: "it stays quiet (\(trace.outcome.rawValue))"
        }
    }
}

extension ConditionTrace {
    /// What stands between a condition and its being so, each with what it came to.
    fileprivate var unmet: [String] {
        guard truth != .yes else { return [] }
        guard !parts.isEmpty else { return ["\(summary): \(truth == .no ? "no" : "unknown")"] }
        guard summary == "none" else { return parts.flatMap(\.unmet) }
        return parts.filter { $0.truth != .no }.map { "none of \($0.summary): \($0.truth == .yes ? "yes" : "unknown")" }
    }
}
