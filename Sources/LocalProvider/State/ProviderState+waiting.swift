import Chat
import Limits

/// Messages that nobody sees before they are committed.
///
/// Source: contract, "Pending messages".
extension ProviderState {
    /// `nil` for a message that is sent at once.
    func pending(_ body: Fields, in channel: StoredChannel) throws(Refusal) -> StoredMessage.Pending? {
        let isAsked = body["pending"]?.bool == true
        if isAsked, actor != .server { throw .notAllowed("only a server sends a pending message") }
        guard isAsked || pendingTypes.contains(channel.type) else { return nil }
        let hook = Hook.all(in: settings).first(where: \.takesPending)
        let given = hook?.fields["timeout_ms"]?.int.flatMap { $0 > 0 ? $0 : nil }
        let lifetime = (given ?? limits.pendingMilliseconds) * 1_000_000
        return StoredMessage.Pending(
            metadata: body["pending_message_metadata"]?.object ?? [:],
            expires: Timestamp(nanoseconds: now.nanoseconds + lifetime)
        )
    }

    /// Keeps a message back, and tells of it.
    mutating func hold(_ message: StoredMessage) -> StoredMessage {
        let held = named(message)
        messages[held.id] = held
        note("message:\(held.id)", "hold")
        emitPending("PassOnPendingMessage", held)
        emit("message.pending", held.id) { state, body in
            body.append("method", "new")
            body.append("message", .object(state.messageFields(held)))
            if let channel = state.channels[held.cid] { body.append("channel", .object(state.channelFields(channel))) }
            body.append("user", .object(state.userFields(held.userID)))
            body.append("metadata", .object(held.pending?.metadata ?? [:]))
        }
        return held
    }

    /// Sends a message that waited; only the first time.
    mutating func commitMessage(_ call: APICall) throws(Refusal) -> Answer {
        let id = call.parameters[0]
        guard var message = messages[id], message.deletedAt == nil, !isOver(message) else {
            throw .notFound("Can't find message with id \"\(id)\"")
        }
        guard message.pending != nil else { throw .input("message \"\(id)\" is already committed, or never waited") }
        message.pending = nil
        note("message:\(id)", "commit")
        return .created(["message": .object(messageFields(store(message)))])
    }

    /// It has waited too long.
    func isOver(_ message: StoredMessage) -> Bool { message.pending.map { $0.expires <= now } ?? false }

    /// Nobody has seen it.
    mutating func discard(_ message: StoredMessage) -> StoredMessage {
        note("message:\(message.id)", "hard_delete")
        emitPending("DeletedPendingMessage", message)
        remove(message)
        return message
    }
}
