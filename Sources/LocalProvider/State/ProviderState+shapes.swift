import Chat
import Limits

/// Users, channels, members and messages as answers and events show them: custom data flattened, times as RFC 3339.
///
/// Source: contract, "Wire shape".
extension ProviderState {
    func userFields(_ id: String) -> Fields {
        guard let user = users[id] else { return ["id": .string(id)] }
        let ban = bans[StoredBan.Key(userID: id, cid: nil)].flatMap { $0.isActive(at: now) ? $0 : nil }
        var fields: Fields = [
            "id": .string(id), "role": user.profile["role"] ?? "user", "language": user.profile["language"] ?? "",
            "teams": user.profile["teams"] ?? [], "created_at": .string(user.createdAt.rfc3339),
            "updated_at": .string(user.updatedAt.rfc3339), "banned": .bool(ban.map { !$0.isShadow } ?? false),
            "online": false, "blocked_user_ids": [],
        ]
        if ban?.isShadow == true { fields.append("shadow_banned", true) }
        if let expires = ban?.expires { fields.append("ban_expires", .string(expires.rfc3339)) }
        if let time = user.deactivatedAt { fields.append("deactivated_at", .string(time.rfc3339)) }
        if let time = user.deletedAt { fields.append("deleted_at", .string(time.rfc3339)) }
        fields.append(user.profile.without(["role", "language", "teams"]))
        return fields
    }

    func channelFields(_ channel: StoredChannel, withMembers: Bool = false) -> Fields {
        var fields: Fields = [
            "id": .string(channel.id), "type": .string(channel.type), "cid": .string(channel.cid),
            "created_at": .string(channel.createdAt.rfc3339), "updated_at": .string(channel.updatedAt.rfc3339),
            "created_by": .object(userFields(channel.createdBy)), "frozen": .bool(channel.isFrozen), "disabled": false,
            "member_count": .int(Int64(channel.memberIDs.count)),
            "config": [
                "name": .string(channel.type), "read_events": true, "replies": true, "reactions": true,
                "max_message_length": .int(Int64(limits.textCharacters)), "commands": [],
            ],
        ]
        if let time = channel.lastMessageAt { fields.append("last_message_at", .string(time.rfc3339)) }
        fields.append(channel.data.without(["frozen", "disabled"]))
        if withMembers {
            fields.append("members", .array(memberFields(channel, channel.memberIDs.prefix(limits.eventMembers))))
        }
        return fields
    }

    /// What every event about a channel says of it.
    func channelEnvelope(_ channel: StoredChannel) -> Fields {
        var fields: Fields = [
            "cid": .string(channel.cid), "channel_type": .string(channel.type), "channel_id": .string(channel.id),
            "channel_member_count": .int(Int64(channel.memberIDs.count)),
            "channel_message_count": .int(Int64(channel.messageIDs.count)), "channel_custom": .object(channel.custom),
        ]
        if let team = channel.team { fields.append("team", .string(team)) }
        return fields
    }

    func memberFields(_ channel: StoredChannel, _ ids: some Sequence<String>) -> [Value] {
        ids.compactMap { channel.members[$0] }.map { .object(memberFields($0, in: channel)) }
    }

    func memberFields(_ member: StoredMember, in channel: StoredChannel? = nil) -> Fields {
        let key = channel.map { StoredBan.Key(userID: member.userID, cid: $0.cid) }
        let role =
            switch member.role {
            case "owner", "member": "channel_member"
            case "moderator": "channel_moderator"
            default: member.role
            }
        return [
            "user_id": .string(member.userID), "user": .object(userFields(member.userID)),
            "status": .string(member.isInvited ? "invited" : "member"), "invited": .bool(member.isInvited),
            "created_at": .string(member.createdAt.rfc3339), "updated_at": .string(member.updatedAt.rfc3339),
            "banned": .bool(key.map { isBanned($0, shadow: false) } ?? false),
            "shadow_banned": .bool(key.map { isBanned($0, shadow: true) } ?? false), "role": .string(member.role),
            "channel_role": .string(role), "is_moderator": .bool(member.role == "moderator"),
            "notifications_muted": false,
        ]
    }

    func messageFields(_ message: StoredMessage) -> Fields {
        let content = message.content
        var fields: Fields = [
            "id": .string(message.id), "text": .string(content.text), "html": .string(Self.html(content.text)),
            "type": .string(message.deletedAt == nil ? message.type : "deleted"),
            "user": .object(userFields(message.userID)), "attachments": .array(content.attachments),
            "latest_reactions": [], "own_reactions": [], "reaction_counts": nil, "reaction_scores": nil,
            "reaction_groups": nil, "reply_count": .int(Int64(message.replyCount)), "deleted_reply_count": 0,
            "cid": .string(message.cid), "created_at": .string(message.createdAt.rfc3339),
            "updated_at": .string(message.updatedAt.rfc3339), "shadowed": .bool(isShadowed(message)),
            "mentioned_users": .array(content.mentionedUserIDs.map { .object(userFields($0)) }),
            "silent": .bool(content.isSilent),
        ]
        fields.append(pinFields(message.pin))
        if let parent = content.parentID {
            fields.append("parent_id", .string(parent))
            fields.append("show_in_channel", .bool(content.showInChannel))
        }
        if let quoted = content.quotedMessageID { fields.append("quoted_message_id", .string(quoted)) }
        if !content.restrictedVisibility.isEmpty {
            fields.append("restricted_visibility", .strings(content.restrictedVisibility))
        }
        if message.isUnscreened { fields.append("before_message_send_failed", true) }
        if let time = message.textUpdatedAt { fields.append("message_text_updated_at", .string(time.rfc3339)) }
        if let time = message.deletedAt { fields.append("deleted_at", .string(time.rfc3339)) }
        fields.append(content.custom)
        return fields
    }

    private func pinFields(_ pin: StoredMessage.Pin?) -> Fields {
        [
            "pinned": .bool(pin != nil), "pinned_at": .optional(pin?.at.rfc3339),
            "pinned_by": pin?.by.map { .object(userFields($0)) } ?? .null, "pin_expires": .optional(pin?.expires),
        ]
    }

    /// The author is banned in secret: everybody else does not see the message.
    private func isShadowed(_ message: StoredMessage) -> Bool {
        isBanned(StoredBan.Key(userID: message.userID, cid: nil), shadow: true)
            || isBanned(StoredBan.Key(userID: message.userID, cid: message.cid), shadow: true)
    }

    /// One paragraph, escaped: the provider renders Markdown, on which nothing here depends.
    private static func html(_ text: String) -> String {
        guard !text.isEmpty else { return "" }
        var result = "<p>"
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result + "</p>\n"
    }
}
