package import Chat
import History

/// What a batch means for the reminders of one user in one channel.
package enum ReminderChange: Sendable, Equatable {
    /// These are no longer needed, unless something was written after `through`.
    case cancel([Effect.EffectKey], through: Timestamp)
    /// Each is to wait, unless it does so already; `latest` is when the last message was written.
    case remind([Effect], latest: Timestamp)
}

extension EventEffectSettings.UnreadReminder {
    /// Who is to be reminded, and who need not be any more: each user of a channel once, cancelling before reminding.
    ///
    /// A message reminds the channel's other parties or, where the channel's context does not name them, is left for its
    /// members (``NotificationOrder/Recipient/members``). Reading cancels, and so does writing oneself.
    func changes(of batch: BatchFold, _ maximumAge: Duration, at now: Timestamp) -> [ReminderChange] {
        var folded = UnreadFold()
        for (key, read) in batch.reads.after where read.state != batch.reads.before[key]?.state {
            folded.note(read)
        }
        let oldest = now.nanoseconds - maximumAge.nanoseconds
        for (id, message) in batch.messages.after where batch.messages.before[id]?.record.created == nil {
            guard let created = message.record.created?.time, created.nanoseconds >= oldest else { continue }
            folded.note(message)
        }
        guard !folded.places.isEmpty else { return [] }
        let causes = NoticeCauses(batch)
        return folded.places.sorted { $0.key < $1.key }.flatMap { place, unread in
            changes(of: unread, in: place, causes, maximumAge, at: now)
        }
    }

    private func changes(
        of unread: Unread,
        in place: Place,
        _ causes: NoticeCauses,
        _ maximumAge: Duration,
        at now: Timestamp
    ) -> [ReminderChange] {
        var changes: [ReminderChange] = []
        if let through = unread.readThrough {
            changes.append(.cancel(destinations.map { key(of: place, at: $0) }, through: through))
        }
        let messages = unread.messages.filter { message in unread.readThrough.map { message.at > $0 } ?? true }
        guard let first = messages.min(), let last = messages.max() else { return changes }
        let cause = causes.event(ofMessage: first.id)
        let effects = destinations.map { destination in
            var order = NotificationOrder(.unreadReminder, to: place.user.map { .user($0) } ?? .members)
            (order.cid, order.messageID) = (place.cid, first.id)
            return Effect(
                key: key(of: place, at: destination),
                destination: destination,
                lane: place.user ?? place.cid,
                action: order.kind.action,
                payload: order.payload,
                cause: .init(.event, cause?.description ?? first.id),
                eventTime: first.at,
                maximumAge: delay + maximumAge,
                // A clock that is ahead puts off no reminder.
                notBefore: Timestamp(nanoseconds: min(first.at, now).nanoseconds + delay.nanoseconds)
            )
        }
        changes.append(.remind(effects, latest: last.at))
        return changes
    }

    private func key(of place: Place, at destination: Effect.Destination) -> Effect.EffectKey {
        .unreadReminder(cid: place.cid, user: place.user, destination)
    }
}

/// A channel, and a user in it or all its members.
private struct Place: Hashable, Comparable {
    var cid: String
    var user: String?

    static func < (left: Self, right: Self) -> Bool { (left.cid, left.user ?? "") < (right.cid, right.user ?? "") }
}

private struct Unread {
    struct Written: Comparable {
        var at: Timestamp
        var id: String
        static func < (left: Self, right: Self) -> Bool { (left.at, left.id) < (right.at, right.id) }
    }

    var messages: [Written] = []
    /// Read, or answered.
    var readThrough: Timestamp?
}

/// Reads and messages of a batch by whom they concern.
private struct UnreadFold {
    private(set) var places: [Place: Unread] = [:]

    mutating func note(_ read: ReadRecord) {
        guard read.key.threadID == nil, let state = read.state?.value, !state.isUnread,
            !Pseudonym.isPseudonym(read.key.userID)
        else { return }
        places[Place(cid: read.key.cid, user: read.key.userID), default: Unread()].readThrough.raise(to: state.at)
    }

    mutating func note(_ message: MessageState) {
        guard let cid = message.record.cid, let sender = message.record.sender,
            let at = message.record.created?.time, !Pseudonym.isPseudonym(sender), message.isPersonal
        else { return }
        places[Place(cid: cid, user: sender), default: Unread()].readThrough.raise(to: at)
        guard message.isVisible, message.record.content?.value.silent != true else { return }
        let others = [BusinessContext.Kind.seller, .buyer].compactMap { message.context[$0] }.filter { $0 != sender }
        let written = Unread.Written(at: at, id: message.record.id)
        for user in others where !Pseudonym.isPseudonym(user) {
            places[Place(cid: cid, user: user), default: Unread()].messages.append(written)
        }
        // A party who is erased is nobody to remind; one who is not known may be among the members.
        if others.isEmpty { places[Place(cid: cid, user: nil), default: Unread()].messages.append(written) }
    }
}

extension MessageState {
    /// Whether somebody said it to the channel: not the system, not in a thread that is read by itself.
    fileprivate var isPersonal: Bool {
        guard record.parentID == nil || record.content?.value.showInChannel == true else { return false }
        return !["system", "ephemeral", "error", "deleted"].contains(record.facts?.value.type ?? "regular")
    }
}
