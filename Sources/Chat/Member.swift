/// A user's membership of a channel as an event carried it.
package struct Member: Sendable, Equatable {
    package var userID: String
    package var user: User?
    package var role: String?
    package var channelRole: String?
    package var status: String?
    package var createdAt: Timestamp?
    package var updatedAt: Timestamp?
    package init(userID: String) { self.userID = userID }
}

/// A user's statement of how far a channel or thread has been read (`message.read`, `notification.mark_unread`).
package struct Read: Sendable, Equatable {
    package var userID: String
    package var threadID: String?
    package var lastReadMessageID: String?
    package var lastReadAt: Timestamp?
    /// `notification.mark_unread`: moves the mark back.
    package var unread = false
    package init(userID: String) { self.userID = userID }
}

/// One user muting another, or a channel.
package struct Mute: Sendable, Equatable {
    package var userID: String
    package var targetUserIDs: [String] = []
    package var targetCIDs: [String] = []
    package var expires: Timestamp?
    package init(userID: String) { self.userID = userID }
}
