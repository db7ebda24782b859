import Chat
import JSON

extension StreamSpelling {
    func send(_ message: NewMessage, _ check: StreamCheck) throws(ProviderFailure) -> StreamRequest {
        let (type, id) = try check.channel(message.cid)
        let messageID = try check.messageID(message.id)
        return StreamRequest(check.endpoint, "POST", ["channels", type, id, "message"]) {
            $0.field("message") { $0.object { message.spell(in: &$0, id: messageID) } }
            $0.set("skip_push", if: message.skipsPush)
        }
    }

    func update(_ change: MessageChange, _ check: StreamCheck) throws(ProviderFailure) -> StreamRequest {
        try check.change(change.set, change.unset)
        return try put(change.id, by: change.by, check) { $0.change(change.set, change.unset) }
    }

    func pin(_ pin: MessagePin, _ check: StreamCheck) throws(ProviderFailure) -> StreamRequest {
        try put(pin.id, by: pin.by, check) {
            $0.field("set") {
                $0.object {
                    $0.field("pinned", true)
                    $0.present("pin_expires", pin.until?.rfc3339)
                }
            }
        }
    }

    func unpin(_ message: MessageReference, _ check: StreamCheck) throws(ProviderFailure) -> StreamRequest {
        try put(message.id, by: message.by, check) { $0.field("set") { $0.object { $0.field("pinned", false) } } }
    }

    func delete(_ deletion: MessageDeletion, _ check: StreamCheck) throws(ProviderFailure) -> StreamRequest {
        StreamRequest(
            check.endpoint,
            "DELETE",
            ["messages", try check.messageID(deletion.id)],
            query: [("hard", deletion.isHard ? "true" : nil), ("deleted_by", deletion.by)]
        )
    }

    func undelete(_ message: MessageReference, _ check: StreamCheck) throws(ProviderFailure) -> StreamRequest {
        StreamRequest(check.endpoint, "POST", ["messages", try check.messageID(message.id), "undelete"]) {
            $0.field("undeleted_by", message.by)
        }
    }

    /// Source: the provider's documentation "Pending Messages": only the first commit succeeds.
    func commit(_ message: MessageReference, _ check: StreamCheck) throws(ProviderFailure) -> StreamRequest {
        StreamRequest(check.endpoint, "POST", ["messages", try check.messageID(message.id), "commit"]) { _ in }
    }

    private func put(
        _ id: String,
        by user: String,
        _ check: StreamCheck,
        _ change: @escaping (inout JSONWriter) -> Void
    ) throws(ProviderFailure) -> StreamRequest {
        StreamRequest(check.endpoint, "PUT", ["messages", try check.messageID(id)]) {
            change(&$0)
            $0.field("user") { $0.object { $0.field("id", user) } }
        }
    }
}

extension NewMessage {
    fileprivate func spell(in writer: inout JSONWriter, id: String) {
        writer.field("id", id)
        writer.field("user_id", sender)
        writer.field("text", text)
        if kind != .regular { writer.field("type", kind.rawValue) }
        writer.present("parent_id", parentID)
        writer.set("show_in_channel", if: showInChannel)
        writer.present("quoted_message_id", quotedMessageID)
        writer.present("mentioned_users", mentionedUserIDs)
        writer.present("attachments", attachments)
        writer.set("silent", if: isSilent)
        writer.present("restricted_visibility", visibleTo)
        writer.flattened(custom, of: .message)
    }
}
