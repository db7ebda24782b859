import Crypto

/// The provider's name of an event, open: new names arrive without notice.
package struct EventType: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }
}

/// One event as the provider reported it, whatever its type: the parts that this type carries are present.
package struct ChatEvent: Sendable, Equatable {
    /// SHA-256 of the inflated body: the event's identity.
    package var id: EventID
    package var type: EventType
    /// The provider's `created_at`.
    package var createdAt: Timestamp?
    /// When it reached us; stands in where the provider gives no time.
    package var receivedAt: Timestamp

    /// `type:id` of the channel, also when only `channel_id` and `channel_type` came.
    package var cid: String?
    package var team: String?
    package var channel: Channel?
    /// The actor (`user` at the top level); absent for actions of the server.
    package var user: User?
    package var targetUsers: [User] = []
    package var createdBy: User?

    package var message: Message?
    /// From `message_id`, else from the message.
    package var messageID: String?
    /// `hard_delete`, or a user's `delete_user` of `hard` or `pruning`.
    package var hardDelete = false
    package var deletedForMe = false
    package var deletesMessages = MessageRemoval.none

    package var reaction: Reaction?
    package var member: Member?
    package var read: Read?
    package var ban: Ban?
    package var flag: Flag?
    package var mute: Mute?
    package var reviewItem: ReviewItem?
    package var thread: ChatThread?
    /// `channel.hidden` with `clear_history`.
    package var clearsHistory = false

    /// `request_info.type` is `server`: caused through the provider's API, perhaps by us.
    package var fromServer = false
    /// Every user id found anywhere in the body, sorted: what an erasure looks up.
    package var mentionedUserIDs: [String] = []
    /// Paths whose value had a wrong type and was left out.
    package var faults: [String] = []

    package init(id: EventID, type: EventType, createdAt: Timestamp? = nil, receivedAt: Timestamp) {
        self.id = id
        self.type = type
        self.createdAt = createdAt
        self.receivedAt = receivedAt
    }

    /// The provider's time, else ours.
    package var time: Timestamp { createdAt ?? receivedAt }
}

/// SHA-256 of an event's inflated body, 32 bytes.
package struct EventID: Sendable, Hashable, CustomStringConvertible {
    package let bytes: [UInt8]
    package init(bytes: [UInt8]) { self.bytes = bytes }

    /// `nil` for anything but hex.
    package init?(hex text: String) {
        guard let bytes = Hex.decode(text) else { return nil }
        self.init(bytes: bytes)
    }

    /// The first eight bytes as a number: orders what has the same time.
    package var tieBreak: Int64 {
        guard bytes.count >= 8 else { return bytes.reduce(0) { $0 << 8 | Int64($1) } }
        return bytes.withUnsafeBytes { $0.loadUnaligned(as: Int64.self).bigEndian }
    }

    /// What is a digest already needs no more than a part of it to be spread evenly.
    package func hash(into hasher: inout Hasher) { hasher.combine(tieBreak) }

    /// Lower-case hex.
    package var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

/// What the deletion of a user says about the user's messages.
package enum MessageRemoval: Sendable, Equatable { case none, soft, hard }
