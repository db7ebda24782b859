import JSON

extension StreamProvider {
    func ban(of event: StreamFields, in decoded: ChatEvent) throws(DecodingFailure) -> Ban? {
        guard let userID = decoded.user?.id else { return nil }
        var ban = Ban(userID: userID)
        ban.shadow = event.flag("shadow") ?? false
        ban.reason = event.nonEmpty("reason")
        ban.expires = event.time("expiration")
        ban.by = decoded.createdBy?.id
        return ban
    }

    func flag(of event: StreamFields, in decoded: ChatEvent) throws(DecodingFailure) -> Flag? {
        let object = event.object("flag")
        var flag = Flag()
        flag.messageID = decoded.messageID
        flag.targetUserID = decoded.targetUsers.first?.id ?? decoded.message?.sender?.id
        flag.by = try (decoded.user?.id ?? decoded.createdBy?.id).or(try object?.object("user")?.identifier("id"))
        flag.reason = event.nonEmpty("reason") ?? object?.nonEmpty("reason")
        flag.total = event.integer("total_flags")
        if decoded.type.rawValue == "moderation.flagged", let target = try event.identifier("object_id") {
            // `user`, `message`, or one of the entity types of the review queue, such as `stream:chat:v1:message`.
            let content = event.string("content_type") ?? ""
            if content.hasSuffix("message") { flag.messageID = target }
            if StreamUserIDs.isUser(entityType: content) { flag.targetUserID = target }
        }
        return flag
    }

    /// Users muting users, and users muting channels.
    func mute(of event: StreamFields, in decoded: ChatEvent) throws(DecodingFailure) -> Mute? {
        let object = event.object("mute")
        guard let userID = try (decoded.user?.id).or(try object?.object("user")?.identifier("id")) else { return nil }
        var mute = Mute(userID: userID)
        mute.targetUserIDs = decoded.targetUsers.map(\.id)
        mute.targetCIDs = try Self.mutedCIDs(of: event)
        mute.expires = object?.time("expires")
        return mute
    }

    /// The channels of `mute` and `mutes`, each once: these events name no channel of their own.
    static func mutedCIDs(of event: StreamFields) throws(DecodingFailure) -> [String] {
        guard event.value["mute"] != nil || event.value["mutes"] != nil else { return [] }
        var cids: [String] = []
        for mute in [event.object("mute")].compactMap({ $0 }) + event.objects("mutes") {
            guard let channel = mute.object("channel"), let cid = try cid(of: channel, type: "type", id: "id") else {
                continue
            }
            if !cids.contains(cid) { cids.append(cid) }
        }
        return cids
    }

    /// From `review_queue_item`, in some events called `item`; a finished check has only the item's id.
    func reviewItem(of event: StreamFields) throws(DecodingFailure) -> ReviewItem? {
        if let object = event.object("review_queue_item", or: "item") {
            return try reviewItem(object, of: event)
        }
        guard event.value["type"]?.string == "moderation_check.completed",
            let id = try event.identifier("review_queue_item_id")
        else { return nil }
        var item = ReviewItem(id: id)
        item.isCheckOnly = true
        item.entityType = event.nonEmpty("entity_type")
        item.entityID = try event.identifier("entity_id")
        item.recommendedAction = event.nonEmpty("recommended_action")
        return item
    }

    private func reviewItem(_ object: StreamFields, of event: StreamFields) throws(DecodingFailure) -> ReviewItem? {
        guard let id = try object.identifier("id") else {
            object.fault("id")
            return nil
        }
        var item = ReviewItem(id: id)
        item.entityType = object.nonEmpty("entity_type")
        item.entityID = try object.identifier("entity_id")
        item.entityCreatorID = try object.identifier("entity_creator_id")
        item.status = object.nonEmpty("status")
        item.recommendedAction = object.nonEmpty("recommended_action")
        item.severity = object.integer("severity")
        item.labels = labels(of: object.objects("flags") + event.objects("flags"))
        item.reviewedBy = try object.identifier("reviewed_by")
        item.latestAction = object.nonEmpty("latest_moderator_action") ?? event.object("action")?.nonEmpty("type")
        item.createdAt = object.time("created_at")
        item.updatedAt = object.time("updated_at")
        item.reviewedAt = object.time("reviewed_at")
        return item
    }

    /// Each label once, in the order of its first mention.
    private func labels(of flags: [StreamFields]) -> [String] {
        var labels: [String] = []
        for flag in flags {
            let found = flag.strings("labels") + flag.objects("result").compactMap { $0.nonEmpty("label") }
            for label in found where !labels.contains(label) { labels.append(label) }
        }
        return labels
    }
}

extension StreamFields {
    /// The provider writes an unset string as an empty one.
    fileprivate func nonEmpty(_ key: String) -> String? { string(key).flatMap { $0.isEmpty ? nil : $0 } }
}
