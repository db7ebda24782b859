/// How far one user has read one channel, or one of its threads.
package struct ReadRecord: Sendable, Equatable {
    package struct Key: Sendable, Hashable {
        package var cid: String
        package var userID: String
        package var threadID: String?
        package init(cid: String, userID: String, threadID: String? = nil) {
            (self.cid, self.userID, self.threadID) = (cid, userID, threadID)
        }
    }

    package let key: Key
    package var state: Register<State>?

    package init(key: Key) { self.key = key }

    package mutating func merge(_ other: ReadRecord) { state.merge(other.state) }

    package struct State: Sendable, Equatable {
        package var messageID: String?
        package var at: Timestamp
        /// Moved back by the user (`notification.mark_unread`).
        package var isUnread: Bool
        package init(messageID: String?, at: Timestamp, isUnread: Bool) {
            (self.messageID, self.at, self.isUnread) = (messageID, at, isUnread)
        }
    }
}

/// That a user once said to have read up to a message: what read latency is measured from.
package struct ReadMark: Sendable, Equatable {
    package struct Key: Sendable, Hashable {
        package var messageID: String
        package var userID: String
        package init(messageID: String, userID: String) { (self.messageID, self.userID) = (messageID, userID) }
    }

    package let key: Key
    package var cid: String?
    /// The first time.
    package var at: Timestamp

    package init(key: Key, cid: String?, at: Timestamp) { (self.key, self.cid, self.at) = (key, cid, at) }

    package mutating func merge(_ other: ReadMark) {
        cid.lower(to: other.cid)
        at = min(at, other.at)
    }
}
