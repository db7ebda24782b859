package import Chat
import History
package import Limits
package import MongoDB

/// What becomes of a scheduled effect when something newer makes it out of date: writes of the transaction that causes it.
///
/// Neither touches one whose time has come: a node may have read it.
extension Effect.EffectKey {
    /// Another payload and another time in place of the scheduled one's.
    package func replacement(
        payload: String,
        eventTime: Timestamp,
        due: Timestamp,
        _ limits: Limits.Outbox,
        at now: Timestamp
    ) -> MongoUpdate {
        var change = BSONDocument(capacity: payload.utf8.count + 256)
        change.append("$set") {
            $0.append("payload", payload)
            $0.append("event_at", date: eventTime.milliseconds)
            $0.append("due", date: due.milliseconds)
        }
        TimelineEntry(at: now, what: .replaced).push(to: &change, most: limits.timelineEntries)
        return MongoUpdate(filter: whileScheduled, update: change)
    }

    /// - Parameter caller: what is written down as the reason.
    package func cancellation(by caller: String, _ limits: Limits.Outbox, at now: Timestamp) -> MongoUpdate {
        var change = BSONDocument(capacity: 256)
        change.append("$set") {
            $0.append("state", EffectState.cancelled.rawValue)
            $0.append("finished", date: now.milliseconds)
        }
        change.append("$unset") { $0.append("due", Int32(1)) }
        TimelineEntry(at: now, what: .cancelled, detail: caller).push(to: &change, most: limits.timelineEntries)
        return MongoUpdate(filter: whileScheduled, update: change)
    }

    private var whileScheduled: BSONDocument {
        var filter = BSONDocument.id(description)
        filter.append("state", EffectState.scheduled.rawValue)
        return filter
    }
}
