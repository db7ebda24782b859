/// What the provider's API answers about a channel: the channel with a page of its members and messages.
package struct ChannelState: Sendable {
    package var channel: Channel
    /// The answer's channel object as JSON text.
    package var json: String
    package var members: [Fetched<Member>] = []
    /// Oldest first.
    package var messages: [Fetched<Message>] = []
    /// Parts of the answer that could not be read, which are left out.
    package var unreadable = 0

    package init(channel: Channel, json: String) { (self.channel, self.json) = (channel, json) }
}

/// A thing that the provider's API answered, with its JSON text.
package struct Fetched<Value: Sendable>: Sendable {
    package let value: Value
    package let json: String

    package init(_ value: Value, json: String) { (self.value, self.json) = (value, json) }
}

/// A ban in force, as the provider's API lists it.
package struct StandingBan: Sendable, Equatable {
    package var ban: Ban
    /// The banned user, as JSON text.
    package var user: String
    /// `nil` is everywhere.
    package var cid: String?
    package var createdAt: Timestamp?

    package init(ban: Ban, user: String, cid: String? = nil, createdAt: Timestamp? = nil) {
        (self.ban, self.user, self.cid, self.createdAt) = (ban, user, cid, createdAt)
    }
}
