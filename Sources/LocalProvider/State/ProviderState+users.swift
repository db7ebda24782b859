import Chat
import Limits

extension ProviderState {
    /// Written by the provider alone: ignored in an upsert, refused in a partial update.
    private static let ownFields: Set<String> = [
        "created_at", "updated_at", "last_active", "online", "banned", "shadow_banned", "ban_expires", "deactivated_at",
        "deleted_at", "mutes", "channel_mutes", "devices", "blocked_user_ids", "total_unread_count", "unread_count",
        "unread_channels",
    ]

    mutating func upsertUsers(_ call: APICall) throws(Refusal) -> Answer {
        guard let entries = call.body["users"]?.object, !entries.isEmpty else { throw .input("users is required") }
        guard entries.count <= limits.batch else {
            throw .input("at most \(limits.batch) users can be updated at once")
        }
        var profiles: [(id: String, profile: Fields)] = []
        for (id, value) in entries.pairs { profiles.append((id, try profile(value, keyed: id))) }

        var answer = Fields()
        for (id, profile) in profiles {
            store(profile, of: id)
            answer.append(id, .object(userFields(id)))
        }
        return .created(["users": .object(answer), "membership_deletion_task_id": ""])
    }

    private func profile(_ value: Value, keyed key: String) throws(Refusal) -> Fields {
        guard let given = value.object, let id = given["id"]?.string else { throw .input("user.id is required") }
        guard id == key else { throw .input("users must be keyed by their id") }
        try checkIdentifier(id, of: "user")
        guard users[id]?.deletedAt == nil else { throw .input("user \"\(id)\" was deleted") }
        var profile = given.without(Self.ownFields.union(["id", "custom"]))
        for (name, value) in given["custom"]?.object?.pairs ?? [] { profile[name] = value }
        try check(profile)
        return profile
    }

    private func check(_ profile: Fields) throws(Refusal) {
        for name in ["role", "name", "image", "language"] {
            guard let value = profile[name] else { continue }
            guard value.string != nil || value.isNull else { throw .input("user.\(name) must be a string") }
        }
        if let teams = profile["teams"], teams.array?.allSatisfy({ $0.string != nil }) != true, !teams.isNull {
            throw .input("user.teams must be a list of strings")
        }
        try checkCustom(profile.without(["role", "name", "image", "language", "teams", "teams_role"]), of: "a user")
    }

    private mutating func store(_ profile: Fields, of id: String, operation: String = "upsert") {
        let isChange = users[id]?.profile != profile
        if users[id] == nil {
            users[id] = StoredUser(id: id, profile: profile, createdAt: now, updatedAt: now)
        } else if isChange {
            users[id]?.profile = profile
            users[id]?.updatedAt = now
        }
        note("user:\(id)", operation, isChange: isChange)
        emit("user.updated", id) { $1.append("user", .object($0.userFields(id))) }
    }

    mutating func updateUsersPartially(_ call: APICall) throws(Refusal) -> Answer {
        guard let updates = call.body["users"]?.array, !updates.isEmpty else { throw .input("users is required") }
        guard updates.count <= limits.batch else {
            throw .input("at most \(limits.batch) users can be updated at once")
        }
        var profiles: [(id: String, profile: Fields)] = []
        for update in updates {
            guard let update = update.object, let id = update["id"]?.string else { throw .input("user.id is required") }
            let user = try existingUser(id)
            let profile = try changed(user.profile, by: update, reserved: Self.ownFields.union(["id"]))
            try check(profile)
            profiles.append((id, profile))
        }
        var answer = Fields()
        for (id, profile) in profiles {
            store(profile, of: id, operation: "partial_update")
            answer.append(id, .object(userFields(id)))
        }
        return .ok(["users": .object(answer), "membership_deletion_task_id": ""])
    }

    /// `fields` with what `set` sets and without what `unset` names.
    func changed(_ fields: Fields, by update: Fields, reserved: Set<String>) throws(Refusal) -> Fields {
        let (set, unset) = (update["set"]?.object ?? [:], update["unset"]?.strings ?? [])
        guard !set.isEmpty || !unset.isEmpty else { throw .input("one of set and unset is required") }
        if let name = (set.names + unset).first(where: reserved.contains) {
            throw .input("\"\(name)\" is a reserved field and cannot be changed")
        }
        var result = fields
        for (path, value) in set.pairs { result.set(path, to: value) }
        for path in unset { result.set(path, to: nil) }
        return result
    }

    mutating func deactivateUser(_ call: APICall) throws(Refusal) -> Answer {
        let id = call.parameters[0]
        guard try existingUser(id).deactivatedAt == nil else { throw .input("user \"\(id)\" is already deactivated") }
        users[id]?.deactivatedAt = now
        users[id]?.updatedAt = now
        if call.body["mark_messages_deleted"]?.bool == true { deleteMessages(of: id, in: nil, hard: false) }
        note("user:\(id)", "deactivate")
        emit("user.deactivated", id) { state, body in
            body.append("user", .object(state.userFields(id)))
            if let by = call.body["created_by_id"]?.string { body.append("created_by_id", .string(by)) }
        }
        return .created(["user": .object(userFields(id))])
    }

    mutating func reactivateUser(_ call: APICall) throws(Refusal) -> Answer {
        let id = call.parameters[0]
        guard try existingUser(id).deactivatedAt != nil else { throw .input("user \"\(id)\" is not deactivated") }
        users[id]?.deactivatedAt = nil
        users[id]?.updatedAt = now
        if let name = call.body["name"]?.string, !name.isEmpty { users[id]?.profile["name"] = .string(name) }
        note("user:\(id)", "reactivate")
        emit("user.reactivated", id) { state, body in
            body.append("user", .object(state.userFields(id)))
            if let by = call.body["created_by_id"]?.string, state.users[by] != nil {
                body.append("created_by", .object(state.userFields(by)))
            }
        }
        return .created(["user": .object(userFields(id))])
    }

    mutating func deleteUser(_ call: APICall) throws(Refusal) -> Answer {
        let user = try existingUser(call.parameters[0])
        let isHard = call.query["hard_delete"] == "true"
        let deletion = UserDeletion(
            user: isHard ? "hard" : "soft",
            messages: isHard ? "hard" : call.query["mark_messages_deleted"] == "true" ? "soft" : nil,
            conversations: call.query["delete_conversation_channels"] == "true" ? "hard" : nil
        )
        let answer = userFields(user.id)
        delete(user.id, deletion)
        return .ok(["user": .object(answer)])
    }

    /// How far a user's deletion goes: `soft`, `pruning` or `hard`.
    struct UserDeletion {
        let user: String
        let messages: String?
        let conversations: String?
    }

    mutating func deleteUsers(_ call: APICall) throws(Refusal) -> Answer {
        let ids = call.body["user_ids"]?.strings ?? []
        guard !ids.isEmpty else { throw .input("user_ids is required") }
        guard ids.count <= limits.batch else { throw .input("at most \(limits.batch) users can be deleted at once") }
        let deletion = try userDeletion(call.body)
        for id in ids { _ = try existingUser(id) }
        var result = Fields()
        for id in ids where users[id]?.deletedAt == nil && users[id] != nil {
            delete(id, deletion)
            result.append(id, ["status": "ok"])
        }
        return .created(["task_id": .string(makeTask(result))])
    }

    private func userDeletion(_ body: Fields) throws(Refusal) -> UserDeletion {
        let kinds = ["soft", "pruning", "hard"]
        let deletion = UserDeletion(
            user: body["user"]?.string ?? "",
            messages: body["messages"]?.string,
            conversations: body["conversations"]?.string
        )
        guard kinds.contains(deletion.user) else { throw .input("user must be one of soft, pruning, hard") }
        guard kinds.contains(deletion.messages ?? "soft"), ["soft", "hard"].contains(deletion.conversations ?? "soft")
        else { throw .input("messages must be one of soft, pruning, hard, and conversations one of soft, hard") }
        guard deletion.user != "hard" || (deletion.messages == "hard" && deletion.conversations == "hard") else {
            throw .input("a hard deletion of a user needs hard deletion of messages and conversations")
        }
        return deletion
    }

    private mutating func delete(_ id: String, _ deletion: UserDeletion) {
        let before = userFields(id)
        if let kind = deletion.messages { deleteMessages(of: id, in: nil, hard: kind == "hard") }
        if deletion.conversations != nil {
            for channel in channels.values where channel.members.count == 2 && channel.members[id] != nil {
                removeChannel(channel.cid)
            }
        }
        if deletion.user == "hard" {
            for cid in channels.keys { removeMember(id, from: cid) }
            users[id] = nil
        } else {
            users[id]?.deletedAt = now
            users[id]?.updatedAt = now
        }
        note("user:\(id)", deletion.user == "hard" ? "hard_delete" : "delete")
        emit("user.deleted", id) { state, body in
            var user = before
            user["deleted_at"] = .string(state.now.rfc3339)
            body.append("user", .object(user))
            body.append("hard_delete", .bool(deletion.user == "hard"))
            body.append("mark_messages_deleted", .bool(deletion.messages != nil))
            body.append("delete_conversation_channels", .bool(deletion.conversations != nil))
            body.append("delete_user", .string(deletion.user))
            body.append("delete_messages", .string(deletion.messages ?? ""))
            body.append("delete_conversation", .string(deletion.conversations ?? ""))
        }
    }

    mutating func queryUsers(_ call: APICall) throws(Refusal) -> Answer {
        let payload = try call.payload()
        let conditions = payload["filter_conditions"]?.object ?? [:]
        let includesDeactivated = payload["include_deactivated_users"]?.bool == true
        var found: [Fields] = []
        for id in candidates(conditions["id"], all: users.keys) {
            guard let user = users[id], user.deletedAt == nil, includesDeactivated || user.deactivatedAt == nil else {
                continue
            }
            let fields = userFields(id)
            if try Filter.matches(fields, conditions) { found.append(fields) }
        }
        let sorted = found.sorted(by: payload["sort"]?.array ?? [])
        let page = try page(sorted, payload, standard: 30, most: limits.usersPage)
        return .ok(["users": .array(page.map(Value.object))])
    }

    /// The identifiers that a condition on the identifier leaves, so that asking for a few does not look at all.
    func candidates(_ condition: Value?, all: some Collection<String>) -> [String] {
        if let id = condition?.string ?? condition?.object?["$eq"]?.string { return [id] }
        if let ids = condition?.object?["$in"]?.strings { return Array(Set(ids)).sorted() }
        return all.sorted()
    }
}
