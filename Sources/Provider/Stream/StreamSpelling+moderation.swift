import Chat
import JSON

extension StreamSpelling {
    func ban(_ ban: UserBan, at now: Timestamp, _ check: StreamCheck) throws(ProviderFailure) -> StreamRequest {
        let target = try check.id(ban.target, "the user's id")
        let channel = try channel(ban.cid, check)
        return StreamRequest(check.endpoint, "POST", ["moderation", "ban"]) {
            $0.field("target_user_id", target)
            $0.field("banned_by_id", ban.by)
            $0.present("type", channel?.type)
            $0.present("id", channel?.id)
            $0.set("shadow", if: ban.isShadow)
            if let until = ban.until { $0.field("timeout", minutes(until: until, at: now)) }
            $0.present("reason", ban.reason)
        }
    }

    func unban(_ unban: UserUnban, _ check: StreamCheck) throws(ProviderFailure) -> StreamRequest {
        let channel = try channel(unban.cid, check)
        return StreamRequest(
            check.endpoint,
            "DELETE",
            ["moderation", "ban"],
            query: [
                ("target_user_id", try check.id(unban.target, "the user's id")),
                ("type", channel?.type),
                ("id", channel?.id),
                ("shadow", unban.isShadow ? "true" : nil),
            ]
        )
    }

    func mute(_ mute: UserMute, at now: Timestamp, _ check: StreamCheck) throws(ProviderFailure) -> StreamRequest {
        let target = try check.id(mute.target, "the user's id")
        return StreamRequest(check.endpoint, "POST", ["moderation", "mute"]) {
            $0.field("target_ids", [target])
            $0.field("user_id", mute.by)
            if let until = mute.until { $0.field("timeout", minutes(until: until, at: now)) }
        }
    }

    func unmute(_ unmute: UserUnmute, _ check: StreamCheck) throws(ProviderFailure) -> StreamRequest {
        let target = try check.id(unmute.target, "the user's id")
        return StreamRequest(check.endpoint, "POST", ["moderation", "unmute"]) {
            $0.field("target_ids", [target])
            $0.field("user_id", unmute.by)
        }
    }

    func flag(_ flag: MessageFlag, _ check: StreamCheck) throws(ProviderFailure) -> StreamRequest {
        let id = try check.messageID(flag.id)
        return StreamRequest(check.endpoint, "POST", ["moderation", "flag"]) {
            $0.field("target_message_id", id)
            $0.field("user_id", flag.by)
            $0.present("reason", flag.reason)
            $0.present("custom", flag.custom)
        }
    }

    /// The review queue is in the versioned API alone.
    ///
    /// Source: GetStream/protocol 236.0.4, `openapi/v2/serverside-api.json`, `submit_action`.
    func markReviewed(_ reviewed: ReviewedItem, _ check: StreamCheck) throws(ProviderFailure) -> StreamRequest {
        let item = try check.id(reviewed.item, "the item's id")
        return StreamRequest(check.endpoint, "POST", ["api", "v2", "moderation", "submit_action"]) {
            $0.field("item_id", item)
            $0.field("action_type", "mark_reviewed")
            $0.field("user_id", reviewed.by)
        }
    }

    /// The provider's own libraries name a ban's channel in two parts.
    private func channel(
        _ cid: String?,
        _ check: StreamCheck
    ) throws(ProviderFailure) -> (type: String, id: String)? {
        guard let cid else { return nil }
        return try check.channel(cid)
    }
}
