package import Chat
package import MongoDB

extension HistoryQueries {
    /// Flags a message or takes the flag back, as if an event had said so at `now`; moderators are to look at what is flagged.
    ///
    /// Safe to repeat.
    ///
    /// What moderators of this side say holds against all that is known by then, also if the provider's clock is ahead.
    ///
    /// - Parameter entries: what the audit trail is told, of the message's author where that is known.
    /// - Returns: `nil` when no event has told of this message itself.
    package func flag(
        _ isFlagged: Bool,
        message id: String,
        reason: String?,
        by moderator: String,
        now: Timestamp,
        entering entries: (_ author: String?) -> [AuditEntry] = { _ in [] }
    ) throws(MongoError) -> StoredMessage? {
        let isKnown = try store.change { (change) throws(MongoError) in
            guard let flagged = try change.flag(isFlagged, message: id, reason: reason, by: moderator, now: now) else {
                return false
            }
            let before = try change.load(ReviewCaseRecord.self, .message(id))
            guard isFlagged || before != nil else {
                try change.enter(entries(flagged.record.sender))
                return true
            }
            var after = before ?? ReviewCaseRecord(of: flagged)
            if isFlagged {
                let stamp = Stamp(time: after.moment(at: now), tieBreak: .max)
                after.add(ReviewSource(.moderator, by: moderator, at: stamp, reason: reason))
            } else {
                after.resolve(at: now)
            }
            try change.write(before, after)
            try change.enter(entries(flagged.record.sender))
            return true
        }
        guard isKnown, let document = try document(.messages, id) else { return nil }
        return try withSenders([document]).first
    }
}

extension HistoryChange {
    /// The message as it is then; `nil` when no event has told of it itself.
    package func flag(
        _ isFlagged: Bool,
        message id: String,
        reason: String?,
        by moderator: String,
        now: Timestamp
    ) throws(MongoError) -> MessageState? {
        guard let before = try load(MessageState.self, id), before.record.created != nil else { return nil }
        var after = before
        let total = before.record.flag?.value.total
        let flag = MessageFlag(isFlagged: isFlagged, reason: reason, by: moderator, total: total)
        after.record.flag = before.record.flag.changed(flag, at: now)
        try write(before, after)
        try raiseFence()
        return after
    }
}

extension ReviewCaseRecord {
    /// An item about a message that is known.
    package init(of message: MessageState) {
        self.init(.message(message.record.id))
        describe(cid: message.record.cid, author: message.record.sender)
    }
}
