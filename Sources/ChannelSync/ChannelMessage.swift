package import Chat
import Crypto
package import JSON
package import Limits
package import Provider

/// A message that the app has sent into a channel of a business object: an offer, a status.
package struct ChannelMessage: Sendable, Equatable {
    /// The app's name for this request: repeated, it sends nothing.
    package var requestID: String?
    package var text: String
    /// `system`, the provider's own; any other is a business type such as `offer`.
    package var type: String?
    package var sender: String?
    package var isSilent = false
    package var skipsPush = false
    package var visibleTo: [String] = []
    package var custom = JSONObjectText.empty

    package static let systemType = "system"
    private static let names = ["id", "text", "type", "sender", "silent", "skip_push", "visible_to", "custom"]

    /// - Throws: ``ChannelObjectFault`` naming the first field that is unknown or not what is allowed.
    package init(_ json: JSONValue, limits: Limits.Channels) throws(ChannelObjectFault) {
        let fields = try ObjectFields(json, limits: limits)
        for (name, _) in json.object where !Self.names.contains(name) {
            throw ChannelObjectFault(name, "one of \(Self.names.joined(separator: ", "))")
        }
        requestID = try fields.identifier(["id"])
        guard let text = try fields.text(["text"], bytes: limits.textBytes), !text.isEmpty else {
            throw ChannelObjectFault("text", "given: text of 1 to \(limits.textBytes) bytes")
        }
        self.text = text
        type = try fields.identifier(["type"])
        sender = try fields.identifier(["sender"])
        isSilent = try fields.flag("silent")
        skipsPush = try fields.flag("skip_push")
        visibleTo = try fields.users(["visible_to"])
        custom = try Self.custom(fields, limits)
    }

    private static func custom(
        _ fields: ObjectFields,
        _ limits: Limits.Channels
    ) throws(ChannelObjectFault) -> JSONObjectText {
        guard let value = fields.present("custom") else { return .empty }
        guard let object = JSONObjectText(value), object.text.utf8.count <= limits.customBytes else {
            throw ChannelObjectFault("custom", "a JSON object of at most \(limits.customBytes) bytes")
        }
        for (name, _) in object.fields where StreamProvider.defines(name, of: .message) {
            throw ChannelObjectFault("custom.\(name)", "left out or named otherwise: the name is the provider's")
        }
        return object
    }
}

extension ChannelMessage {
    /// The effect that sends it once, within ``Limits/Channels/messageSeconds`` from now.
    ///
    /// - Parameters:
    ///   - requestID: for a message that names none; never the same twice.
    ///   - typeField: of the custom data, for the business type.
    /// - Returns: the message's id as well, which follows from the effect's key.
    package func effect(
        in channel: SyncedChannel,
        cause: Effect.Cause,
        otherwise requestID: String,
        typeField: String,
        limits: Limits.Channels,
        at now: Timestamp
    ) -> (effect: Effect, messageID: String) {
        let version = "message \(self.requestID ?? requestID)"
        // Whoever repeats the request, under whichever key, it is the same.
        let key = Effect.EffectKey(entity: channel.cid, version: version, cause: "call", action: "sendMessage")
        let id = "bc-" + Hex.encode(Array(SHA256.digest(Array(key.description.utf8)).prefix(Self.idBytes)))
        let call = ProviderCall.sendMessage(message(in: channel, id: id, typeField: typeField))
        let effect = Effect(
            key: key,
            destination: .provider,
            lane: call.lane,
            action: call.name,
            payload: call.json,
            cause: cause,
            eventTime: now,
            maximumAge: .seconds(limits.messageSeconds)
        )
        return (effect, id)
    }

    private static let idBytes = 20

    private func message(in channel: SyncedChannel, id: String, typeField: String) -> NewMessage {
        var message = NewMessage(cid: channel.cid, id: id, sender: sender ?? channel.creator, text: text)
        message.isSilent = isSilent
        message.skipsPush = skipsPush
        message.visibleTo = visibleTo
        message.custom = custom
        switch type {
        case nil, "regular": break
        case Self.systemType: message.kind = .system
        case let type?:
            let others = custom.fields.filter { $0.name != typeField }
            message.custom = JSONObjectText { writer in
                for (name, json) in others { writer.field(name, raw: json) }
                writer.field(typeField, type)
            }
        }
        return message
    }
}
