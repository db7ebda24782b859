package import Chat
import Crypto
package import MongoDB

/// How often a user has done something within a stretch of time, counted for all nodes in a document that every such call
/// writes: of two at once one waits for the other.
///
/// Named by a digest, and gone when its time is over, so nothing is left for an erasure.
package struct UserCount: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// Told moderators of something.
        case report
        /// Blocked somebody.
        case block
    }

    package let id: String
    package var count: Int64
    /// When it begins anew.
    package var until: Timestamp

    /// Once more, in the stretch that is under way or one that begins now.
    package func raised(at now: Timestamp, seconds: Int64) -> UserCount {
        guard now < until else { return UserCount(id: id, count: 1, until: now.later(seconds: seconds)) }
        return UserCount(id: id, count: count + 1, until: until)
    }

    /// How many are counted, and for how long yet.
    package func standing(at now: Timestamp) -> (count: Int64, seconds: Int64) {
        guard now < until else { return (0, 0) }
        return (count, (until.milliseconds - now.milliseconds + 999) / 1_000)
    }
}

extension HistoryChange {
    package func count(_ kind: UserCount.Kind, of user: String) throws(MongoError) -> UserCount {
        let id = UserCount.id(kind, user)
        let stored = try document(.userCounts, id)
        return UserCount(id: id, count: stored?.int64("count") ?? 0, until: stored?.time("expires") ?? .distantPast)
    }

    package func write(_ count: UserCount) throws(MongoError) {
        try update([count.update], in: .userCounts)
    }
}

extension UserCount {
    fileprivate static func id(_ kind: Kind, _ user: String) -> String {
        Hex.encode(Array(SHA256.digest(Array("\(kind.rawValue)\n\(user)".utf8)).prefix(16)))
    }

    fileprivate var update: MongoUpdate {
        var fields = BSONDocument()
        fields.append("count", count)
        fields.append("expires", date: until.milliseconds)
        var change = BSONDocument()
        change.append("$set", fields)
        return MongoUpdate(filter: .id(id), update: change, upsert: true)
    }
}

extension Timestamp {
    fileprivate func later(seconds: Int64) -> Timestamp {
        Timestamp(milliseconds: milliseconds + seconds * 1_000)
    }
}
