import JSON

extension StreamProvider {
    func message(of event: StreamFields, cid: String?) throws(DecodingFailure) -> Message? {
        guard let object = event.object("message", or: "Message") else { return nil }
        return try message(object, id: try event.identifier("message_id"), cid: cid)
    }

    /// - Parameter fallback: what the surroundings say that the object may not.
    func message(_ object: StreamFields, id fallback: String?, cid: String?) throws(DecodingFailure) -> Message? {
        guard let id = try object.identifier("id") ?? fallback else {
            object.fault("id")
            return nil
        }
        var message = Message(id: id)
        message.cid = try object.identifier("cid") ?? cid
        message.sender = try sender(of: object)
        message.type = object.string("type")
        message.text = object.string("text")
        message.silent = object.flag("silent") ?? false
        message.shadowed = object.flag("shadowed") ?? false
        message.beforeSendFailed = object.flag("before_message_send_failed") ?? false
        message.mentionedUserIDs = try mentionedUserIDs(of: object)
        message.pin = try pin(of: object)
        readTimes(of: &message, from: object)
        try readThread(of: &message, from: object)
        readAttachments(of: &message, from: object)
        readCustom(of: &message, from: object)
        return message
    }

    private func sender(of object: StreamFields) throws(DecodingFailure) -> User? {
        if let user = try user(object.object("user")) { return user }
        return try object.identifier("user_id").map { User(id: $0, isReference: true) }
    }

    private func readTimes(of message: inout Message, from object: StreamFields) {
        message.createdAt = object.time("created_at")
        message.updatedAt = object.time("updated_at")
        message.textUpdatedAt = object.time("message_text_updated_at")
        message.deletedAt = object.time("deleted_at")
    }

    private func readThread(of message: inout Message, from object: StreamFields) throws(DecodingFailure) {
        message.parentID = try object.identifier("parent_id")
        message.showInChannel = object.flag("show_in_channel") ?? false
        message.quotedMessageID = try object.identifier("quoted_message_id")
        message.replyCount = object.integer("reply_count") ?? 0
    }

    /// Answers mention by user object, requests by id.
    private func mentionedUserIDs(of object: StreamFields) throws(DecodingFailure) -> [String] {
        var ids: [String] = []
        for element in object.array("mentioned_users").map(Array.init) ?? [] {
            guard let id = element.string ?? element["id"]?.string else {
                object.fault("mentioned_users")
                continue
            }
            ids.append(try object.checked(id, "mentioned_users"))
        }
        return ids
    }

    private func pin(of object: StreamFields) throws(DecodingFailure) -> Message.Pin? {
        let at = object.time("pinned_at")
        guard object.flag("pinned") ?? (at != nil) else { return nil }
        let by = object.present("pinned_by")
        let id = try by?.kind == .string ? object.identifier("pinned_by") : object.object("pinned_by")?.identifier("id")
        return Message.Pin(at: at, by: id, expires: object.time("pin_expires"))
    }

    private func readAttachments(of message: inout Message, from object: StreamFields) {
        guard let attachments = object.array("attachments") else { return }
        for attachment in attachments {
            message.attachmentCount += 1
            if attachment["type"]?.string == "offer" { message.businessType = "offer" }
        }
        if message.attachmentCount > 0 { message.attachments = object.present("attachments")?.serialized() }
    }

    /// A business type that is stated wins over one that an attachment implies.
    private func readCustom(of message: inout Message, from object: StreamFields) {
        let custom = StreamCustom(of: object, known: StreamKnownFields.message)
        message.custom = custom.text()
        message.offerID = custom.businessID("offer_id", in: object)
        message.orderID = custom.businessID("order_id", in: object)
        message.listingID = custom.businessID("listing_id", in: object)
        message.amount = custom.amount("amount", in: object)
        let stated = options.businessTypeFields.lazy.compactMap { custom[$0]?.string }.first { !$0.isEmpty }
        message.businessType = stated ?? message.businessType
    }

    /// - Returns: `nil` when message, user or type is unknown: such a reaction has no identity.
    func reaction(of event: StreamFields, in decoded: ChatEvent) throws(DecodingFailure) -> Reaction? {
        guard let object = event.object("reaction") else { return nil }
        let user = try user(object.object("user"))
        guard let messageID = try object.identifier("message_id") ?? decoded.messageID,
            let userID = try object.identifier("user_id") ?? user?.id ?? decoded.user?.id,
            let type = try object.identifier("type")
        else {
            event.fault("reaction")
            return nil
        }
        var reaction = Reaction(messageID: messageID, userID: userID, type: type)
        reaction.user = user ?? (decoded.user?.id == userID ? decoded.user : nil)
        reaction.score = object.integer("score") ?? 1
        reaction.createdAt = object.time("created_at")
        reaction.updatedAt = object.time("updated_at")
        return reaction
    }
}
