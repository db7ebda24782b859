package import JSON

/// Stream's webhook events as values: the only place that knows the provider's shapes.
///
/// Pure: the same bytes, id and time give the same event. Lenient: only what could not be stored at all is refused.
/// Source: GetStream/protocol 236.0.4, `WHEvent`, and the provider's webhook documentation.
package struct StreamProvider: Sendable {
    let options: DecodingOptions

    package init(options: DecodingOptions = .init()) { self.options = options }

    /// The same, for whoever does not ask whom an event names: see ``DecodingOptions/findsUserIDs``.
    package var withoutUserIDs: StreamProvider {
        var options = options
        options.findsUserIDs = false
        return StreamProvider(options: options)
    }

    /// - Parameters:
    ///   - body: the inflated bytes whose signature has been verified.
    ///   - id: the SHA-256 of `body`.
    package func decode(
        _ body: [UInt8],
        id: EventID,
        receivedAt: Timestamp,
        parser: JSONParser
    ) throws(DecodingFailure) -> ChatEvent {
        try decoded(body, id: id, receivedAt: receivedAt, parser: parser).event
    }

    /// The event together with the body it was read from.
    package func decoded(
        _ body: [UInt8],
        id: EventID,
        receivedAt: Timestamp,
        parser: JSONParser
    ) throws(DecodingFailure) -> (event: ChatEvent, body: JSONValue) {
        let fields = try self.fields(of: body, parser: parser)
        let type = try Self.type(of: fields, limits: options.limits)
        var event = ChatEvent(
            id: id,
            type: EventType(rawValue: type),
            createdAt: fields.time("created_at"),
            receivedAt: receivedAt
        )
        try readOrigin(of: &event, from: fields)
        // Names without a dot are the app's own events, whose fields mean what the app wants them to.
        if HookEvent.isOfHook(event.type) {
            try readHook(of: &event, from: fields)
        } else if type.utf8.contains(UInt8(ascii: ".")) {
            try readParts(of: &event, from: fields)
            try readMeaning(of: &event, from: fields)
        }
        if options.findsUserIDs { event.mentionedUserIDs = StreamUserIDs.collected(from: fields) }
        event.faults = fields.context.faults
        return (event, fields.value)
    }

    func fields(of body: [UInt8], parser: JSONParser) throws(DecodingFailure) -> StreamFields {
        let value: JSONValue
        do throws(JSONError) { value = try parser.parse(body) } catch { throw .malformed(error) }
        guard value.kind == .object else { throw .notAnObject }
        return StreamFields(value: value, path: "", context: StreamContext(limits: options.limits))
    }

    /// Where and through whom, which events of every type say the same way.
    func readOrigin(of event: inout ChatEvent, from fields: StreamFields) throws(DecodingFailure) {
        event.cid = try Self.cid(of: fields)
        event.user = try user(fields.object("user"))
        event.team = fields.string("team")
        event.fromServer = fields.object("request_info")?.string("type") == "server"
    }

    /// The things that an event may carry, whatever its type.
    private func readParts(of event: inout ChatEvent, from fields: StreamFields) throws(DecodingFailure) {
        event.channel = try channel(of: fields, cid: event.cid)
        event.team = event.team ?? event.channel?.team
        event.targetUsers = try targetUsers(of: fields)
        event.createdBy = try createdBy(of: fields)
        event.message = try message(of: fields, cid: event.cid)
        event.messageID = try fields.identifier("message_id") ?? event.message?.id
        event.hardDelete = fields.flag("hard_delete") ?? false
        event.deletedForMe = fields.flag("deleted_for_me") ?? false
        event.reviewItem = try reviewItem(of: fields)
        event.thread = try thread(of: fields, cid: event.cid)
    }

    /// What an event says by being of its type.
    private func readMeaning(of event: inout ChatEvent, from fields: StreamFields) throws(DecodingFailure) {
        switch event.type.rawValue {
        case "reaction.new", "reaction.updated", "reaction.deleted":
            event.reaction = try reaction(of: fields, in: event)
        case "member.added", "member.removed", "member.updated", BackfilledEvent.member:
            event.member = try member(of: fields, in: event)
        case "message.read", "notification.mark_unread":
            event.read = try read(of: fields, in: event)
        case "user.banned", "user.unbanned", BackfilledEvent.ban:
            event.ban = try ban(of: fields, in: event)
        case "message.flagged", "user.flagged", "flag.updated", "moderation.flagged":
            event.flag = try flag(of: fields, in: event)
        case "user.muted", "user.unmuted", "channel.muted", "channel.unmuted":
            event.mute = try mute(of: fields, in: event)
        case "user.deleted", "user.deactivated", "user.messages.deleted":
            readRemoval(of: &event, from: fields)
        case "channel.hidden":
            event.clearsHistory = fields.flag("clear_history") ?? false
        default: break
        }
    }
}
