package import JSON

extension StreamProvider {
    /// A request of a synchronous hook, read as the event that will tell of what it asks for.
    ///
    /// A message that is about to be sent has neither an id nor a time: `id` and `receivedAt` stand for them.
    ///
    /// Source: the provider's documentation "Before Message Send Webhook" and "Custom Commands Webhook".
    ///
    /// - Parameters:
    ///   - type: as what it is judged.
    ///   - id: the SHA-256 of `body`.
    package func hook(
        _ body: [UInt8],
        as type: EventType,
        id: EventID,
        receivedAt: Timestamp,
        parser: JSONParser
    ) throws(DecodingFailure) -> (event: ChatEvent, body: JSONValue) {
        let fields = try self.fields(of: body, parser: parser)
        var event = ChatEvent(id: id, type: type, receivedAt: receivedAt)
        try readOrigin(of: &event, from: fields)
        event.channel = try channel(of: fields, cid: event.cid)
        event.team = event.team ?? event.channel?.team
        try readMessage(of: &event, from: fields)
        event.faults = fields.context.faults
        return (event, fields.value)
    }

    /// The same request, once it has become an event: see ``HookEvent``.
    ///
    /// What it says of user and channel is too little to take it for what they are.
    func readHook(of event: inout ChatEvent, from fields: StreamFields) throws(DecodingFailure) {
        try readMessage(of: &event, from: fields)
        event.user?.isReference = true
        event.message?.sender?.isReference = true
    }

    private func readMessage(of event: inout ChatEvent, from fields: StreamFields) throws(DecodingFailure) {
        guard let object = fields.object("message") else { return }
        var message = try message(object, id: "hook-\(event.id)", cid: event.cid)
        if message?.sender == nil { message?.sender = event.user }
        (event.message, event.messageID) = (message, message?.id)
    }
}
