/// A message as it stands: its record under the watermarks of its channel and sender and the context of its channel.
package struct MessageState: Sendable, Equatable {
    package var record: MessageRecord
    /// The channel's business context; the message's own `listing_id`, `order_id` and `offer_id` win.
    package var context: BusinessContext
    /// The channel's.
    package var team: String?

    package init(record: MessageRecord, context: BusinessContext, team: String? = nil) {
        (self.record, self.context, self.team) = (record, context, team)
    }

    /// - Parameters:
    ///   - channel: the message's channel, if known.
    ///   - sender: the user named by `record.sender`, or for whom it is the pseudonym, if known.
    ///   - context: the channel's, see ``ChannelRecord/effectiveContext(_:_:)``; empty if the channel is not known.
    ///   - pseudonyms: knows who of the users that the channel names is erased.
    package init(
        resolving record: MessageRecord,
        in channel: ChannelRecord?,
        by sender: UserRecord?,
        context: BusinessContext,
        pseudonyms: Pseudonyms
    ) {
        var record = record
        if let created = record.created?.time {
            for removal in [channel?.removal, sender?.removal].compactMap(\.self) {
                record.apply(removal, createdAt: created)
            }
            for (user, removal) in channel?.senderRemovals ?? [:] {
                guard let sender = record.sender, pseudonyms.areSame(user, sender) else { continue }
                record.apply(removal, createdAt: created)
            }
        }
        if let sender, sender.isErased {
            record.erase()
            record.sender = pseudonyms.of(sender.id)
        }
        var context = context
        if let facts = record.facts?.value {
            if let id = facts.listingID { context[.listing] = id }
            if let id = facts.orderID { context[.order] = id }
            if let id = facts.offerID { context[.offer] = id }
        }
        if record.created == nil || record.sellerRead?.seller != context[.seller] { record.sellerRead = nil }
        self.init(record: record, context: context, team: channel?.team)
    }

    /// When the message was deleted, or stands as a tombstone; `nil` while it is there.
    package var deletedAt: Timestamp? {
        if let deletion = record.deletion, deletion.value.isDeleted { return deletion.stamp.time }
        return record.isErased ? record.created?.time : nil
    }

    /// From the message to the first read by the channel's seller, whose own messages do not count.
    package var readLatency: (seller: String, milliseconds: Int64)? {
        guard let created = record.created?.time, let read = record.sellerRead, read.seller == context[.seller],
            read.seller != record.sender, record.sender != nil
        else { return nil }
        return (read.seller, max(0, read.at.milliseconds - created.milliseconds))
    }
}

extension MessageRecord {
    /// Drops the content for ever, and what somebody said of it.
    ///
    /// Time, type, listing and sender remain.
    package mutating func erase() {
        isErased = true
        content = nil
        flag?.value.reason = nil
    }

    fileprivate mutating func apply(_ removal: Watermark, createdAt: Timestamp) {
        if let through = removal.deletedThrough, createdAt <= through {
            deletion.merge(Register(MessageDeletion(isDeleted: true), at: Stamp(time: through, tieBreak: .min)))
        }
        if let through = removal.erasedThrough, createdAt <= through { erase() }
    }
}

extension MessageState {
    /// Whether it stands where others can read it: also where the hook before sending failed, since it was sent all the same.
    package var isVisible: Bool {
        guard record.created != nil, !record.isErased, record.deletion?.value.isDeleted != true,
            let content = record.content?.value
        else { return false }
        return !content.shadowed
    }
}
