import Chat
import Crypto
import Limits

extension ProviderState {
    private static let ownFields: Set<String> = [
        "id", "type", "cid", "created_at", "updated_at", "deleted_at", "created_by", "created_by_id", "last_message_at",
        "member_count", "members", "config", "own_capabilities", "truncated_at", "hidden", "invites",
    ]

    mutating func getOrCreateChannel(_ call: APICall) throws(Refusal) -> Answer {
        let data = call.body["data"]?.object ?? [:]
        // Asked for although the channel may exist already, in which case nothing is done with it: source,
        // GetStream/stream-chat-php#22 and GetStream/stream-cli#76.
        guard let creator = actingUser(in: data, "created_by") else {
            throw .input("either data.created_by or data.created_by_id must be provided when using server side auth.")
        }
        let members = try memberList(data["members"], as: "channel.members")
        let id = try call.parameters.count == 2 ? call.parameters[1] : distinctIdentifier(members.map(\.userID))
        let cid = "\(call.parameters[0]):\(id)"
        if channels[cid] == nil {
            try requireUsers([creator], as: "channel.created_by")
            try create(type: call.parameters[0], id: id, data: data, by: creator, members)
        } else {
            note("channel:\(cid)", "get", isChange: false)
        }
        return .created(try channelState(existingChannel(cid: cid), call.body))
    }

    private func distinctIdentifier(_ members: [String]) throws(Refusal) -> String {
        guard members.count >= 2 else { throw .input("a channel without an id needs at least 2 members") }
        let digest = SHA256.digest(Array(members.sorted().joined(separator: ",").utf8))
        return "!members-" + Hex.encode(Array(digest.prefix(20)))
    }

    private mutating func create(
        type: String,
        id: String,
        data: Fields,
        by creator: String,
        _ members: [StoredMember]
    ) throws(Refusal) {
        try checkIdentifier(type, of: "channel type")
        try checkIdentifier(id, of: "channel")
        var channel = StoredChannel(
            type: type,
            id: id,
            data: flattened(data),
            createdBy: creator,
            createdAt: now,
            updatedAt: now
        )
        try checkCustom(channel.custom, of: "a channel")
        for member in members { channel.add(member) }
        if let owner = channel.members[creator], owner.role == "member" { channel.members[creator]?.role = "owner" }
        channels[channel.cid] = channel
        note("channel:\(channel.cid)", "create")
        emit("channel.created", channel.cid) { state, body in
            body.append(state.channelEnvelope(channel))
            body.append("channel", .object(state.channelFields(channel, withMembers: true)))
            body.append("user", .object(state.userFields(creator)))
        }
    }

    /// What the app gives of a channel's data, custom data without the object it may come in.
    private func flattened(_ data: Fields) -> Fields {
        var result = data.without(Self.ownFields.union(["custom"]))
        for (name, value) in data["custom"]?.object?.pairs ?? [] { result[name] = value }
        return result
    }

    /// Members as identifiers or as objects with a role.
    ///
    /// - Throws: ``Refusal`` for too many, and for users who do not exist.
    private func memberList(_ value: Value?, as name: String) throws(Refusal) -> [StoredMember] {
        let entries = value?.array ?? []
        guard entries.count <= limits.batch else { throw .input("\(name) may name at most \(limits.batch) users") }
        var members: [StoredMember] = []
        for entry in entries {
            let fields = entry.object
            guard let id = entry.string ?? fields?["user_id"]?.string ?? fields?["user"]?.object?["id"]?.string else {
                throw .input("\(name) must be a list of user ids or of objects with user_id")
            }
            let role = fields?["channel_role"]?.string ?? "member"
            members.append(StoredMember(userID: id, role: role, createdAt: now, updatedAt: now))
        }
        try requireUsers(members.map(\.userID), as: name)
        return members
    }

    // MARK: Changes

    mutating func updateChannel(_ call: APICall) throws(Refusal) -> Answer {
        let body = call.body
        let channel = try existingChannel(call.parameters)
        let cid = channel.cid
        let added = try memberList(body["add_members"], as: "add_members")
        let invited = try memberList(body["invites"], as: "invites")
        let removed = try memberList(body["remove_members"], as: "remove_members")
        let roles = try memberList(body["assign_roles"], as: "assign_roles")
        let moderators = try memberList(body["add_moderators"], as: "add_moderators")
        let demoted = try memberList(body["demote_moderators"], as: "demote_moderators")
        let message = try systemMessage(body["message"]?.object, in: channel)
        if let data = body["data"]?.object {
            let data = flattened(data)
            try checkCustom(data, of: "a channel")
            replaceData(of: cid, with: data, operation: "update", by: actingUser(in: body, "user"))
        }
        for member in added { addMember(member, to: cid) }
        for member in invited { addMember(member, to: cid, isInvited: true) }
        for member in removed { removeMember(member.userID, from: cid) }
        for member in roles { setRole(member.role, of: member.userID, in: cid) }
        for member in moderators { setRole("moderator", of: member.userID, in: cid) }
        for member in demoted { setRole("member", of: member.userID, in: cid) }
        var answer: Fields = [:]
        if let message {
            let stored = store(message)
            answer.append("message", .object(messageFields(stored)))
        }
        let current = try existingChannel(cid: cid)
        answer.append("channel", .object(channelFields(current)))
        answer.append("members", .array(memberFields(current, current.memberIDs.prefix(limits.membersPage))))
        return .created(answer)
    }

    mutating func updateChannelPartially(_ call: APICall) throws(Refusal) -> Answer {
        let channel = try existingChannel(call.parameters)
        let data = try changed(channel.data, by: call.body, reserved: Self.ownFields)
        try checkCustom(data, of: "a channel")
        replaceData(of: channel.cid, with: data, operation: "partial_update", by: actingUser(in: call.body, "user"))
        let current = try existingChannel(cid: channel.cid)
        return .ok([
            "channel": .object(channelFields(current)),
            "members": .array(memberFields(current, current.memberIDs.prefix(limits.membersPage))),
        ])
    }

    private mutating func replaceData(of cid: String, with data: Fields, operation: String, by user: String?) {
        guard let before = channels[cid] else { return }
        let isChange = before.data != data
        note("channel:\(cid)", operation, isChange: isChange)
        guard isChange else { return }
        channels[cid]?.data = data
        channels[cid]?.updatedAt = now
        guard let channel = channels[cid] else { return }
        emit("channel.updated", cid) { state, body in
            body.append(state.channelEnvelope(channel))
            body.append("channel", .object(state.channelFields(channel)))
            if let user, state.users[user] != nil { body.append("user", .object(state.userFields(user))) }
        }
        guard before.isFrozen != channel.isFrozen else { return }
        emit(channel.isFrozen ? "channel.frozen" : "channel.unfrozen", cid) { _, body in
            body.append("cid", .string(cid))
            body.append("channel_type", .string(channel.type))
            body.append("channel_id", .string(channel.id))
        }
    }

    private mutating func addMember(_ member: StoredMember, to cid: String, isInvited: Bool = false) {
        let isChange = channels[cid]?.members[member.userID] == nil
        note("member:\(cid)/\(member.userID)", "add", isChange: isChange)
        guard isChange else { return }
        var member = member
        member.isInvited = isInvited
        channels[cid]?.add(member)
        emitMember("member.added", member, cid)
    }

    mutating func removeMember(_ userID: String, from cid: String) {
        let removed = channels[cid]?.remove(userID)
        note("member:\(cid)/\(userID)", "remove", isChange: removed != nil)
        if let removed { emitMember("member.removed", removed, cid) }
    }

    private mutating func setRole(_ role: String, of userID: String, in cid: String) {
        guard var member = channels[cid]?.members[userID] else { return }
        let isChange = member.role != role
        note("member:\(cid)/\(userID)", "role", isChange: isChange)
        guard isChange else { return }
        (member.role, member.updatedAt) = (role, now)
        channels[cid]?.members[userID] = member
        emitMember("member.updated", member, cid)
    }

    private mutating func emitMember(_ type: String, _ member: StoredMember, _ cid: String) {
        guard let channel = channels[cid] else { return }
        emit(type, "\(cid)/\(member.userID)") { state, body in
            body.append(state.channelEnvelope(channel))
            body.append("channel", .object(state.channelFields(channel)))
            body.append("member", .object(state.memberFields(member)))
            body.append("user", .object(state.userFields(member.userID)))
        }
    }

    // MARK: Deletion

    mutating func deleteChannel(_ call: APICall) throws(Refusal) -> Answer {
        let channel = try existingChannel(call.parameters)
        var answer = channelFields(channel)
        answer["deleted_at"] = .string(now.rfc3339)
        removeChannel(channel.cid, operation: call.query["hard_delete"] == "true" ? "hard_delete" : "delete")
        return .ok(["channel": .object(answer)])
    }

    mutating func deleteChannels(_ call: APICall) throws(Refusal) -> Answer {
        let cids = call.body["cids"]?.strings ?? []
        guard !cids.isEmpty else { throw .input("cids is required") }
        guard cids.count <= limits.batch else {
            throw .input("at most \(limits.batch) channels can be deleted at once")
        }
        for cid in cids { _ = try existingChannel(cid: cid) }
        let operation = call.body["hard_delete"]?.bool == true ? "hard_delete" : "delete"
        var result = Fields()
        for cid in cids where channels[cid] != nil {
            removeChannel(cid, operation: operation)
            result.append(cid, ["status": "ok"])
        }
        return .created(["task_id": .string(makeTask(result)), "result": .object(result)])
    }

    /// A deleted channel can be created anew, without its messages: soft and hard differ only in what could be restored.
    mutating func removeChannel(_ cid: String, operation: String = "delete") {
        guard let channel = channels.removeValue(forKey: cid) else { return }
        for id in channel.messageIDs { messages[id] = nil }
        for key in bans.keys where key.cid == cid { bans[key] = nil }
        note("channel:\(cid)", operation)
        emit("channel.deleted", cid) { state, body in
            body.append(state.channelEnvelope(channel))
            var fields = state.channelFields(channel)
            fields["deleted_at"] = .string(state.now.rfc3339)
            body.append("channel", .object(fields))
        }
    }

    // MARK: Reads

    mutating func markRead(_ call: APICall) throws(Refusal) -> Answer {
        let channel = try existingChannel(call.parameters)
        let user = try requireActingUser(in: call.body, "user")
        let message = call.body["message_id"]?.string
        if let message, messages[message]?.cid != channel.cid { throw .notFound("message \(message) not found") }
        return .created(["event": .object(markRead(user, channel, message))])
    }

    mutating func markAllRead(_ call: APICall) throws(Refusal) -> Answer {
        let user = try requireActingUser(in: call.body, "user")
        for channel in channels.values.sorted(by: { $0.cid < $1.cid }) where channel.members[user] != nil {
            _ = markRead(user, channel, nil)
        }
        return .created()
    }

    private mutating func markRead(_ user: String, _ channel: StoredChannel, _ message: String?) -> Fields {
        let last = message ?? channel.messageIDs.last
        note("read:\(channel.cid)/\(user)", "read", isChange: channel.reads[user]?.messageID != last)
        channels[channel.cid]?.reads[user] = StoredChannel.Read(at: now, messageID: last)
        emit("message.read", "\(channel.cid)/\(user)") { state, body in
            body.append(state.channelEnvelope(channel))
            body.append("user", .object(state.userFields(user)))
            if let last { body.append("last_read_message_id", .string(last)) }
        }
        return [
            "type": "message.read", "cid": .string(channel.cid), "channel_type": .string(channel.type),
            "channel_id": .string(channel.id), "created_at": .string(now.rfc3339),
            "last_read_message_id": .optional(last), "user": .object(userFields(user)),
        ]
    }

    // MARK: Queries

    mutating func queryChannels(_ call: APICall) throws(Refusal) -> Answer {
        let conditions = call.body["filter_conditions"]?.object ?? [:]
        var found: [Fields] = []
        for cid in candidates(conditions["cid"], all: channels.keys) {
            guard let channel = channels[cid] else { continue }
            if case .user(let id) = actor, channel.members[id] == nil { continue }
            var fields = channelFields(channel)
            fields["members"] = .strings(channel.memberIDs)
            fields["last_updated"] = .string(max(channel.lastMessageAt ?? channel.createdAt, channel.createdAt).rfc3339)
            if try Filter.matches(fields, conditions) { found.append(fields) }
        }
        let standard: [Value] = [["field": "last_updated", "direction": -1]]
        let order = call.body["sort"]?.array ?? []
        let sorted = found.sorted(by: order.isEmpty ? standard : order)
        var answer: [Value] = []
        for fields in try page(sorted, call.body, standard: 10, most: limits.channelsPage) {
            let channel = try existingChannel(cid: fields["cid"]?.string ?? "")
            let options: Fields = [
                "state": call.body["state"] ?? true,
                "messages": ["limit": call.body["message_limit"] ?? 25],
                "members": ["limit": call.body["member_limit"] ?? 100],
            ]
            answer.append(.object(try channelState(channel, options)))
        }
        return .created(["channels": .array(answer)])
    }

    mutating func queryMembers(_ call: APICall) throws(Refusal) -> Answer {
        let payload = try call.payload()
        let channel = try existingChannel([payload["type"]?.string ?? "", payload["id"]?.string ?? ""])
        let conditions = payload["filter_conditions"]?.object ?? [:]
        var found: [Fields] = []
        for id in channel.memberIDs {
            guard let member = channel.members[id] else { continue }
            let fields = memberFields(member, in: channel)
            var filtered = fields
            filtered["id"] = .string(id)
            filtered["name"] = users[id]?.profile["name"]
            if try Filter.matches(filtered, conditions) { found.append(fields) }
        }
        let sorted = found.sorted(by: payload["sort"]?.array ?? [])
        let page = try page(sorted, payload, standard: limits.membersPage, most: limits.membersPage)
        return .ok(["members": .array(page.map(Value.object))])
    }

    /// A channel with the pages of its messages and members that `options` ask for.
    private func channelState(_ channel: StoredChannel, _ options: Fields) throws(Refusal) -> Fields {
        let members = options["members"]?.object ?? [:]
        let memberIDs = try page(channel.memberIDs, members, standard: limits.membersPage, most: limits.membersPage)
        let messages =
            options["state"]?.bool == false ? [] : try messagePage(channel, options["messages"]?.object ?? [:])
        return [
            "channel": .object(channelFields(channel)),
            "messages": .array(messages.map { .object(messageFields($0)) }),
            "pinned_messages": .array(messages.filter { $0.pin != nil }.map { .object(messageFields($0)) }),
            "members": .array(memberFields(channel, memberIDs)),
            "read": .array(channel.reads.keys.sorted().map { .object(readFields($0, channel)) }),
            "watcher_count": 0, "membership": nil,
        ]
    }

    private func readFields(_ user: String, _ channel: StoredChannel) -> Fields {
        let read = channel.reads[user]
        let unread = channel.messageIDs.reversed().lazy.compactMap { self.messages[$0] }
            .prefix { $0.createdAt > (read?.at ?? .distantPast) }.count { $0.userID != user }
        return [
            "user": .object(userFields(user)), "last_read": .optional(read?.at.rfc3339),
            "last_read_message_id": .optional(read?.messageID), "unread_messages": .int(Int64(unread)),
        ]
    }
}

extension StoredChannel {
    fileprivate mutating func add(_ member: StoredMember) {
        if members.updateValue(member, forKey: member.userID) == nil { memberIDs.append(member.userID) }
    }

    fileprivate mutating func remove(_ userID: String) -> StoredMember? {
        guard let member = members.removeValue(forKey: userID) else { return nil }
        memberIDs.removeAll { $0 == userID }
        return member
    }
}
