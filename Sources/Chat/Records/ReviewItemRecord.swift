/// An entry of the provider's review queue.
///
/// The outcome of a check often comes first, without labels, and the item later with them: both are kept.
package struct ReviewItemRecord: Sendable, Equatable {
    package let id: String
    package var item: Register<ReviewItem>?
    package var check: Register<ReviewItem>?

    package init(id: String) { self.id = id }

    /// Whether the provider's moderators are done with it, or it was marked so from here.
    package var isReviewed: Bool {
        item.map { $0.value.isReviewed || $0.value.reviewedAt != nil } ?? false
    }

    package mutating func merge(_ other: ReviewItemRecord) {
        item.merge(other.item)
        check.merge(other.check)
    }
}

/// A thread, by the message it hangs on.
package struct ThreadRecord: Sendable, Equatable {
    package let parentMessageID: String
    package var state: Register<ChatThread>?

    package init(parentMessageID: String) { self.parentMessageID = parentMessageID }

    package mutating func merge(_ other: ThreadRecord) { state.merge(other.state) }
}

/// One user muting another user or a channel.
package struct MuteRecord: Sendable, Equatable {
    package enum Target: Sendable, Hashable { case user(String), channel(String) }

    package struct Key: Sendable, Hashable {
        package var userID: String
        package var target: Target
        package init(userID: String, target: Target) { (self.userID, self.target) = (userID, target) }
    }

    package let key: Key
    package var state: Register<State>?

    package init(key: Key) { self.key = key }

    package mutating func merge(_ other: MuteRecord) { state.merge(other.state) }

    package struct State: Sendable, Equatable {
        package var isMuted: Bool
        package var expires: Timestamp?
        package init(isMuted: Bool, expires: Timestamp? = nil) { (self.isMuted, self.expires) = (isMuted, expires) }
    }
}
