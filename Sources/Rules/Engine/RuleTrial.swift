package import Chat
import Limits

/// What a rule set would make of a text that nobody has sent.
package struct RuleTrial {
    private let engine: RuleEngine

    package init(_ engine: RuleEngine) { self.engine = engine }

    package struct Result {
        /// `nil` where no rule fires.
        package let decision: Decision?
        package let traces: [RuleTrace]

        package init(decision: Decision?, traces: [RuleTrace]) { (self.decision, self.traces) = (decision, traces) }
    }

    /// - Parameter example: text, values and earlier messages; what it expects does not matter.
    /// - Returns: `nil` where what is given makes no event.
    package func run(_ example: RuleTest) -> Result? {
        let made = RuleExample(example)
        guard let (event, body) = made.decoded else { return nil }
        let examiner = Examiner(engine)
        let windows = made.windows(examiner)
        let entry = examiner.windowEntry(
            event.messageID ?? event.actingUserID ?? "",
            cid: event.cid,
            at: event.judgedTime,
            text: event.message?.text,
            mentions: event.message?.mentionedUserIDs.count ?? 0
        )
        let observation = examiner.observation(of: event, body)
        let ask: (InputKey) -> RuleAnswer = { key in
            switch key {
            case .value(let path): made.facts[path].map { .value($0) } ?? .missing
            case .rate, .first, .silence: windows(key).answer(key, for: entry, most: engine.limits.windowEntries)
            case .spam where made.spam != nil: .value(.number(made.spam ?? 0))
            case .spam, .spamModel: observation.spamAnswer(to: key)
            }
        }
        let decision = observation.decide(ask)
        let outcome = decision?.shadow ?? Decision.Outcome()
        return Result(decision: decision, traces: examiner.traces(event, body, outcome: outcome, ask: ask))
    }
}
