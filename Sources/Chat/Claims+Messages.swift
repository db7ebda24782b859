import Crypto

extension Claims {
    mutating func addMessage(of event: ChatEvent) {
        guard let message = event.message else { return }
        let created = Self.creationTime(of: message, in: event)
        let stamp = Self.contentStamp(of: message, in: event)
        let cid = message.cid ?? event.cid
        changeMessage(of: event) { record in
            record.cid = cid
            record.sender = message.sender?.id
            record.parentID = message.parentID
            record.created = created
            record.facts = Register(MessageFacts(message), at: stamp)
            record.content = Register(MessageContent(message), at: stamp)
            if let deletedAt = message.deletedAt {
                record.deletion.merge(Register(MessageDeletion(isDeleted: true), at: event.stamp(deletedAt)))
            }
        }
        // The message is counted in its channel and for its sender, whatever else the event says of them.
        changeChannel(of: event) { _ in }
        changeUser(message.sender?.id) { _ in }
    }

    mutating func addDeletion(of event: ChatEvent) {
        changeMessage(of: event) { record in
            if event.deletedForMe {
                record.deletion = nil
                if let user = event.user?.id { record.deletedFor = [user] }
                return
            }
            let deletion = MessageDeletion(isDeleted: true, by: event.user?.id)
            record.deletion = Register(deletion, at: event.stamp(event.message?.deletedAt))
            if event.hardDelete {
                record.isErased = true
                record.content = nil
            }
        }
    }

    mutating func addMessageFlag(_ isFlagged: Bool, of event: ChatEvent) {
        let flag = MessageFlag(
            isFlagged: isFlagged,
            reason: event.flag?.reason,
            by: event.flag?.by ?? event.user?.id,
            total: event.flag?.total
        )
        changeMessage(of: event) { $0.flag.merge(Register(flag, at: event.stamp)) }
    }

    mutating func addReaction(_ isPresent: Bool, of event: ChatEvent) {
        guard let reaction = event.reaction else { return }
        let key = ReactionRecord.Key(messageID: reaction.messageID, userID: reaction.userID, type: reaction.type)
        var record = ReactionRecord(key: key)
        let at = isPresent ? reaction.updatedAt ?? reaction.createdAt : nil
        record.state = Register(.init(isPresent: isPresent, score: reaction.score), at: event.stamp(at))
        record.firstAt = reaction.createdAt ?? event.time
        reactions.append(record)
        changeUser(reaction.userID) { _ in }
    }

    mutating func addRead(of event: ChatEvent) {
        guard let read = event.read, let cid = event.cid else { return }
        let at = read.lastReadAt ?? event.time
        var record = ReadRecord(key: .init(cid: cid, userID: read.userID, threadID: read.threadID))
        record.state = Register(
            .init(messageID: read.lastReadMessageID, at: at, isUnread: read.unread),
            at: event.stamp
        )
        reads.append(record)
        changeUser(read.userID) { _ in }
        guard !read.unread, let messageID = read.lastReadMessageID else { return }
        readMarks.append(ReadMark(key: .init(messageID: messageID, userID: read.userID), cid: cid, at: event.time))
        changeChannel(of: event) { _ in }
    }

    private static func creationTime(of message: Message, in event: ChatEvent) -> CreationTime {
        if let createdAt = message.createdAt { return CreationTime(createdAt, from: .message) }
        if let createdAt = event.createdAt { return CreationTime(createdAt, from: .event) }
        return CreationTime(event.receivedAt, from: .receipt)
    }

    /// Ordered by the version's time, then by its text, so that one text of one instant is one version whichever event
    /// carried it.
    ///
    /// What is said of a message after its deletion yields to anything said before.
    private static func contentStamp(of message: Message, in event: ChatEvent) -> Stamp {
        let isDeleted = message.type == "deleted" || message.deletedAt != nil
        let time = isDeleted ? Timestamp.distantPast : message.updatedAt ?? event.time
        return Stamp(time: time, version: textVersion(message.text ?? ""), tieBreak: event.tieBreak)
    }

    /// FNV-1a: a fixed order among texts, no more.
    private static func textVersion(_ text: String) -> Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return Int64(bitPattern: hash)
    }
}

extension MessageContent {
    init(_ message: Message) {
        text = message.text
        (updatedAt, textUpdatedAt) = (message.updatedAt, message.textUpdatedAt)
        (showInChannel, quotedMessageID) = (message.showInChannel, message.quotedMessageID)
        (silent, shadowed, beforeSendFailed) = (message.silent, message.shadowed, message.beforeSendFailed)
        (pin, mentionedUserIDs) = (message.pin, message.mentionedUserIDs)
        (attachments, custom) = (message.attachments, message.custom)
    }
}

extension MessageFacts {
    init(_ message: Message) {
        (type, businessType) = (message.type, message.businessType)
        (listingID, orderID, offerID) = (message.listingID, message.orderID, message.offerID)
        (amount, attachmentCount) = (message.amount, message.attachmentCount)
        editedAt = message.textUpdatedAt?.roundedDownToMilliseconds
    }
}
