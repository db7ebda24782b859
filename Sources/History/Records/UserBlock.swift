package import Chat
import MongoDB

/// One user who wants nothing of another.
package struct UserBlock: Sendable, Equatable {
    package let blocker: String
    package let blocked: String
    /// In whole milliseconds.
    package let at: Timestamp

    package init(blocker: String, blocked: String, at: Timestamp) {
        (self.blocker, self.blocked, self.at) = (blocker, blocked, at)
    }

    package var id: String { joinedID(blocker, blocked) }

    var document: BSONDocument {
        var document = BSONDocument.id(id)
        document.append("blocker_id", blocker)
        document.append("blocked_id", blocked)
        document.append("at", date: at.milliseconds)
        return document
    }

    init?(_ document: BSONDocument) {
        guard let blocker = document.string("blocker_id"), let blocked = document.string("blocked_id"),
            let at = document.time("at")
        else { return nil }
        self.init(blocker: blocker, blocked: blocked, at: at)
    }
}

/// A block's place in a list: latest first.
package struct BlockPosition: Sendable, Equatable {
    /// In whole milliseconds.
    package var at: Timestamp
    package var id: String
    package init(at: Timestamp, id: String) { (self.at, self.id) = (at, id) }
}
