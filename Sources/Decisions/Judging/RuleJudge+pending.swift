import Chat
import History
import Limits
import Rules

extension RuleJudge {
    /// Takes out what was decided on messages that wait at the provider.
    ///
    /// One that is refused is never sent: what is to be done about its author is done from here. The others are judged when
    /// they have been sent.
    ///
    /// - Returns: those that are not to be let through, as they are written down.
    func takePending(
        from decided: inout [(Question, Decision?)],
        _ batch: BatchToJudge
    ) -> [(message: String, record: DecisionRecord)] {
        var pending: [EventID: String] = [:]
        for event in batch.events { if case .pending(let id) = event.hook { pending[event.id] = id } }
        guard !pending.isEmpty else { return [] }
        var refused: [(String, DecisionRecord)] = []
        for (question, decision) in decided {
            guard let id = pending[question.observation.subject.event], let decision,
                decision.actions.contains(where: { ["refuse", "delete"].contains($0.name) })
            else { continue }
            let isLate = decision.subject.time.isOlder(than: limits.lateSeconds, at: now())
            var record = DecisionRecord(decision, as: HookEvent.refused, mark: "pending-\(id)", at: now())
            record.isLate = isLate
            refused.append((id, record))
        }
        decided.removeAll { pending[$0.0.observation.subject.event] != nil }
        return refused
    }
}
