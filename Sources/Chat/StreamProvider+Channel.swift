import JSON

extension StreamProvider {
    /// From `channel`, else from `channel_custom`, which says nothing but custom data; together the former wins.
    func channel(of event: StreamFields, cid eventCID: String?) throws(DecodingFailure) -> Channel? {
        let object = event.object("channel")
        let extra = event.object("channel_custom")
        guard object != nil || extra != nil else { return nil }
        let own = try object.map { (object) throws(DecodingFailure) in
            try Self.cid(of: object, type: "type", id: "id")
        }
        guard let cid = own ?? eventCID else {
            event.fault("channel.cid")
            return nil
        }

        var channel = Channel(cid: cid, isComplete: object != nil)
        if let object { try read(&channel, from: object) }
        channel.team = channel.team ?? event.string("team")
        channel.memberCount = channel.memberCount ?? event.integer("channel_member_count")
        readCustom(&channel, from: object, extra)
        return channel
    }

    private func read(_ channel: inout Channel, from object: StreamFields) throws(DecodingFailure) {
        channel.team = object.string("team")
        channel.createdBy = try object.object("created_by")?.identifier("id")
        channel.createdBy = try channel.createdBy.or(try object.identifier("created_by_id"))
        channel.createdAt = object.time("created_at")
        channel.updatedAt = object.time("updated_at")
        channel.deletedAt = object.time("deleted_at")
        channel.truncatedAt = object.time("truncated_at")
        channel.frozen = object.flag("frozen")
        channel.disabled = object.flag("disabled")
        channel.memberCount = object.integer("member_count")
    }

    private func readCustom(_ channel: inout Channel, from object: StreamFields?, _ extra: StreamFields?) {
        var custom = StreamCustom()
        if let object { custom = StreamCustom(of: object, known: StreamKnownFields.channel) }
        if let extra { custom.add(extra) }
        guard !custom.isEmpty, let source = object ?? extra else { return }
        channel.name = custom.string("name", in: source)
        channel.image = custom.string("image", in: source)
        channel.context = custom.context(in: source)
        channel.custom = custom.text(except: StreamKnownFields.lifted)
    }

    /// `thread` as far as it names the message that it hangs on.
    func thread(of event: StreamFields, cid: String?) throws(DecodingFailure) -> ChatThread? {
        guard let object = event.object("thread"), let parent = try object.identifier("parent_message_id") else {
            return nil
        }
        var thread = ChatThread(parentMessageID: parent)
        thread.cid = try object.identifier("channel_cid") ?? cid
        thread.title = object.string("title")
        thread.replyCount = object.integer("reply_count")
        thread.participantCount = object.integer("participant_count")
        thread.createdAt = object.time("created_at")
        thread.updatedAt = object.time("updated_at")
        thread.custom = StreamCustom(of: object, known: StreamKnownFields.thread).text()
        return thread
    }

    /// Of the actor, in the event's channel or, with a thread, in that thread.
    func read(of event: StreamFields, in decoded: ChatEvent) throws(DecodingFailure) -> Read? {
        guard let userID = try (decoded.user?.id).or(try event.identifier("user_id")) else { return nil }
        var read = Read(userID: userID)
        read.unread = decoded.type.rawValue == "notification.mark_unread"
        read.threadID = try (decoded.thread?.parentMessageID).or(try event.identifier("thread_id"))
        read.lastReadMessageID = try event.identifier("last_read_message_id")
        // Reading says "up to now"; marking as unread goes back to a time that only the event itself can name.
        read.lastReadAt = event.time("last_read_at") ?? (read.unread ? nil : decoded.createdAt)
        return read
    }
}
