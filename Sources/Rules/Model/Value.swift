package import Chat

/// The place of a value that a condition compares: `listing.status`, `event.channel.member_count`.
package struct ValuePath: Sendable, Hashable, CustomStringConvertible {
    package enum Root: Sendable, Hashable {
        /// The event's body, as the provider sent it.
        case event
        /// Its message; custom fields beside the provider's own.
        case message
        /// Who acts: as the event tells it, else from facts.
        case user
        /// As the event tells it, else from facts.
        case channel
        /// A thing of the app of this kind, by the id that the channel's or message's business context gives.
        case thing(String)
        /// Facts of the user who is seller or buyer by the business context.
        case seller, buyer
        /// Fields of a form command in the message: `command.name`, `command.text`, `command.word` (its first word).
        case command
    }

    package var root: Root
    /// At least one; of facts the names joined by dots are the field.
    package var keys: [String]

    package init(_ root: Root, _ keys: [String]) { (self.root, self.keys) = (root, keys) }

    /// As written in a rule file.
    package var description: String { ([root.name] + keys).joined(separator: ".") }
}

extension ValuePath {
    /// The names of a path as written, dot by dot; `nil` where the first is no root, or nothing follows it.
    package init?(names: [String]) {
        guard let first = names.first else { return nil }
        let (root, keys): (Root, ArraySlice<String>)
        switch first {
        case "event": (root, keys) = (.event, names.dropFirst())
        case "message": (root, keys) = (.message, names.dropFirst())
        case "user", "sender": (root, keys) = (.user, names.dropFirst())
        case "channel": (root, keys) = (.channel, names.dropFirst())
        case "seller": (root, keys) = (.seller, names.dropFirst())
        case "buyer": (root, keys) = (.buyer, names.dropFirst())
        case "command": (root, keys) = (.command, names.dropFirst())
        case "fact":
            guard names.count > 2 else { return nil }
            (root, keys) = (.thing(names[1]), names.dropFirst(2))
        default:
            guard Self.things.contains(first) else { return nil }
            (root, keys) = (.thing(first), names.dropFirst())
        }
        guard !keys.isEmpty, !keys.contains("") else { return nil }
        self.init(root, Array(keys))
    }

    /// Kinds of things that a path may begin with; `event` is taken, so that one is `fact.event`.
    package static let things = BusinessContext.Kind.allCases.map(\.rawValue)
        .filter { !["event", "seller", "buyer"].contains($0) }
}

extension ValuePath {
    /// How many of the user's last messages somebody else had removed by then: what moderators confirmed.
    package static let removedMessages = ValuePath(.user, ["removed_messages"])
    /// How many members of the channel have blocked the user who acts.
    package static let blockedHere = ValuePath(.thing("user"), ["blocked_here"])
}

extension ValuePath.Root {
    package var name: String {
        switch self {
        case .event: "event"
        case .message: "message"
        case .user: "user"
        case .channel: "channel"
        case .thing(let kind): ValuePath.things.contains(kind) ? kind : "fact.\(kind)"
        case .seller: "seller"
        case .buyer: "buyer"
        case .command: "command"
        }
    }
}

/// What a value is compared with.
package enum ValueTest: Sendable, Equatable {
    /// One of these; of a list, one of its elements is.
    case isOne([RuleValue])
    case isNone([RuleValue])
    /// The same as another value.
    case equals(ValuePath)
    case differs(ValuePath)
    /// A term of one of these lists.
    case isIn([String])
    case isNotIn([String])
    case bounds(Bounds)
    /// Texts: one of these, without regard to capitals.
    case contains([String])
    case startsWith([String])
    case endsWith([String])
    /// Expressions (RE2), over the text as it is.
    case matches([String])
    /// How long ago a time is, in seconds.
    case age(Bounds)
    case exists
    /// Every source was asked and none knows it; also true where a value is null.
    case missing
}
