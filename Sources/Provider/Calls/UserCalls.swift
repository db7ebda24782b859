/// A user as the provider shall know it; replaces what it knew.
package struct UserProfile: Sendable, Equatable {
    package var id: String
    package var name: String?
    package var image: String?
    package var role: String?
    package var language: String?
    package var teams: [String] = []
    package var custom: JSONObjectText = .empty

    package init(id: String) { self.id = id }
}

/// Some fields of a user; the others stay as they are.
package struct UserChange: Sendable, Equatable {
    package var id: String
    /// In the provider's names: `name`, `image`, `role`, or the team's own.
    package var set: JSONObjectText
    package var unset: [String]

    package init(id: String, set: JSONObjectText = .empty, unset: [String] = []) {
        (self.id, self.set, self.unset) = (id, set, unset)
    }
}

/// A user who can no longer connect or write.
package struct UserDeactivation: Sendable, Equatable {
    package var id: String
    package var by: String?
    /// The user's messages are deleted softly, too.
    package var deletesMessages: Bool

    package init(id: String, by: String? = nil, deletesMessages: Bool = false) {
        (self.id, self.by, self.deletesMessages) = (id, by, deletesMessages)
    }
}

/// The end of a deactivation.
package struct UserReactivation: Sendable, Equatable {
    package var id: String
    package var by: String?
    package var name: String?
    /// Messages deleted with the deactivation come back.
    package var restoresMessages: Bool

    package init(id: String, by: String? = nil, name: String? = nil, restoresMessages: Bool = false) {
        (self.id, self.by, self.name, self.restoresMessages) = (id, by, name, restoresMessages)
    }
}

/// Users deleted together; the provider does it in the background.
package struct UserDeletion: Sendable, Equatable {
    /// How thoroughly: `pruning` empties what it keeps.
    package enum Depth: String, Sendable, CaseIterable { case soft, pruning, hard }

    package var ids: [String]
    package var users: Depth
    /// `nil` leaves the messages.
    package var messages: Depth?
    /// `nil` leaves the conversations; cannot be `pruning`.
    package var conversations: Depth?
    /// Who owns the users' channels afterwards.
    package var newChannelOwner: String?

    package init(
        ids: [String],
        users: Depth = .soft,
        messages: Depth? = nil,
        conversations: Depth? = nil,
        newChannelOwner: String? = nil
    ) {
        (self.ids, self.users, self.messages, self.conversations) = (ids, users, messages, conversations)
        self.newChannelOwner = newChannelOwner
    }
}
