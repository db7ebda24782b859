import Chat

/// What the app's hook is asked before a user's message is sent, and what its answer makes of the message.
///
/// Source: contract, "Before Message Send".
extension ProviderState {
    /// What the app's hook is asked before the message of this call is sent; `nil` where the message is not sent, and where
    /// a server sends it, of which the provider does not say that the hook is asked.
    func hookRequest(of call: APICall, at time: Timestamp) -> Fields? {
        guard case .user(let author) = call.actor, let fields = call.body["message"]?.object else { return nil }
        let state = turned(to: time, call.actor)
        guard let channel = try? state.existingChannel(call.parameters), (try? state.admit(author, to: channel)) != nil,
            let message = try? state.newMessage(fields, by: author, in: channel)
        else { return nil }
        let unmade: Set<String> = [
            "user", "cid", "created_at", "updated_at", "shadowed", "pinned", "pinned_at", "pinned_by",
        ]
        let user = state.userFields(author)
        return [
            "message": .object(state.messageFields(message).without(unmade)),
            "user": [
                "id": .string(author), "role": user["role"] ?? "user", "banned": user["banned"] ?? false,
                "online": false,
            ],
            "channel": .object(state.channelFields(channel)), "request_info": .object(state.requestInfo),
        ]
    }

    /// The sender's own answer where the hook has refused the message: nobody else is told of it.
    func refusedMessage(of call: APICall, text: String, at time: Timestamp) -> Answer? {
        guard var message = hookRequest(of: call, at: time)?["message"]?.object else { return nil }
        message["type"] = "error"
        message["text"] = .string(text)
        message["cid"] = .string(call.parameters.joined(separator: ":"))
        return .created(["message": .object(message)])
    }

    /// The body of a call with what the hook has changed; all else that it names is left as it is.
    static func rewritten(_ body: Fields, by answer: Fields) -> Fields {
        var (body, message) = (body, body["message"]?.object ?? [:])
        let rewritable: Set<String> = ["text", "i18n", "show_in_channel", "silent", "type", "attachments", "custom"]
        for (name, value) in answer.pairs where rewritable.contains(name) || !ownMessageFields.contains(name) {
            message[name] = value
        }
        body["message"] = .object(message)
        return body
    }
}
