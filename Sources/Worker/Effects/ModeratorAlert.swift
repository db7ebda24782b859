import Chat
import History

extension EventEffectSettings.ModeratorAlert {
    /// When a message becomes flagged.
    func notice(_ before: MessageState?, _ after: MessageState) -> Notice? {
        guard let flag = after.record.flag, flag.value.isFlagged, before?.record.flag?.value.isFlagged != true,
            after.deletedAt == nil
        else { return nil }
        return Notice(
            kind: .moderatorAlert,
            recipients: recipients,
            messageID: after.record.id,
            cid: after.record.cid,
            version: TextVersion.of(after),
            eventTime: flag.stamp.time
        )
    }

    /// When an item appears in the review queue that nobody has decided yet; a flag and an item of one text are told once.
    ///
    /// An item whose message is not known here is told by itself: its text may be another one than that of the item before.
    func notice(_ before: ReviewItemRecord?, _ after: ReviewItemRecord, in batch: BatchFold) -> Notice? {
        guard before?.item == nil, let item = after.item, item.value.reviewedAt == nil, item.value.reviewedBy == nil
        else { return nil }
        let messageID = item.value.messageID
        let message = messageID.flatMap { batch.messages[$0] }
        return Notice(
            kind: .moderatorAlert,
            recipients: recipients,
            messageID: messageID,
            reviewItemID: after.id,
            cid: message?.record.cid,
            version: message?.record.content == nil && messageID != nil
                ? "review:\(after.id)" : TextVersion.of(message),
            eventTime: item.stamp.time
        )
    }

    private var recipients: [(destination: Effect.Destination, recipient: NotificationOrder.Recipient)] {
        destinations.flatMap { destination in
            var recipients: [NotificationOrder.Recipient] = []
            if destination == .email { recipients = moderators.map { .moderator($0) } }
            if byRole.contains(destination) { recipients.append(.moderators) }
            if recipients.isEmpty, destination != .email { recipients = [.destination] }
            return recipients.map { (destination, $0) }
        }
    }
}
