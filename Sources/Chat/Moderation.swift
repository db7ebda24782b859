/// A ban or its end: of the event's `user`, in the event's channel or, without one, everywhere.
package struct Ban: Sendable, Equatable {
    package var userID: String
    package var shadow = false
    package var reason: String?
    package var expires: Timestamp?
    package var by: String?
    package init(userID: String) { self.userID = userID }
}

/// A report about a message or a user.
package struct Flag: Sendable, Equatable {
    package var messageID: String?
    package var targetUserID: String?
    package var by: String?
    package var reason: String?
    package var total: Int64?
    package init() {}
}

/// An entry of the provider's review queue, or the outcome of one of its checks.
package struct ReviewItem: Sendable, Equatable {
    package var id: String
    package var entityType: String?
    package var entityID: String?
    package var entityCreatorID: String?
    package var status: String?
    package var recommendedAction: String?
    package var severity: Int64?
    package var labels: [String] = []
    package var reviewedBy: String?
    package var latestAction: String?
    package var createdAt: Timestamp?
    package var updatedAt: Timestamp?
    package var reviewedAt: Timestamp?
    /// From `moderation_check.completed`, which carries no item: only recommended action and entity are known.
    package var isCheckOnly = false
    package init(id: String) { self.id = id }

    /// The message that it is about; `nil` where it is about something else.
    package var messageID: String? { entityType.map { $0.hasSuffix("message") } ?? false ? entityID : nil }
}

/// A thread as `thread.updated` reports it.
package struct ChatThread: Sendable, Equatable {
    /// The message that the thread hangs on.
    package var parentMessageID: String
    package var cid: String?
    package var title: String?
    package var replyCount: Int64?
    package var participantCount: Int64?
    package var createdAt: Timestamp?
    package var updatedAt: Timestamp?
    package var custom: String?
    package init(parentMessageID: String) { self.parentMessageID = parentMessageID }
}
