package import Chat
package import History
package import Limits
package import MongoDB
package import Outbox

/// What events cause: forwarded events, offers told to sellers, alerts to moderators, reminders of what is unread.
///
/// Nothing is read for it: a batch holds what its events are about, and what is missing is looked up when the effect's
/// turn comes.
package struct EventEffects: EffectSource {
    private let settings: EventEffectSettings
    private let limits: Limits.Outbox
    private let outbox: OutboxWriter

    package init(_ settings: EventEffectSettings, limits: Limits.Outbox, outbox: OutboxWriter) {
        (self.settings, self.limits, self.outbox) = (settings, limits, outbox)
    }

    package func outboxWrites(of batch: BatchFold) -> [MongoUpdate] {
        let (mode, now) = (outbox.mode(), outbox.now())
        guard mode != .off, !batch.events.isEmpty else { return [] }
        var writes = outbox.writes(effects(of: batch))
        for change in reminderChanges(of: batch, at: now) {
            switch change {
            case .cancel(let keys, let through):
                writes += keys.map { $0.cancellationIfWaiting(through: through, by: "read", limits, at: now) }
            case .remind(let effects, let latest):
                writes += effects.compactMap {
                    $0.renewal(mode, latest: latest, order: outbox.order.next(at: now), limits, at: now)
                }
            }
        }
        return writes
    }

    /// What the batch causes once and for all.
    package func effects(of batch: BatchFold) -> [Effect] {
        var effects: [Effect] = []
        if let bridge = settings.bridge { effects += bridge.effects(of: batch) }
        if settings.newOffer != nil || settings.moderatorAlert != nil {
            effects += notices(of: batch)
        }
        return effects
    }

    private func notices(of batch: BatchFold) -> [Effect] {
        var notices: [Notice] = []
        for (id, message) in batch.messages.after {
            let before = batch.messages.before[id]
            if let notice = settings.newOffer?.notice(before, message) { notices.append(notice) }
            if let notice = settings.moderatorAlert?.notice(before, message) { notices.append(notice) }
        }
        if let alert = settings.moderatorAlert {
            for (id, item) in batch.reviewItems.after {
                if let notice = alert.notice(batch.reviewItems.before[id], item, in: batch) { notices.append(notice) }
            }
        }
        guard !notices.isEmpty else { return [] }
        let causes = NoticeCauses(batch)
        return notices.sorted { $0.eventTime < $1.eventTime }
            .flatMap { $0.effects(causedBy: causes.event(of: $0), maximumAge: settings.maximumAge) }
    }

    package func reminderChanges(of batch: BatchFold, at now: Timestamp) -> [ReminderChange] {
        settings.unreadReminder?.changes(of: batch, settings.maximumAge, at: now) ?? []
    }
}
