import Chat
import Decisions
import History
import Limits
import Moderation
import Outbox
import UserSync
import Worker

extension Configuration {
    /// What stored events cause, as far as it is configured; `nil` if nothing.
    func effectSources(
        mode: @escaping @Sendable () -> EffectMode,
        order: WriteOrder,
        now: @escaping @Sendable () -> Timestamp
    ) -> (any EffectSource)? {
        var sources: [any EffectSource] = []
        sources.append(PendingMessages(ownUserID: rules.user, mode: mode, order: order, now: now))
        sources.append(LateItems(ownUserID: rules.user, mode: mode, order: order, now: now))
        if rules.folder != nil { sources.append(DecisionEffects(mode: mode, order: order, now: now)) }
        if let eventEffects {
            sources.append(EventEffects(eventEffects, limits: limits.outbox, mode: mode, order: order, now: now))
        }
        if users.pushURL != nil {
            sources.append(UserPushes(limits: limits.users, mode: mode, order: order, now: now))
        }
        return sources.isEmpty ? nil : CombinedEffects(sources)
    }
}
