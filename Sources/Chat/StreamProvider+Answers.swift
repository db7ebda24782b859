package import JSON
import Limits

/// What the provider's API answers, in the shapes that its events have, too: as lenient.
extension StreamProvider {
    /// One channel with what came along, or `nil` for what has no `cid`.
    ///
    /// Source: GetStream/protocol 236.0.4, `ChannelStateResponse`.
    package func channelState(_ answer: JSONValue) -> ChannelState? {
        let fields = fields(answer)
        guard let object = fields.object("channel"), let channel = try? channel(of: fields, cid: nil) else {
            return nil
        }
        var state = ChannelState(channel: channel, json: object.value.serialized())
        for element in fields.objects("members") {
            guard let member = try? member(element) else {
                state.unreadable += 1
                continue
            }
            state.members.append(Fetched(member, json: element.value.serialized()))
        }
        for element in fields.objects("messages") {
            guard let message = try? message(element, id: nil, cid: channel.cid) else {
                state.unreadable += 1
                continue
            }
            state.messages.append(Fetched(message, json: element.value.serialized()))
        }
        return state
    }

    /// `nil` for what has no id.
    package func user(answer: JSONValue) -> User? {
        guard answer.kind == .object else { return nil }
        return try? user(fields(answer))
    }

    /// `nil` for what names no user.
    package func standingBan(_ answer: JSONValue) -> StandingBan? {
        let fields = fields(answer)
        guard let user = fields.object("user"), let id = try? user.identifier("id") else { return nil }
        var ban = Ban(userID: id)
        ban.shadow = fields.flag("shadow") ?? false
        ban.reason = fields.string("reason").flatMap { $0.isEmpty ? nil : $0 }
        ban.expires = fields.time("expires")
        ban.by = try? fields.object("banned_by")?.identifier("id")
        let cid = try? fields.object("channel").flatMap { channel throws(DecodingFailure) in
            try Self.cid(of: channel, type: "type", id: "id")
        }
        return StandingBan(
            ban: ban,
            user: user.value.serialized(),
            cid: cid,
            createdAt: fields.time("created_at")
        )
    }

    private func fields(_ value: JSONValue) -> StreamFields {
        StreamFields(value: value, path: "", context: StreamContext(limits: options.limits))
    }

    private func member(_ object: StreamFields) throws(DecodingFailure) -> Member? {
        let user = try user(object.object("user"))
        guard let userID = try object.identifier("user_id") ?? user?.id else { return nil }
        var member = Member(userID: userID)
        member.user = user
        read(&member, from: object)
        return member
    }
}

extension StreamProvider {
    /// What custom data belongs to.
    package enum CustomOwner: Sendable, CaseIterable { case user, channel, message }

    /// Whether a field of this name is the provider's own, so that no custom data can be kept under it.
    package static func defines(_ name: String, of owner: CustomOwner) -> Bool {
        let names =
            switch owner {
            case .user: StreamKnownFields.user
            case .channel: StreamKnownFields.channel
            case .message: StreamKnownFields.message
            }
        let isLifted = owner != .message && StreamKnownFields.lifted.contains(name)
        return isLifted || names.contains(name.utf8.span)
    }
}
