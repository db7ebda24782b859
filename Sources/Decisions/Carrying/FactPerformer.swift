import Chat
package import Outbox

/// Sets facts that rules have decided on, among those that the app has sent.
package struct FactPerformer: EffectPerformer {
    private let desk: RuleDesk

    package init(desk: RuleDesk) { self.desk = desk }

    package func perform(_ effects: [PendingEffect]) async -> [EffectOutcome] {
        var outcomes: [EffectOutcome] = []
        for effect in effects { outcomes.append(await desk.setFact(effect)) }
        return outcomes
    }
}
