package import Chat
package import History
package import MongoDB

/// What one user wants to be told; everything, until the user says otherwise.
package struct NotificationPreferences: Sendable, Equatable {
    /// What users can do without, by the name that the interface has for it.
    package static let kinds: [(name: String, kind: NotificationOrder.Kind)] = [
        ("new_offer", .newOffer), ("unread_reminder", .unreadReminder),
    ]

    private var unwanted: Set<NotificationOrder.Kind> = []

    package init() {}

    package func wants(_ kind: NotificationOrder.Kind) -> Bool { !unwanted.contains(kind) }

    package mutating func set(_ kind: NotificationOrder.Kind, _ isWanted: Bool) {
        if isWanted { unwanted.remove(kind) } else { unwanted.insert(kind) }
    }
}

/// Every call blocks.
extension NotificationPreferences {
    package static func read(_ user: String, in store: HistoryStore) throws(MongoError) -> NotificationPreferences {
        var preferences = NotificationPreferences()
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(collection, .id(user), in: store.database, options: .init(limit: 1)) {
                (document: BSONDocument) throws(MongoError) in
                for (name, kind) in kinds where document.bool(name) == false { preferences.unwanted.insert(kind) }
                return true
            }
        }
        return preferences
    }

    /// In place of what was there; may be repeated.
    package func write(for user: String, in store: HistoryStore, at time: Timestamp) throws(MongoError) {
        var change = BSONDocument()
        change.append("$set") {
            for (name, kind) in Self.kinds { $0.append(name, wants(kind)) }
            $0.append("updatedAt", date: time.milliseconds)
        }
        let update = MongoUpdate(filter: .id(user), update: change, upsert: true)
        try store.pool.withConnection { connection throws(MongoError) in
            _ = try connection.update([update], in: Self.collection, of: store.database)
        }
    }

    private static var collection: String { Collection.notificationPreferences.rawValue }
}
