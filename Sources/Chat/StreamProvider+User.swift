import JSON

extension StreamProvider {
    func user(_ object: StreamFields?) throws(DecodingFailure) -> User? {
        guard let object else { return nil }
        guard let id = try object.identifier("id") else {
            object.fault("id")
            return nil
        }
        var user = User(id: id, isReference: object.value.fieldCount == 1)
        guard !user.isReference else { return user }
        user.role = object.string("role")
        user.language = object.string("language").flatMap { $0.isEmpty ? nil : $0 }
        user.teams = object.strings("teams")
        user.createdAt = object.time("created_at")
        user.updatedAt = object.time("updated_at")
        user.deletedAt = object.time("deleted_at")
        user.deactivatedAt = object.time("deactivated_at")
        user.banned = object.flag("banned")
        let custom = StreamCustom(of: object, known: StreamKnownFields.user)
        user.name = custom.string("name", in: object)
        user.image = custom.string("image", in: object)
        user.custom = custom.text(except: StreamKnownFields.lifted)
        return user
    }

    /// `target_user` and `target_users`, each once; of `flag.updated` its `User`.
    func targetUsers(of event: StreamFields) throws(DecodingFailure) -> [User] {
        var users: [User] = []
        for object in [event.object("target_user"), event.object("User")].compactMap({ $0 })
            + event.objects("target_users")
        {
            if let user = try user(object), !users.contains(where: { $0.id == user.id }) { users.append(user) }
        }
        return users
    }

    func createdBy(of event: StreamFields) throws(DecodingFailure) -> User? {
        if let user = try user(event.object("created_by", or: "CreatedBy")) { return user }
        return try event.identifier("created_by_id").map { User(id: $0, isReference: true) }
    }

    /// `member.removed` may come without its member: then it is the event's user.
    func member(of event: StreamFields, in decoded: ChatEvent) throws(DecodingFailure) -> Member? {
        let object = event.object("member")
        let user = try user(object?.object("user"))
        guard let userID = try object?.identifier("user_id") ?? user?.id ?? decoded.user?.id else { return nil }
        var member = Member(userID: userID)
        member.user = user ?? (decoded.user?.id == userID ? decoded.user : nil)
        if let object { read(&member, from: object) }
        return member
    }

    func read(_ member: inout Member, from object: StreamFields) {
        member.role = object.string("role")
        member.channelRole = object.string("channel_role")
        member.status = object.string("status")
        member.createdAt = object.time("created_at")
        member.updatedAt = object.time("updated_at")
    }

    /// What becomes of a user and the user's messages.
    ///
    /// Pruning empties what it keeps, so it counts as hard.
    func readRemoval(of event: inout ChatEvent, from fields: StreamFields) {
        let isHard = ["hard", "pruning"]
        if isHard.contains(fields.string("delete_user") ?? "") { event.hardDelete = true }

        let messages = fields.string("delete_messages") ?? ""
        let marks = fields.flag("mark_messages_deleted") ?? (event.type.rawValue == "user.messages.deleted")
        if !messages.isEmpty {
            event.deletesMessages = isHard.contains(messages) ? .hard : .soft
        } else if marks {
            event.deletesMessages = event.hardDelete ? .hard : .soft
        }
    }
}
