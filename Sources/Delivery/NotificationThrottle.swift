import Chat
import Crypto
import History
import MongoDB

/// Lets only so many notifications of one kind reach one recipient in an hour, whichever node sends them.
///
/// Counted by effect, before it is sent: another attempt of one that was let through is let through again.
struct NotificationThrottle {
    private let store: HistoryStore
    private let mostPerHour: Int

    init(_ store: HistoryStore, mostPerHour: Int) { (self.store, self.mostPerHour) = (store, mostPerHour) }

    /// Blocking.
    func admit(
        _ key: Effect.EffectKey,
        of kind: NotificationOrder.Kind,
        to recipient: String,
        at destination: Effect.Destination,
        _ now: Timestamp
    ) throws(MongoError) -> Bool {
        let hour = now.milliseconds / 3_600_000
        // By digest: nothing here names a user, so nothing is left for an erasure.
        let id = Self.digest("\(recipient)\n\(kind.rawValue)\n\(destination)\n\(hour)")
        // An attempt repeated in the next hour counts there once more.
        let mine = Self.digest(key.description)
        let before = try counted(id)
        if let place = before.firstIndex(of: mine) { return place < mostPerHour }
        guard before.count < mostPerHour else { return false }
        try count(mine, in: id, until: (hour + 2) * 3_600_000)
        // Others may have been counted at the same moment; the first ones are let through.
        return try counted(id).firstIndex(of: mine).map { $0 < mostPerHour } ?? false
    }

    private func counted(_ id: String) throws(MongoError) -> [String] {
        var keys: [String] = []
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(Self.collection, .id(id), in: store.database, options: .init(limit: 1)) {
                (document: BSONDocument) throws(MongoError) in
                keys = (document.array("effects") ?? []).compactMap(\.string)
                return true
            }
        }
        return keys
    }

    private func count(_ key: String, in id: String, until milliseconds: Int64) throws(MongoError) {
        var change = BSONDocument()
        change.append("$addToSet") { $0.append("effects", key) }
        change.append("$setOnInsert") { $0.append("expires", date: milliseconds) }
        let update = MongoUpdate(filter: .id(id), update: change, upsert: true)
        try store.pool.withConnection { connection throws(MongoError) in
            _ = try connection.update([update], in: Self.collection, of: store.database)
        }
    }

    private static func digest(_ text: String) -> String {
        Hex.encode(Array(SHA256.digest(Array(text.utf8)).prefix(16)))
    }
    private static var collection: String { Collection.notificationCounts.rawValue }
}
