import Chat
import Limits

extension ProviderState {
    /// Written by the provider alone, or read apart from custom data.
    static let ownMessageFields: Set<String> = [
        "id", "text", "type", "user", "user_id", "attachments", "mentioned_users", "parent_id", "show_in_channel",
        "silent", "quoted_message_id", "quoted_message", "restricted_visibility", "pinned", "pinned_at", "pinned_by",
        "pin_expires", "html", "mml", "cid", "created_at", "updated_at", "deleted_at", "latest_reactions",
        "own_reactions", "reaction_counts", "reaction_scores", "reaction_groups", "reply_count", "deleted_reply_count",
        "shadowed", "thread_participants", "message_text_updated_at", "custom", "i18n", "command",
        "before_message_send_failed",
    ]

    // MARK: Sending

    mutating func sendMessage(_ call: APICall) throws(Refusal) -> Answer {
        let channel = try existingChannel(call.parameters)
        guard let fields = call.body["message"]?.object else { throw .input("message is required") }
        let author = try requireActingUser(in: fields, "user")
        try admit(author, to: channel)
        var message = try newMessage(fields, by: author, in: channel)
        message.isUnscreened = call.isUnscreened
        message.pending = try pending(call.body, in: channel)
        let stored = message.pending == nil ? store(message) : hold(message)
        return .created(["message": .object(messageFields(stored))])
    }

    /// A server may write in anybody's name and anywhere; users only where they are neither banned nor frozen out.
    func admit(_ author: String, to channel: StoredChannel) throws(Refusal) {
        guard try existingUser(author).deactivatedAt == nil else { throw .notAllowed("the user is deactivated") }
        guard case .user = actor else { return }
        let keys = [StoredBan.Key(userID: author, cid: nil), StoredBan.Key(userID: author, cid: channel.cid)]
        guard !keys.contains(where: { isBanned($0, shadow: false) }) else { throw .notAllowed("the user is banned") }
        guard !channel.isFrozen else { throw .notAllowed("the channel is frozen") }
    }

    func isBanned(_ key: StoredBan.Key, shadow: Bool) -> Bool {
        bans[key].map { $0.isActive(at: now) && $0.isShadow == shadow } ?? false
    }

    func newMessage(
        _ fields: Fields,
        by author: String,
        in channel: StoredChannel,
        type standard: String = "regular"
    ) throws(Refusal) -> StoredMessage {
        let id = fields["id"]?.string ?? ""
        if !id.isEmpty { try checkNewMessage(id) }
        let content = try content(fields)
        if let parent = content.parentID, messages[parent]?.cid != channel.cid {
            throw .input("parent message \"\(parent)\" doesn't exist")
        }
        var type = fields["type"]?.string ?? ""
        guard ["", "regular", "system", "reply"].contains(type) else {
            throw .input("message.type \"\(type)\" is not allowed")
        }
        if type.isEmpty || type == "regular" { type = content.parentID == nil ? standard : "reply" }
        return StoredMessage(
            id: id,
            cid: channel.cid,
            userID: author,
            type: type,
            content: content,
            createdAt: now,
            updatedAt: now,
            pin: pin(fields, by: author)
        )
    }

    private func checkNewMessage(_ id: String) throws(Refusal) {
        guard id.utf8.count <= limits.identifierBytes, !id.contains(","), !id.contains("%") else {
            throw .input("message.id may have at most \(limits.identifierBytes) bytes and neither ',' nor '%'")
        }
        guard messages[id] == nil else { throw .input("a message with ID \"\(id)\" already exists") }
    }

    /// The message that comes with a change of a channel.
    func systemMessage(_ fields: Fields?, in channel: StoredChannel) throws(Refusal) -> StoredMessage? {
        guard let fields, !fields.isEmpty else { return nil }
        let author = try requireActingUser(in: fields, "user")
        return try newMessage(fields, by: author, in: channel, type: "system")
    }

    mutating func named(_ message: StoredMessage) -> StoredMessage {
        var message = message
        if message.id.isEmpty { message.id = "\(message.userID)-\(makeIdentifier())" }
        return message
    }

    mutating func store(_ message: StoredMessage) -> StoredMessage {
        let stored = named(message)
        messages[stored.id] = stored
        channels[stored.cid]?.messageIDs.append(stored.id)
        if stored.type != "system" { channels[stored.cid]?.lastMessageAt = now }
        if let parent = stored.content.parentID { messages[parent]?.replyCount += 1 }
        note("message:\(stored.id)", "send")
        emit("message.new", stored.id) { state, body in
            state.append(stored, to: &body)
            body.append("user", .object(state.userFields(stored.userID)))
            body.append("watcher_count", 0)
        }
        return stored
    }

    /// The fields that every event about a message has.
    private func append(_ message: StoredMessage, to body: inout Fields) {
        guard let channel = channels[message.cid] else { return }
        body.append(channelEnvelope(channel))
        body.append("message_id", .string(message.id))
        body.append("message", .object(messageFields(message)))
        body.append("members", .array(memberFields(channel, channel.memberIDs.prefix(limits.eventMembers))))
    }

    // MARK: What a message says

    private func content(_ fields: Fields) throws(Refusal) -> MessageContent {
        var custom = fields.without(Self.ownMessageFields)
        for (name, value) in fields["custom"]?.object?.pairs ?? [] { custom[name] = value }
        try checkCustom(custom, of: "a message")
        let text = fields["text"]?.string ?? ""
        guard text.utf8.count <= limits.textCharacters || text.count <= limits.textCharacters else {
            throw .input("message.text is longer than \(limits.textCharacters) characters")
        }
        return MessageContent(
            text: text,
            attachments: try attachments(fields),
            mentionedUserIDs: try mentions(fields),
            isSilent: fields["silent"]?.bool ?? false,
            parentID: fields["parent_id"]?.string.flatMap { $0.isEmpty ? nil : $0 },
            showInChannel: fields["show_in_channel"]?.bool ?? false,
            quotedMessageID: fields["quoted_message_id"]?.string,
            restrictedVisibility: fields["restricted_visibility"]?.strings ?? [],
            custom: custom
        )
    }

    private func attachments(_ fields: Fields) throws(Refusal) -> [Value] {
        let attachments = fields["attachments"]?.array ?? []
        guard attachments.count <= limits.attachments else {
            throw .input("message.attachments may be at most \(limits.attachments)")
        }
        guard attachments.isEmpty || Value.array(attachments).json.count <= limits.attachmentBytes else {
            throw .input("message.attachments are larger than \(limits.attachmentBytes) bytes")
        }
        guard attachments.allSatisfy({ $0.object != nil }) else { throw .input("message.attachments must be objects") }
        return attachments
    }

    private func mentions(_ fields: Fields) throws(Refusal) -> [String] {
        let entries = fields["mentioned_users"]?.array ?? []
        guard entries.count <= limits.mentions else {
            throw .input("message.mentioned_users may be at most \(limits.mentions)")
        }
        let ids = entries.compactMap { $0.string ?? $0.object?["id"]?.string }
        try requireUsers(ids, as: "message.mentioned_users")
        return ids
    }

    /// - Returns: `nil` unless `pinned` is true.
    private func pin(_ fields: Fields, by user: String?) -> StoredMessage.Pin? {
        guard fields["pinned"]?.bool == true else { return nil }
        let seconds = fields["pin_expires"]?.int
        let expires = seconds.map { Timestamp(nanoseconds: now.nanoseconds + $0 * 1_000_000_000).rfc3339 }
        return StoredMessage.Pin(at: now, by: user, expires: expires ?? fields["pin_expires"]?.string)
    }

    // MARK: Changing

    func existingMessage(_ id: String) throws(Refusal) -> StoredMessage {
        guard let message = messages[id], message.deletedAt == nil, message.pending == nil else {
            throw .notFound("Can't find message with id \"\(id)\"")
        }
        return message
    }

    mutating func updateMessage(_ call: APICall) throws(Refusal) -> Answer {
        let message = try existingMessage(call.parameters[0])
        guard let fields = call.body["message"]?.object else { throw .input("message is required") }
        let user = try requireActingUser(in: fields, "user")
        try checkMayChange(message, user)
        var changed = try content(fields)
        changed = MessageContent(
            text: changed.text,
            attachments: changed.attachments,
            mentionedUserIDs: changed.mentionedUserIDs,
            isSilent: changed.isSilent,
            parentID: message.content.parentID,
            showInChannel: message.content.showInChannel,
            quotedMessageID: changed.quotedMessageID,
            restrictedVisibility: changed.restrictedVisibility,
            custom: changed.custom
        )
        let pin = fields["pinned"] == nil ? message.pin : pin(fields, by: user)
        return .created(["message": .object(replace(message, changed, pin, by: user, operation: "update"))])
    }

    mutating func updateMessagePartially(_ call: APICall) throws(Refusal) -> Answer {
        let message = try existingMessage(call.parameters[0])
        let user = try requireActingUser(in: call.body, "user")
        try checkMayChange(message, user)
        let (set, unset) = (call.body["set"]?.object ?? [:], call.body["unset"]?.strings ?? [])
        guard !set.isEmpty || !unset.isEmpty else { throw .input("one of set and unset is required") }
        let reserved = ["id", "type", "cid", "user", "created_at", "updated_at", "deleted_at", "parent_id"]
        if let name = (set.names + unset).first(where: reserved.contains) {
            throw .input("\"\(name)\" is a reserved field and cannot be changed")
        }
        var fields = givenFields(message)
        for (path, value) in set.pairs { fields.set(path, to: value) }
        for path in unset { fields.set(path, to: nil) }
        let pinned = set["pinned"]?.bool ?? (unset.contains("pinned") ? false : nil)
        let pin = pinned == nil ? message.pin : pin(fields, by: user)
        let operation = pinned == nil ? "partial_update" : pin == nil ? "unpin" : "pin"
        return .created(["message": .object(replace(message, try content(fields), pin, by: user, operation: operation))]
        )
    }

    private func checkMayChange(_ message: StoredMessage, _ user: String) throws(Refusal) {
        guard case .user = actor, message.userID != user else { return }
        throw .notAllowed("users change only their own messages")
    }

    /// The message as if it were sent again.
    private func givenFields(_ message: StoredMessage) -> Fields {
        let content = message.content
        var fields = content.custom
        fields["text"] = .string(content.text)
        fields["attachments"] = .array(content.attachments)
        fields["mentioned_users"] = .strings(content.mentionedUserIDs)
        fields["silent"] = .bool(content.isSilent)
        fields["parent_id"] = content.parentID.map(Value.string)
        fields["show_in_channel"] = .bool(content.showInChannel)
        fields["quoted_message_id"] = content.quotedMessageID.map(Value.string)
        fields["restricted_visibility"] = .strings(content.restrictedVisibility)
        return fields
    }

    private mutating func replace(
        _ message: StoredMessage,
        _ content: MessageContent,
        _ pin: StoredMessage.Pin?,
        by user: String,
        operation: String
    ) -> Fields {
        let isPinChange = (message.pin == nil) != (pin == nil) || message.pin?.expires != pin?.expires
        let isChange = message.content != content || isPinChange
        note("message:\(message.id)", operation, isChange: isChange)
        guard isChange else { return messageFields(message) }
        var updated = message
        updated.content = content
        if isPinChange { updated.pin = pin }
        updated.updatedAt = now
        if content.text != message.content.text { updated.textUpdatedAt = now }
        messages[message.id] = updated
        emit("message.updated", message.id) { state, body in
            state.append(updated, to: &body)
            body.append("user", .object(state.userFields(user)))
            body.append("message_update", .object(Self.difference(message, updated)))
        }
        return messageFields(updated)
    }

    private static func difference(_ before: StoredMessage, _ after: StoredMessage) -> Fields {
        let (old, new) = (before.content, after.content)
        return [
            "old_text": .string(old.text),
            "change_set": [
                "text": .bool(old.text != new.text), "html": .bool(old.text != new.text),
                "attachments": .bool(old.attachments != new.attachments), "custom": .bool(old.custom != new.custom),
                "mentioned_user_ids": .bool(old.mentionedUserIDs != new.mentionedUserIDs),
                "quoted_message_id": .bool(old.quotedMessageID != new.quotedMessageID),
                "silent": .bool(old.isSilent != new.isSilent), "pin": .bool(before.pin != after.pin), "mml": false,
            ],
        ]
    }

    // MARK: Deleting

    mutating func deleteMessage(_ call: APICall) throws(Refusal) -> Answer {
        let id = call.parameters[0]
        let isHard = call.query["hard"] == "true"
        let by = actingUser(in: call.body, "user") ?? call.query["deleted_by"]
        guard let message = messages[id], message.deletedAt == nil || isHard, !isOver(message) else {
            throw .notFound("Can't find message with id \"\(id)\"")
        }
        guard message.pending == nil || isHard else { throw .input("a pending message can only be deleted hard") }
        if let by {
            try requireUsers([by], as: "deleted_by")
            try checkMayChange(message, by)
        }
        if call.body["delete_for_me"]?.bool == true || call.query["delete_for_me"] == "true" {
            guard let by else { throw .input("delete_for_me needs the user it is for") }
            return .ok(["message": .object(delete(message, for: by))])
        }
        let deleted = message.pending == nil ? delete(message, hard: isHard, by: by) : discard(message)
        return .ok(["message": .object(messageFields(deleted))])
    }

    private mutating func delete(_ message: StoredMessage, for user: String) -> Fields {
        let isChange = messages[message.id]?.deletedFor.insert(user).inserted == true
        note("message:\(message.id)", "delete_for_me", isChange: isChange)
        var fields = messageFields(message)
        fields["deleted_for_me"] = true
        let deleted = fields
        emit("message.deleted", message.id) { state, body in
            state.append(message, to: &body)
            body["message"] = .object(deleted)
            body.append("hard_delete", false)
            body.append("deleted_for_me", true)
            body.append("user", .object(state.userFields(user)))
        }
        return fields
    }

    private mutating func delete(_ message: StoredMessage, hard: Bool, by user: String?) -> StoredMessage {
        var deleted = message
        deleted.deletedAt = message.deletedAt ?? now
        deleted.updatedAt = now
        note("message:\(message.id)", hard ? "hard_delete" : "delete")
        emit("message.deleted", message.id) { state, body in
            state.append(deleted, to: &body)
            body.append("hard_delete", .bool(hard))
            if let user { body.append("user", .object(state.userFields(user))) }
        }
        if hard {
            remove(message)
        } else {
            messages[message.id] = deleted
        }
        return deleted
    }

    mutating func remove(_ message: StoredMessage) {
        messages[message.id] = nil
        guard let index = channels[message.cid]?.messageIDs.lastIndex(of: message.id) else { return }
        channels[message.cid]?.messageIDs.remove(at: index)
    }

    /// All of a user's messages, in one channel or everywhere.
    mutating func deleteMessages(of user: String, in cid: String?, hard: Bool) {
        for message in messages.values where message.userID == user && (cid == nil || message.cid == cid) {
            if hard { remove(message) } else if message.deletedAt == nil { messages[message.id]?.deletedAt = now }
        }
        note("user:\(user)", hard ? "hard_delete_messages" : "delete_messages")
        emit("user.messages.deleted", user) { state, body in
            if let channel = cid.flatMap({ state.channels[$0] }) { body.append(state.channelEnvelope(channel)) }
            body.append("user", .object(state.userFields(user)))
            body.append("hard_delete", .bool(hard))
        }
    }

    mutating func undeleteMessage(_ call: APICall) throws(Refusal) -> Answer {
        let id = call.parameters[0]
        guard var message = messages[id] else { throw .notFound("Can't find message with id \"\(id)\"") }
        guard let by = call.body["undeleted_by"]?.string else { throw .input("undeleted_by is required") }
        try requireUsers([by], as: "undeleted_by")
        guard message.deletedAt != nil else { throw .input("message \"\(id)\" is not deleted") }
        message.deletedAt = nil
        message.updatedAt = now
        messages[id] = message
        note("message:\(id)", "undelete")
        let restored = message
        emit("message.undeleted", id) { state, body in
            state.append(restored, to: &body)
            if state.users[by] != nil { body.append("user", .object(state.userFields(by))) }
        }
        return .created(["message": .object(messageFields(message))])
    }

    // MARK: Reading

    mutating func getMessage(_ call: APICall) throws(Refusal) -> Answer {
        let id = call.parameters[0]
        guard let message = messages[id], let channel = channels[message.cid] else {
            throw .notFound("Can't find message with id \"\(id)\"")
        }
        var fields = messageFields(message)
        if message.deletedAt != nil, call.query["show_deleted_message"] != "true" { fields["text"] = "" }
        fields.append("channel", .object(channelFields(channel)))
        return .ok(["message": .object(fields)])
    }

    mutating func getMessages(_ call: APICall) throws(Refusal) -> Answer {
        let channel = try existingChannel(call.parameters)
        let ids = (call.query["ids"] ?? "").split(separator: ",").map(String.init)
        let found = ids.compactMap { messages[$0] }.filter { $0.cid == channel.cid }
        return .ok(["messages": .array(found.map { .object(messageFields($0)) })])
    }

    /// A page of a channel's messages, oldest first, replies that are not shown in the channel left out.
    ///
    /// Without a lower bound it is the newest that fit, with one the oldest. Source: contract, "Back-fill".
    func messagePage(_ channel: StoredChannel, _ options: Fields) throws(Refusal) -> [StoredMessage] {
        let limit = Int(options["limit"]?.int ?? 25)
        guard (0...limits.messagesPage).contains(limit) else {
            throw .input("messages.limit must be between 0 and \(limits.messagesPage)")
        }
        let bounds = try MessageBounds(options, messages)
        let all = channel.messageIDs.lazy.compactMap { self.messages[$0] }
            .filter { $0.content.parentID == nil || $0.content.showInChannel }
        if bounds.hasLower {
            return Array(all.filter(bounds.contain).prefix(limit))
        }
        return Array(all.reversed().lazy.filter(bounds.contain).prefix(limit).reversed())
    }
}

/// Where a page of messages begins and ends.
private struct MessageBounds {
    private var bounds: [(isLower: Bool, isInclusive: Bool, time: Timestamp)] = []
    var hasLower: Bool { bounds.contains(where: \.isLower) }

    private static let options: [(id: String, time: String, isLower: Bool, isInclusive: Bool)] = [
        ("id_lt", "created_at_before", false, false), ("id_lte", "created_at_before_or_equal", false, true),
        ("id_gt", "created_at_after", true, false), ("id_gte", "created_at_after_or_equal", true, true),
    ]

    init(_ options: Fields, _ messages: [String: StoredMessage]) throws(Refusal) {
        for option in Self.options {
            if let id = options[option.id]?.string {
                guard let message = messages[id] else { throw .notFound("Can't find message with id \"\(id)\"") }
                bounds.append((option.isLower, option.isInclusive, message.createdAt))
            }
            if let text = options[option.time]?.string {
                guard let time = Timestamp(rfc3339: text) else { throw .input("messages.\(option.time) is not a time") }
                bounds.append((option.isLower, option.isInclusive, time))
            }
        }
    }

    func contain(_ message: StoredMessage) -> Bool {
        bounds.allSatisfy { bound in
            message.createdAt == bound.time ? bound.isInclusive : bound.isLower == (message.createdAt > bound.time)
        }
    }
}
