import Blocking
import Chat
package import History
package import Limits
import MongoDB
package import Outbox

/// Lets only the newest profile of each user through to who performs effects: what waited while the provider was away is
/// not sent change by change.
package struct NewestProfiles: EffectPerformer {
    private let performer: any EffectPerformer
    private let history: HistoryHandle
    private let limits: Limits
    private let pool: BlockingPool

    package init(_ performer: any EffectPerformer, history: HistoryHandle, limits: Limits) {
        (self.performer, self.history, self.limits) = (performer, history, limits)
        pool = BlockingPool(label: "users.newest", threads: limits.users.lookUps)
    }

    package func batchSize(for action: String) -> Int { performer.batchSize(for: action) }
    package func delay(before effects: [PendingEffect]) -> Duration? { performer.delay(before: effects) }
    package func withdraw(_ effects: [PendingEffect]) { performer.withdraw(effects) }

    package func perform(_ effects: [PendingEffect]) async -> [EffectOutcome] {
        let superseded = await superseded(among: effects)
        guard !superseded.isEmpty else { return await performer.perform(effects) }
        let rest = effects.filter { !superseded.contains($0.key.description) }
        if rest.isEmpty { performer.withdraw(effects) }
        var outcomes = rest.isEmpty ? [] : await performer.perform(rest)
        outcomes.reverse()
        return effects.map { effect in
            guard !superseded.contains(effect.key.description) else {
                return .unsent(.needless(answer: "a newer profile of this user follows"))
            }
            return outcomes.popLast() ?? .retry(reason: "no outcome was given", after: nil)
        }
    }

    /// Those whose user has got a newer profile since, which is told by an effect of its own.
    ///
    /// Whoever cannot be looked up is sent: an older profile once more does no harm.
    private func superseded(among effects: [PendingEffect]) async -> Set<String> {
        let profiles = effects.compactMap { effect in
            effect.action == "upsertUsers" ? ProfileVersion(effect.key).map { (effect, $0) } : nil
        }
        guard !profiles.isEmpty, let store = history.store else { return [] }
        let (ids, limits) = (profiles.map(\.0.lane), limits)
        let sides = try? await pool.run { () throws(MongoError) in
            try AppUserStore(store, limits: limits).sides(of: ids)
        }
        var keys: Set<String> = []
        for (effect, version) in profiles {
            guard let side = sides?[effect.lane], let newest = side.app?.effect, newest != effect.key.description,
                let follower = ProfileVersion(Effect.EffectKey(stored: newest)), follower.number > version.number,
                side.effect?.isOpen == true || side.effect == .scheduled
            else { continue }
            keys.insert(effect.key.description)
        }
        return keys
    }
}
