/// All that events have said about one message, in a form that merges in any order.
package struct MessageRecord: Sendable, Equatable {
    package let id: String
    package var cid: String?
    /// The author's id, or the pseudonym that stands for it after an erasure.
    package var sender: String?
    package var parentID: String?
    package var created: CreationTime?
    package var content: Register<MessageContent>?
    package var facts: Register<MessageFacts>?
    package var deletion: Register<MessageDeletion>?
    package var flag: Register<MessageFlag>?
    /// Users who deleted the message for themselves alone; sorted.
    package var deletedFor: [String] = []
    /// Hard deletion or erasure: content never comes back.
    package var isErased = false
    /// The first time that the channel's seller said to have read up to this message.
    package var sellerRead: SellerRead?

    package init(id: String) { self.id = id }

    /// Merges what another event, or the store, says of the same message.
    ///
    /// - Returns: the version of the text that lost against a newer one, to be kept as an edit.
    package mutating func merge(_ other: MessageRecord) -> MessageVersion? {
        cid.lower(to: other.cid)
        sender = Pseudonym.preferred(sender, other.sender)
        parentID.lower(to: other.parentID)
        created.lower(to: other.created)
        facts.merge(other.facts)
        deletion.merge(other.deletion)
        flag.merge(other.flag)
        if !other.deletedFor.isEmpty { deletedFor = Set(deletedFor).union(other.deletedFor).sorted() }
        isErased = isErased || other.isErased
        guard !isErased else {
            erase()
            return nil
        }
        let superseded = supersededVersion(content, other.content)
        content.merge(other.content)
        return superseded
    }

    /// Notes that the channel's seller had read up to this message.
    ///
    /// Not part of ``merge(_:)``: who the seller is, only the channel knows.
    package mutating func note(_ read: SellerRead) {
        guard let current = sellerRead, current.seller == read.seller else {
            sellerRead = read
            return
        }
        sellerRead = SellerRead(seller: current.seller, at: min(current.at, read.at))
    }

    private func supersededVersion(
        _ left: Register<MessageContent>?,
        _ right: Register<MessageContent>?
    ) -> MessageVersion? {
        guard let left, let right else { return nil }
        let loser = min(left.stamp, right.stamp) == left.stamp ? left : right
        let winner = loser.stamp == left.stamp ? right : left
        let isSameVersion = (loser.stamp.time, loser.stamp.version) == (winner.stamp.time, winner.stamp.version)
        guard !isSameVersion, loser.stamp.time > .distantPast else { return nil }
        return MessageVersion(
            messageID: id,
            at: loser.stamp.time,
            version: loser.stamp.version,
            text: loser.value.text ?? ""
        )
    }
}

/// When a message was made, and who says so: its own `created_at` beats the event's time, which beats our receipt.
package struct CreationTime: Sendable, Hashable, Comparable {
    package enum Source: Int32, Sendable { case message, event, receipt }

    package var source: Source
    package var time: Timestamp

    package init(_ time: Timestamp, from source: Source) { (self.time, self.source) = (time, source) }

    /// The better source is "less", then the earlier time.
    package static func < (left: Self, right: Self) -> Bool {
        (left.source.rawValue, left.time) < (right.source.rawValue, right.time)
    }
}

/// What an erasure removes.
package struct MessageContent: Sendable, Equatable {
    package var text: String?
    package var updatedAt: Timestamp?
    package var textUpdatedAt: Timestamp?
    package var showInChannel = false
    package var quotedMessageID: String?
    package var silent = false
    package var shadowed = false
    package var beforeSendFailed = false
    package var pin: Message.Pin?
    package var mentionedUserIDs: [String] = []
    package var attachments: String?
    package var custom: String?

    package init() {}
}

/// What a tombstone keeps, so that figures survive an erasure.
package struct MessageFacts: Sendable, Equatable {
    /// The provider's type, an open set.
    package var type: String?
    package var businessType: String?
    package var listingID: String?
    package var orderID: String?
    package var offerID: String?
    package var amount: Double?
    package var attachmentCount = 0
    /// When the text was last changed, in whole milliseconds.
    package var editedAt: Timestamp?

    package init() {}
}

package struct MessageDeletion: Sendable, Equatable {
    /// `false` after an undeletion.
    package var isDeleted: Bool
    package var by: String?
    package init(isDeleted: Bool, by: String? = nil) { (self.isDeleted, self.by) = (isDeleted, by) }
}

package struct MessageFlag: Sendable, Equatable {
    package var isFlagged: Bool
    package var reason: String?
    package var by: String?
    package var total: Int64?
    /// Of a rule's flag: `low`, `medium`, `high` or `critical`.
    package var severity: String?

    package init(
        isFlagged: Bool,
        reason: String? = nil,
        by: String? = nil,
        total: Int64? = nil,
        severity: String? = nil
    ) {
        (self.isFlagged, self.reason, self.by) = (isFlagged, reason, by)
        (self.total, self.severity) = (total, severity)
    }
}

package struct SellerRead: Sendable, Equatable {
    package var seller: String
    package var at: Timestamp
    package init(seller: String, at: Timestamp) { (self.seller, self.at) = (seller, at) }
}

/// A text that a message had before: one row per version the provider told of, other than the current one.
package struct MessageVersion: Sendable, Hashable {
    package var messageID: String
    package var at: Timestamp
    /// ``Stamp/version``: tells texts of the same instant apart.
    package var version: Int64
    package var text: String
    package init(messageID: String, at: Timestamp, version: Int64, text: String) {
        (self.messageID, self.at, self.version, self.text) = (messageID, at, version, text)
    }
}
