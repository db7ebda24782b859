package import Chat

/// One notification to one recipient, ready to go out.
package struct OutgoingNotification: Sendable, Equatable {
    /// The same in each attempt, and another one for each recipient.
    package var id: String
    /// What it tells of, such as `new-offer`.
    package var kind: String
    /// When that happened.
    package var at: Timestamp
    /// Needed by e-mail; told to webhooks.
    package var recipient: NotificationRecipient?
    /// Needed by e-mail and Slack; told to webhooks.
    package var content: NotificationContent?
    /// What the notification is about, as the text of a JSON object; for webhooks.
    package var data: String

    package init(
        id: String,
        kind: String,
        at: Timestamp,
        recipient: NotificationRecipient? = nil,
        content: NotificationContent? = nil,
        data: String = "{}"
    ) {
        (self.id, self.kind, self.at, self.recipient) = (id, kind, at, recipient)
        (self.content, self.data) = (content, data)
    }
}

/// Who is told.
package struct NotificationRecipient: Sendable, Equatable {
    package var userID: String?
    package var name: String?
    package var email: String?

    package init(userID: String? = nil, name: String? = nil, email: String? = nil) {
        (self.userID, self.name, self.email) = (userID, name, email)
    }
}
