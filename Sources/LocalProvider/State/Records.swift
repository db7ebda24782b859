import Chat

/// A user as the provider keeps it.
struct StoredUser: Sendable {
    let id: String
    /// What the app gave: role, name, image, teams and custom data, flattened.
    var profile: Fields
    let createdAt: Timestamp
    var updatedAt: Timestamp
    var deactivatedAt: Timestamp?
    /// Of a soft or pruning deletion; a hard one leaves nothing.
    var deletedAt: Timestamp?
    /// Whom the user has muted, and until when if not for ever.
    var mutes: [String: Mute] = [:]

    struct Mute: Sendable {
        let createdAt: Timestamp
        let expires: Timestamp?
    }
}

/// A channel with its members and reads; its messages are kept apart.
struct StoredChannel: Sendable {
    let type: String
    let id: String
    /// Name, image, `team`, `frozen` and custom data, flattened.
    var data: Fields
    let createdBy: String
    let createdAt: Timestamp
    var updatedAt: Timestamp
    var lastMessageAt: Timestamp?
    /// In the order they joined.
    var memberIDs: [String] = []
    var members: [String: StoredMember] = [:]
    /// Top-level messages and replies, oldest first.
    var messageIDs: [String] = []
    var reads: [String: Read] = [:]

    struct Read: Sendable {
        let at: Timestamp
        let messageID: String?
    }

    var cid: String { "\(type):\(id)" }
    var isFrozen: Bool { data["frozen"]?.bool == true }
    var team: String? { data["team"]?.string }
    /// Without what is no custom data.
    var custom: Fields { data.without(["frozen", "team", "disabled", "cooldown"]) }
}

struct StoredMember: Sendable {
    let userID: String
    var role: String
    var isInvited = false
    let createdAt: Timestamp
    var updatedAt: Timestamp
}

struct StoredMessage: Sendable {
    var id: String
    let cid: String
    let userID: String
    let type: String
    var content: MessageContent
    let createdAt: Timestamp
    var updatedAt: Timestamp
    var textUpdatedAt: Timestamp?
    var deletedAt: Timestamp?
    /// Whom it was deleted for, while the others still see it.
    var deletedFor: Set<String> = []
    var pin: Pin?
    var replyCount = 0
    /// `nil` once it is sent.
    var pending: Pending?
    /// The app's hook was asked and did not answer, or not in time.
    var isUnscreened = false

    /// A message that nobody sees before it is committed.
    struct Pending: Sendable, Equatable {
        let metadata: Fields
        /// Then it is gone.
        let expires: Timestamp
    }

    struct Pin: Sendable, Equatable {
        let at: Timestamp
        let by: String?
        let expires: String?
    }
}

/// What an edit of a message replaces.
struct MessageContent: Sendable, Equatable {
    var text: String
    var attachments: [Value]
    var mentionedUserIDs: [String]
    var isSilent: Bool
    let parentID: String?
    let showInChannel: Bool
    var quotedMessageID: String?
    var restrictedVisibility: [String]
    var custom: Fields
}

/// What users have told moderators of one message or user, and what became of it.
struct StoredReviewItem: Sendable {
    let id: String
    let subject: Subject
    let creatorID: String
    let createdAt: Timestamp
    var updatedAt: Timestamp
    var flags: [Flag] = []
    /// `nil` while it waits.
    var review: Review?

    enum Subject: Sendable, Hashable { case message(String), user(String) }

    struct Flag: Sendable {
        let by: String
        let reason: String
        let at: Timestamp
    }

    struct Review: Sendable {
        let by: String
        let at: Timestamp
        let action: String
    }
}

struct StoredBan: Sendable {
    let userID: String
    let by: String
    let cid: String?
    let reason: String?
    let isShadow: Bool
    let createdAt: Timestamp
    let expires: Timestamp?

    func isActive(at time: Timestamp) -> Bool { expires.map { $0 > time } ?? true }

    /// Of one user in one channel, or with no `cid` everywhere.
    struct Key: Sendable, Hashable {
        let userID: String
        let cid: String?
    }
}

/// Work that the provider does in the background; here it is done at once, but said to be under way for a moment.
struct StoredTask: Sendable {
    let createdAt: Timestamp
    let result: Fields
}
