import Chat
import Limits

extension ProviderState {
    mutating func ban(_ call: APICall) throws(Refusal) -> Answer {
        let body = call.body
        guard let target = body["target_user_id"]?.string else { throw .input("target_user_id is required") }
        guard let by = actingUser(in: body, "banned_by", "user") else {
            throw .input("either banned_by or banned_by_id must be provided when using server side auth.")
        }
        try requireUsers([by], as: "banned_by")
        _ = try existingUser(target)
        let cid = try scope(cid: body["channel_cid"]?.string, type: body["type"]?.string, id: body["id"]?.string)
        let minutes = body["timeout"]?.int
        guard minutes.map({ $0 > 0 }) ?? true else { throw .input("timeout must be a positive number of minutes") }
        let messages = body["delete_messages"]?.string
        guard ["soft", "pruning", "hard"].contains(messages ?? "soft") else {
            throw .input("delete_messages must be one of soft, pruning, hard")
        }

        let ban = StoredBan(
            userID: target,
            by: by,
            cid: cid,
            reason: body["reason"]?.string,
            isShadow: body["shadow"]?.bool ?? false,
            createdAt: now,
            expires: minutes.map { Timestamp(nanoseconds: now.nanoseconds + $0 * 60_000_000_000) }
        )
        let key = StoredBan.Key(userID: target, cid: cid)
        note("ban:\(cid ?? "*")/\(target)", "ban", isChange: bans[key]?.isActive(at: now) != true)
        bans[key] = ban
        if let messages { deleteMessages(of: target, in: cid, hard: messages == "hard") }
        emit(ban)
        return .created()
    }

    private mutating func emit(_ ban: StoredBan) {
        let total = bans.keys.count { $0.userID == ban.userID }
        emit("user.banned", ban.userID) { state, body in
            if let channel = ban.cid.flatMap({ state.channels[$0] }) { body.append(state.channelEnvelope(channel)) }
            body.append("user", .object(state.userFields(ban.userID)))
            body.append("created_by", .object(state.userFields(ban.by)))
            if let reason = ban.reason { body.append("reason", .string(reason)) }
            body.append("shadow", .bool(ban.isShadow))
            if let expires = ban.expires { body.append("expiration", .string(expires.rfc3339)) }
            body.append("total_bans", .int(Int64(total)))
        }
    }

    mutating func unban(_ call: APICall) throws(Refusal) -> Answer {
        guard let target = call.query["target_user_id"] else { throw .input("target_user_id is required") }
        _ = try existingUser(target)
        let cid = try scope(cid: call.query["channel_cid"], type: call.query["type"], id: call.query["id"])
        let removed = bans.removeValue(forKey: StoredBan.Key(userID: target, cid: cid))
        note("ban:\(cid ?? "*")/\(target)", "unban", isChange: removed?.isActive(at: now) == true)
        if let removed {
            emit("user.unbanned", target) { state, body in
                if let channel = cid.flatMap({ state.channels[$0] }) { body.append(state.channelEnvelope(channel)) }
                body.append("user", .object(state.userFields(target)))
                body.append("shadow", .bool(removed.isShadow))
            }
        }
        return call.route.isVersion2 ? .created() : .ok()
    }

    /// The channel a ban is for; `nil` is the whole app.
    private func scope(cid: String?, type: String?, id: String?) throws(Refusal) -> String? {
        if let cid, !cid.isEmpty { return try existingChannel(cid: cid).cid }
        guard let type, let id else { return nil }
        return try existingChannel([type, id]).cid
    }

    mutating func queryBans(_ call: APICall) throws(Refusal) -> Answer {
        let payload = try call.payload()
        let conditions = payload["filter_conditions"]?.object ?? [:]
        var found: [Fields] = []
        for ban in bans.values.sorted(by: { $0.createdAt < $1.createdAt }) where ban.isActive(at: now) {
            let fields = banFields(ban)
            var filtered = fields
            filtered.append("user_id", .string(ban.userID))
            filtered.append("channel_cid", .optional(ban.cid))
            filtered.append("banned_by_id", .string(ban.by))
            if try Filter.matches(filtered, conditions) { found.append(fields) }
        }
        let sorted = found.sorted(by: payload["sort"]?.array ?? [])
        let page = try page(sorted, payload, standard: 100, most: limits.bansPage)
        return .ok(["bans": .array(page.map(Value.object))])
    }

    private func banFields(_ ban: StoredBan) -> Fields {
        var fields: Fields = [
            "user": .object(userFields(ban.userID)), "banned_by": .object(userFields(ban.by)),
            "created_at": .string(ban.createdAt.rfc3339), "shadow": .bool(ban.isShadow),
            "expires": .optional(ban.expires?.rfc3339), "reason": .optional(ban.reason),
        ]
        if let channel = ban.cid.flatMap({ channels[$0] }) { fields.append("channel", .object(channelFields(channel))) }
        return fields
    }

    // MARK: Mutes

    mutating func mute(_ call: APICall) throws(Refusal) -> Answer {
        let (user, targets) = try muting(call.body)
        let minutes = call.body["timeout"]?.int
        guard minutes.map({ $0 > 0 }) ?? true else { throw .input("timeout must be a positive number of minutes") }
        let expires = minutes.map { Timestamp(nanoseconds: now.nanoseconds + $0 * 60_000_000_000) }
        var mutes: [Value] = []
        for target in targets {
            let isChange = users[user]?.mutes[target] == nil
            users[user]?.mutes[target] = StoredUser.Mute(createdAt: now, expires: expires)
            note("mute:\(user)/\(target)", "mute", isChange: isChange)
            mutes.append(.object(muteFields(user, target)))
        }
        emitMute("user.muted", user, targets)
        return .created(mutes.count == 1 ? ["mute": mutes[0]] : ["mutes": .array(mutes)])
    }

    mutating func unmute(_ call: APICall) throws(Refusal) -> Answer {
        let (user, targets) = try muting(call.body)
        for target in targets {
            let removed = users[user]?.mutes.removeValue(forKey: target)
            note("mute:\(user)/\(target)", "unmute", isChange: removed != nil)
        }
        emitMute("user.unmuted", user, targets)
        return .created()
    }

    private func muting(_ body: Fields) throws(Refusal) -> (user: String, targets: [String]) {
        let targets = body["target_ids"]?.strings ?? body["target_id"]?.string.map { [$0] } ?? []
        guard !targets.isEmpty else { throw .input("target_ids is required") }
        let user = try requireActingUser(in: body, "user")
        try requireUsers(targets, as: "target_ids")
        guard !targets.contains(user) else { throw .input("users cannot mute themselves") }
        return (user, targets)
    }

    private func muteFields(_ user: String, _ target: String) -> Fields {
        let mute = users[user]?.mutes[target]
        return [
            "user": .object(userFields(user)), "target": .object(userFields(target)),
            "created_at": .optional(mute?.createdAt.rfc3339), "updated_at": .optional(mute?.createdAt.rfc3339),
            "expires": .optional(mute?.expires?.rfc3339),
        ]
    }

    private mutating func emitMute(_ type: String, _ user: String, _ targets: [String]) {
        emit(type, user) { state, body in
            body.append("user", .object(state.userFields(user)))
            body.append("target_user", .object(state.userFields(targets[0])))
            body.append("target_users", .array(targets.map { .object(state.userFields($0)) }))
        }
    }

    // MARK: Flags

    mutating func flag(_ call: APICall) throws(Refusal) -> Answer {
        let flagger = try requireActingUser(in: call.body, "user")
        let message = call.body["target_message_id"]?.string
        let user = call.body["target_user_id"]?.string
        guard (message == nil) != (user == nil) else {
            throw .input("one of target_message_id and target_user_id is required")
        }
        if let message { _ = try existingMessage(message) }
        if let user { _ = try existingUser(user) }
        let entity = message.map { "message:\($0)" } ?? "user:\(user ?? "")"
        guard flags[entity, default: []].insert(flagger).inserted else { throw .input("this flag already exists") }
        note("flag:\(entity)/\(flagger)", "flag")

        let reason = call.body["reason"]?.string ?? ""
        var flag: Fields = [
            "created_at": .string(now.rfc3339), "updated_at": .string(now.rfc3339), "created_by_automod": false,
            "reason": .string(reason), "user": .object(userFields(flagger)),
        ]
        if let message { flag.append("target_message_id", .string(message)) }
        if let user { flag.append("target_user", .object(userFields(user))) }
        let custom = call.body["custom"]?.object ?? [:]
        emitFlag(flag, entity, flagger, message: message, user: user, reason: reason, custom: custom)
        let item = queue(message.map { .message($0) } ?? .user(user ?? ""), by: flagger, reason: reason)
        return .created(["flag": .object(flag), "review_queue_item_id": .string(item)])
    }

    private mutating func emitFlag(
        _ flag: Fields,
        _ entity: String,
        _ flagger: String,
        message: String?,
        user: String?,
        reason: String,
        custom: Fields
    ) {
        let total = Int64(flags[entity]?.count ?? 0)
        emit(message == nil ? "user.flagged" : "message.flagged", message ?? user ?? "") { state, body in
            if let message = message.flatMap({ state.messages[$0] }), let channel = state.channels[message.cid] {
                body.append(state.channelEnvelope(channel))
                body.append("message_id", .string(message.id))
                body.append("message", .object(state.messageFields(message)))
                body.append("flag", .object(flag))
            }
            if let user { body.append("target_user", .object(state.userFields(user))) }
            body.append("user", .object(state.userFields(flagger)))
            body.append("reason", .string(reason))
            body.append("total_flags", .int(total))
            body.append("custom", .object(custom))
        }
    }
}
