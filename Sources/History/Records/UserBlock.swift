package import Chat
package import MongoDB

/// One user who wants nothing of another.
package struct UserBlock: Sendable, Equatable {
    package struct Key: Sendable, Hashable {
        package var blocker: String
        package var blocked: String
        package init(blocker: String, blocked: String) { (self.blocker, self.blocked) = (blocker, blocked) }
    }

    package let key: Key
    /// In whole milliseconds.
    package let at: Timestamp

    package init(blocker: String, blocked: String, at: Timestamp) {
        (key, self.at) = (Key(blocker: blocker, blocked: blocked), at.roundedDownToMilliseconds)
    }

    package var blocker: String { key.blocker }
    package var blocked: String { key.blocked }
    package var id: String { Self.documentID(of: key) }
}

extension UserBlock: StoredRecord {
    package static let collection = Collection.blocks
    package static func documentID(of key: Key) -> String { joinedID(key.blocker, key.blocked) }

    package var document: BSONDocument {
        var document = BSONDocument.id(id)
        document.append("blocker_id", blocker)
        document.append("blocked_id", blocked)
        document.append("at", date: at.milliseconds)
        return document
    }

    package init?(_ document: BSONDocument) {
        guard let blocker = document.string("blocker_id"), let blocked = document.string("blocked_id"),
            let at = document.time("at")
        else { return nil }
        self.init(blocker: blocker, blocked: blocked, at: at)
    }
}
