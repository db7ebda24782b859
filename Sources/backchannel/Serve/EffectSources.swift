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
        let outbox = OutboxWriter(mode: mode, order: order, now: now)
        var sources: [any EffectSource] = [
            PendingMessages(ownUserID: rules.user, outbox: outbox), LateItems(ownUserID: rules.user, outbox: outbox),
        ]
        if rules.folder != nil { sources.append(DecisionEffects(outbox: outbox)) }
        if let eventEffects {
            sources.append(EventEffects(eventEffects, limits: limits.outbox, outbox: outbox))
        }
        if users.pushURL != nil { sources.append(UserPushes(limits: limits.users, outbox: outbox)) }
        return sources.isEmpty ? nil : CombinedEffects(sources)
    }
}
