package import Chat
package import MongoDB

extension MessageState: StoredRecord {
    package static let collection = Collection.messages
    package static func documentID(of key: String) -> String { key }
    package var key: String { record.id }

    package var document: BSONDocument {
        var document = BSONDocument(capacity: 1_024)
        document.append("_id", record.id)
        // A message that only other events point to exists for no query: it has no channel field and no creation time.
        if record.created != nil { appendIdentity(to: &document) }
        appendFacts(to: &document)
        if let content = record.content?.value { content.append(to: &document) }
        appendModeration(to: &document)
        document.append("v", document: appendStamps)
        return document
    }

    private func appendIdentity(to document: inout BSONDocument) {
        if let cid = record.cid {
            document.append("stream_channel_id", Channel.parts(ofCID: cid).id)
            document.append("cid", cid)
        }
        document.append("sender_id", ifPresent: record.sender)
        document.append("createdAt", date: record.created?.time)
        context.forEach { document.append($0.field, $1) }
        document.append("team", ifPresent: team)
    }

    private func appendFacts(to document: inout BSONDocument) {
        document.append("parent_id", ifPresent: record.parentID)
        guard let facts = record.facts?.value else { return }
        document.append("type", ifPresent: facts.type)
        document.append("message_type", ifPresent: facts.businessType)
        document.append("amount", ifPresent: facts.amount)
        if facts.attachmentCount > 0 { document.append("attachment_count", Int64(facts.attachmentCount)) }
    }

    private func appendModeration(to document: inout BSONDocument) {
        if let flag = record.flag?.value {
            document.append("is_flagged", flag.isFlagged)
            document.append("flag_reason", ifPresent: flag.reason)
            document.append("flagged_by", ifPresent: flag.by)
            document.append("flag_total", ifPresent: flag.total)
            document.append("flag_severity", ifPresent: flag.severity)
        }
        document.append("deletedAt", date: deletedAt)
        document.append("deleted_by", ifPresent: record.deletion?.value.by)
        document.append("deleted_for", ifAny: record.deletedFor)
        document.append("erased", ifTrue: record.isErased)
        if let read = record.sellerRead {
            document.append("seller_read") {
                $0.append("by", read.seller)
                $0.append("at", date: read.at)
            }
        }
    }

    private func appendStamps(to stamps: inout BSONDocument) {
        if let created = record.created {
            stamps.append("created", created.time.nanoseconds)
            if created.source != .message { stamps.append("created_from", created.source.rawValue) }
        } else {
            // Identity that is known before the message itself.
            stamps.append("cid", ifPresent: record.cid)
            stamps.append("sender_id", ifPresent: record.sender)
        }
        stamps.append("content", stamp: record.content?.stamp)
        stamps.append("facts", stamp: record.facts?.stamp)
        stamps.append("deletion", stamp: record.deletion?.stamp)
        stamps.append("undeleted", ifTrue: record.deletion?.value.isDeleted == false)
        stamps.append("flag", stamp: record.flag?.stamp)
        guard let facts = record.facts?.value else { return }
        stamps.append("listing_id", ifPresent: facts.listingID)
        stamps.append("order_id", ifPresent: facts.orderID)
        stamps.append("offer_id", ifPresent: facts.offerID)
        stamps.append("edited", date: facts.editedAt)
    }

    package init?(_ document: BSONDocument) {
        guard let id = document.string("_id"), let stamps = document.document("v") else { return nil }
        var record = MessageRecord(id: id)
        record.cid = document.string("cid") ?? stamps.string("cid")
        record.sender = document.string("sender_id") ?? stamps.string("sender_id")
        record.parentID = document.string("parent_id")
        record.created = stamps.exactTime("created").map { time in
            let source = stamps.int64("created_from").flatMap { CreationTime.Source(rawValue: Int32($0)) }
            return CreationTime(time, from: source ?? .message)
        }
        record.content = document.register(stamps, "content") { MessageContent(document) }
        record.facts = document.register(stamps, "facts") { MessageFacts(document, own: stamps) }
        record.deletion = document.register(stamps, "deletion") {
            MessageDeletion(isDeleted: stamps.bool("undeleted") != true, by: document.string("deleted_by"))
        }
        record.flag = document.register(stamps, "flag") {
            MessageFlag(
                isFlagged: document.bool("is_flagged") ?? false,
                reason: document.string("flag_reason"),
                by: document.string("flagged_by"),
                total: document.int64("flag_total"),
                severity: document.string("flag_severity")
            )
        }
        record.deletedFor = document.strings("deleted_for")
        record.isErased = document.bool("erased") ?? false
        if let read = document.document("seller_read"), let seller = read.string("by"), let at = read.time("at") {
            record.sellerRead = SellerRead(seller: seller, at: at)
        }
        var context = BusinessContext()
        for kind in BusinessContext.Kind.allCases { context[kind] = document.string(kind.field) }
        self.init(record: record, context: context, team: document.string("team"))
    }
}

extension MessageContent {
    fileprivate func append(to document: inout BSONDocument) {
        document.append("text", ifPresent: text)
        document.append("updatedAt", date: updatedAt)
        document.append("text_updated_at", date: textUpdatedAt)
        document.append("show_in_channel", ifTrue: showInChannel)
        document.append("quoted_message_id", ifPresent: quotedMessageID)
        document.append("silent", ifTrue: silent)
        document.append("shadowed", ifTrue: shadowed)
        document.append("before_message_send_failed", ifTrue: beforeSendFailed)
        if let pin {
            document.append("pin") {
                $0.append("at", date: pin.at)
                $0.append("by", ifPresent: pin.by)
                $0.append("expires", date: pin.expires)
            }
        }
        document.append("mentioned_user_ids", ifAny: mentionedUserIDs)
        document.append("attachments", ifPresent: attachments)
        document.append("custom", ifPresent: custom)
    }

    fileprivate init(_ document: BSONDocument) {
        self.init()
        text = document.string("text")
        (updatedAt, textUpdatedAt) = (document.time("updatedAt"), document.time("text_updated_at"))
        showInChannel = document.bool("show_in_channel") ?? false
        quotedMessageID = document.string("quoted_message_id")
        (silent, shadowed) = (document.bool("silent") ?? false, document.bool("shadowed") ?? false)
        beforeSendFailed = document.bool("before_message_send_failed") ?? false
        pin = document.document("pin").map {
            Message.Pin(at: $0.time("at"), by: $0.string("by"), expires: $0.time("expires"))
        }
        mentionedUserIDs = document.strings("mentioned_user_ids")
        attachments = document.string("attachments")
        custom = document.string("custom")
    }
}

extension MessageFacts {
    fileprivate init(_ document: BSONDocument, own stamps: BSONDocument) {
        self.init()
        (type, businessType) = (document.string("type"), document.string("message_type"))
        amount = document.double("amount")
        attachmentCount = Int(document.int64("attachment_count") ?? 0)
        // Written so only since there are figures of edits.
        editedAt = stamps.time("edited") ?? document.time("text_updated_at")
        listingID = stamps.string("listing_id")
        orderID = stamps.string("order_id")
        offerID = stamps.string("offer_id")
    }
}
