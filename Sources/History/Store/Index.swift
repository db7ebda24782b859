import MongoDB

/// The indexes that queries and the fold rely on.
///
/// Each costs part of the stored rate: see `docs/performance.md`.
package struct Index: Sendable {
    package let collection: Collection
    package let name: String
    /// Field and direction.
    let keys: [(field: String, direction: Int32)]
    /// Only documents that have this field, or have it with this value.
    let only: Condition?

    enum Condition: Sendable {
        case exists(String)
        case isTrue(String)
    }

    /// MongoDB removes a document once the time in the index's field has come.
    let removesAtTime: Bool

    /// No two documents have the same value.
    let isUnique: Bool

    init(
        _ collection: Collection,
        _ keys: [(String, Int32)],
        only: Condition? = nil,
        removesAtTime: Bool = false,
        isUnique: Bool = false
    ) {
        self.collection = collection
        self.keys = keys.map { (field: $0.0, direction: $0.1) }
        (self.only, self.removesAtTime, self.isUnique) = (only, removesAtTime, isUnique)
        let parts = keys.map { "\($0.0)_\($0.1)" }
        name = (parts + [only.map(Self.suffix)].compactMap(\.self)).joined(separator: "_")
    }

    /// Ascending: MongoDB is quickest at the end of an index.
    static let messagesInTime = Index(.messages, [("createdAt", 1), ("_id", 1)])
    static let flaggedMessages = Index(.messages, [("createdAt", 1), ("_id", 1)], only: .isTrue("is_flagged"))
    static let deletedMessages = Index(.messages, [("createdAt", 1), ("_id", 1)], only: .exists("deletedAt"))
    package static let openEffectsOfLanes = Index(
        .outbox,
        [("destination", 1), ("lane", 1), ("order", 1)],
        only: .isTrue("open")
    )
    static let firstDecisions = Index(.reviewQueue, [("decisions.0.at", 1)], only: .exists("decisions.0.at"))
    static let erasedUsers = Index(.users, [("_id", 1), ("erased", 1)], only: .isTrue("erased"))

    package static let all: [Index] = [
        Index(.messages, [("listing_id", 1), ("createdAt", -1), ("_id", -1)], only: .exists("listing_id")),
        Index(.messages, [("sender_id", 1), ("createdAt", -1), ("_id", -1)]),
        Index(.messages, [("cid", 1), ("createdAt", -1), ("_id", -1)]),
        messagesInTime,
        flaggedMessages,
        deletedMessages,
        // Counts of channels that are about an object: of some months those of all objects, or of one.
        Index(.rollups, [("p", 1), ("listing_id", 1)], only: .exists("listing_id")),
        Index(.rollups, [("p", 1), ("event_id", 1)], only: .exists("event_id")),
        Index(.rollups, [("p", 1), ("artist_id", 1)], only: .exists("artist_id")),
        Index(.rollups, [("p", 1), ("venue_id", 1)], only: .exists("venue_id")),
        Index(.turns, [("cid", 1), ("at", 1), ("m", 1)]),
        // With what latencies of all together are made of.
        Index(.turns, [("at", 1), ("index", 1), ("asked", 1)]),
        Index(.connections, [("cid", 1)]),
        // Both ways, so that neither reads a row.
        Index(.connections, [("at", 1), ("pair", 1)]),
        Index(.connections, [("pair", 1), ("at", 1)]),
        Index(.messages, [("seller_read.at", 1)], only: .exists("seller_read.at")),
        Index(.messages, [("deletedAt", 1)], only: .exists("deletedAt")),
        Index(.messages, [("v.edited", 1)], only: .exists("v.edited")),
        Index(.events, [("received", 1), ("_id", 1)]),
        Index(.events, [("message_id", 1)], only: .exists("message_id")),
        Index(.events, [("counts_of", 1), ("counts_at", 1)], only: .exists("counts_of")),
        Index(.messageEdits, [("message_id", 1), ("at", 1)]),
        Index(.reactions, [("message_id", 1)]),
        Index(.reactions, [("user_id", 1), ("createdAt", -1)]),
        Index(.readMarks, [("user_id", 1), ("at", -1)]),
        Index(.readMarks, [("message_id", 1)]),
        Index(.users, [("role", 1), ("_id", 1)], only: .exists("role")),
        Index(.members, [("cid", 1)]),
        Index(.members, [("user_id", 1)]),
        Index(.reads, [("cid", 1)]),
        Index(.reads, [("user_id", 1)]),
        Index(.mutes, [("user_id", 1)]),
        Index(.mutes, [("target_user_id", 1)], only: .exists("target_user_id")),
        Index(.deadLetters, [("at", -1), ("_id", -1)]),
        Index(.outbox, [("destination", 1), ("shard", 1), ("order", 1)], only: .isTrue("open")),
        openEffectsOfLanes,
        Index(.outbox, [("due", 1)], only: .exists("due")),
        Index(.outbox, [("created", -1), ("_id", -1)]),
        Index(.outbox, [("state", 1), ("created", -1), ("_id", -1)]),
        Index(.outbox, [("cause_id", 1), ("created", -1), ("_id", -1)]),
        Index(.outbox, [("lane", 1), ("created", -1), ("_id", -1)]),
        Index(.outbox, [("finished", 1)], only: .exists("finished")),
        Index(.channelObjects, [("kind", 1), ("object_id", 1), ("_id", 1)]),
        Index(.channelObjects, [("members", 1)]),
        Index(.channelObjects, [("sent_members", 1)], only: .exists("sent_members")),
        Index(.channelObjects, [("created_by", 1)]),
        Index(.decisions, [("at", -1), ("_id", -1)]),
        Index(.decisions, [("message_id", 1)], only: .exists("message_id")),
        Index(.decisions, [("user_id", 1), ("at", -1), ("_id", -1)], only: .exists("user_id")),
        Index(.decisions, [("rules", 1), ("at", -1), ("_id", -1)]),
        Index(.reviewQueue, [("open", 1), ("rank", -1), ("at", 1), ("_id", 1)]),
        Index(.reviewQueue, [("open", 1), ("at", 1), ("_id", 1)]),
        Index(.reviewQueue, [("kinds", 1), ("open", 1), ("rank", -1), ("at", 1), ("_id", 1)]),
        Index(.reviewQueue, [("kinds", 1), ("open", 1), ("at", 1), ("_id", 1)]),
        Index(.reviewQueue, [("labels", 1), ("open", 1), ("rank", -1), ("at", 1), ("_id", 1)]),
        Index(.reviewQueue, [("labels", 1), ("open", 1), ("at", 1), ("_id", 1)]),
        Index(.reviewQueue, [("place", 1), ("open", 1), ("rank", -1), ("at", 1), ("_id", 1)]),
        Index(.reviewQueue, [("place", 1), ("open", 1), ("at", 1), ("_id", 1)]),
        // Of one channel, user or moderator there are few enough to be sorted otherwise.
        Index(.reviewQueue, [("cid", 1), ("at", 1), ("_id", 1)], only: .exists("cid")),
        Index(.reviewQueue, [("user_id", 1), ("at", 1), ("_id", 1)], only: .exists("user_id")),
        Index(.reviewQueue, [("assignee", 1), ("at", 1), ("_id", 1)], only: .exists("assignee")),
        Index(.reviewQueue, [("claim.until", 1)], only: .exists("claim.until")),
        firstDecisions,
        Index(.ruleOccasions, [("expires", 1)], only: .exists("expires"), removesAtTime: true),
        Index(.spamLabels, [("at", 1), ("_id", 1)]),
        Index(.notificationCounts, [("expires", 1)], removesAtTime: true),
        Index(.userCounts, [("expires", 1)], removesAtTime: true),
        Index(.users, [("v.ban.0", -1), ("_id", -1)], only: .isTrue("banned")),
        Index(.members, [("v.ban.0", -1), ("_id", -1)], only: .isTrue("banned")),
        Index(.members, [("cid", 1), ("v.ban.0", -1), ("_id", -1)], only: .isTrue("banned")),
        Index(.mutes, [("v.state.0", -1), ("_id", -1)], only: .isTrue("muted")),
        Index(.channels, [("event_id", 1)], only: .exists("event_id")),
        Index(.channels, [("artist_id", 1)], only: .exists("artist_id")),
        Index(.blocks, [("blocker_id", 1), ("at", -1), ("_id", -1)]),
        Index(.blocks, [("blocked_id", 1), ("at", -1), ("_id", -1)]),
        Index(.blocks, [("at", -1), ("_id", -1)]),
        Index(.audit, [("origin", 1)], isUnique: true),
        Index(.audit, [("at", -1), ("_id", -1)]),
        Index(.audit, [("action", 1), ("at", -1), ("_id", -1)]),
        Index(.audit, [("key", 1), ("at", -1), ("_id", -1)]),
        Index(.audit, [("values.actor", 1), ("at", -1), ("_id", -1)], only: .exists("values.actor")),
        Index(.audit, [("values.subject", 1), ("at", -1), ("_id", -1)], only: .exists("values.subject")),
        Index(.audit, [("values.user", 1), ("at", -1), ("_id", -1)], only: .exists("values.user")),
        erasedUsers,
    ]

    /// As `createIndexes` takes it.
    var specification: BSONDocument {
        var document = BSONDocument()
        document.append("name", name)
        document.append("key") { for (field, direction) in keys { $0.append(field, direction) } }
        if removesAtTime { document.append("expireAfterSeconds", Int32(0)) }
        if isUnique { document.append("unique", true) }
        if let only {
            document.append("partialFilterExpression") {
                switch only {
                case .exists(let field): $0.append(field) { $0.append("$exists", true) }
                case .isTrue(let field): $0.append(field, true)
                }
            }
        }
        return document
    }

    private static func suffix(_ condition: Condition) -> String {
        switch condition {
        case .exists(let field): "if_\(field)"
        case .isTrue(let field): "when_\(field)"
        }
    }
}
