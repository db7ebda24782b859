package import Chat
package import JSON

/// The event being judged, as conditions and templates ask for it.
///
/// A class, because every question of every rule is handed it. It holds what is asked of the event and no more: to copy
/// all of one takes as long as twenty questions.
package final class ObservedEvent {
    let type: EventType
    let time: Timestamp
    let cid: String?
    let actingUserID: String?
    let attachmentCount: Int
    let mentionCount: Int
    private let text: String?
    private let messageType: String?
    private let isFromServer: Bool
    /// The last change of the message was one of its text.
    private let isTextNewest: Bool
    private let body: JSONValue
    private lazy var message = body["message"]
    /// Who wrote is told with the message; the actor of other events, or the member, at the top.
    private lazy var user = message?["user"] ?? body["user"] ?? body["member"]?["user"]
    private lazy var channel = body["channel"]
    private lazy var channelCustom = body["channel_custom"]
    /// Roles of the acting user, everywhere and in the channel.
    private(set) lazy var roles: [String] = {
        let member = message?["member"] ?? body["member"]
        return [user?["role"]?.string, member?["channel_role"]?.string, member?["role"]?.string].compactMap(\.self)
    }()

    package init(_ event: borrowing ChatEvent, _ body: JSONValue) {
        (type, time, cid, actingUserID) = (event.type, event.time, event.cid, event.actingUserID)
        (text, messageType, isFromServer) = (event.message?.text, event.message?.type, event.fromServer)
        attachmentCount = event.message?.attachmentCount ?? 0
        mentionCount = event.message?.mentionedUserIDs.count ?? 0
        isTextNewest = event.message?.textUpdatedAt.map { $0 == event.message?.updatedAt } ?? false
        self.body = body
    }

    /// What the event says; `nil` where facts may know more.
    package func answer(_ path: ValuePath) -> RuleAnswer? {
        switch path.root {
        case .event: answer(path.keys, in: body) ?? .missing
        case .message: message.flatMap { custom(path.keys, in: $0) } ?? .missing
        case .command: command(path.keys).map { .value(.text($0)) } ?? .missing
        case .user: user.flatMap { custom(path.keys, in: $0) }
        case .channel:
            channel.flatMap { custom(path.keys, in: $0) } ?? channelCustom.flatMap { answer(path.keys, in: $0) }
        case .thing, .seller, .buyer: nil
        }
    }

    /// What a `message.updated` changed; the provider tells it under `message_update`.
    var changes: Set<EditedPart> {
        var parts: Set<EditedPart> = []
        let set = body["message_update"]?["change_set"]
        func add(_ part: EditedPart, _ names: String...) {
            if names.contains(where: { set?[$0].map { !$0.isNull && $0.bool != false } ?? false }) {
                parts.insert(part)
            }
        }
        add(.text, "text", "html", "mml")
        add(.attachments, "attachments")
        add(.mentions, "mentioned_user_ids")
        add(.custom, "custom")
        add(.pin, "pin")
        // Where the provider says nothing of changes, a text edit still carries its time.
        if set == nil, isTextNewest { parts.insert(.text) }
        return parts
    }

    /// Neither a person's nor for a person to answer: of bots, of the system, of the server's own side.
    var isOfMachine: Bool {
        isFromServer || ["system", "ephemeral", "error"].contains(messageType ?? "")
            || user?["role"]?.string == "bot" || custom(["bot"], in: user) == .value(.flag(true))
            || custom(["is_bot"], in: user) == .value(.flag(true))
    }

    private func custom(_ keys: [String], in value: JSONValue?) -> RuleAnswer? {
        guard let value else { return nil }
        return answer(keys, in: value) ?? value["custom"].flatMap { answer(keys, in: $0) }
            ?? value["Custom"].flatMap { answer(keys, in: $0) }
    }

    private func answer(_ keys: [String], in value: JSONValue) -> RuleAnswer? {
        var value = value
        for key in keys {
            guard let next = value[key] else { return nil }
            value = next
        }
        return RuleValue(value).map { .value($0) }
    }

    /// `/status delivered`, as the provider splits it, or as it was typed.
    private func command(_ keys: [String]) -> String? {
        guard keys.count == 1 else { return nil }
        let (name, text): (String, String)
        if let command = message?["command"]?.string {
            (name, text) = (command, message?["args"]?.string ?? "")
        } else if let typed = self.text, typed.hasPrefix("/") {
            let parts = typed.dropFirst().split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            (name, text) = (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        } else {
            return nil
        }
        switch keys[0] {
        case "name": return name
        case "text": return text
        case "word": return text.split(whereSeparator: \.isWhitespace).first.map { $0.lowercased() }
        default: return nil
        }
    }
}

extension RuleValue {
    /// `nil` for null; an object, and a list of anything but texts, is there without being anything.
    package init?(_ json: JSONValue) {
        switch json.kind {
        case .null: return nil
        case .string: self = .text(json.string ?? "")
        case .integer, .double:
            guard let number = json.double, number.isFinite else { return nil }
            self = .number(number)
        case .bool: self = .flag(json.bool ?? false)
        case .array: self = .texts(json.array.compactMap(\.string))
        case .object: self = .texts([])
        }
    }
}
