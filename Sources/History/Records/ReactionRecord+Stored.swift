package import Chat
package import MongoDB

extension ReactionRecord: StoredRecord {
    package static let collection = Collection.reactions
    package static func documentID(of key: Key) -> String { joinedID(key.messageID, key.userID, key.type) }

    package var document: BSONDocument {
        var document = BSONDocument(capacity: 192)
        document.append("_id", Self.documentID(of: key))
        document.append("message_id", key.messageID)
        document.append("user_id", key.userID)
        document.append("type", key.type)
        if let state = state?.value {
            document.append("present", state.isPresent)
            document.append("score", state.score)
        }
        document.append("createdAt", date: firstAt)
        document.append("v") { $0.append("state", stamp: state?.stamp) }
        return document
    }

    package init?(_ document: BSONDocument) {
        guard let message = document.string("message_id"), let user = document.string("user_id"),
            let type = document.string("type"), let stamps = document.document("v")
        else { return nil }
        self.init(key: Key(messageID: message, userID: user, type: type))
        state = document.register(stamps, "state") {
            State(isPresent: document.bool("present") ?? false, score: document.int64("score") ?? 1)
        }
        firstAt = document.time("createdAt")
    }
}

extension ReadRecord: StoredRecord {
    package static let collection = Collection.reads

    package static func documentID(of key: Key) -> String {
        key.threadID.map { joinedID(key.cid, key.userID, $0) } ?? joinedID(key.cid, key.userID)
    }

    package var document: BSONDocument {
        var document = BSONDocument(capacity: 192)
        document.append("_id", Self.documentID(of: key))
        document.append("cid", key.cid)
        document.append("user_id", key.userID)
        document.append("thread_id", ifPresent: key.threadID)
        if let state = state?.value {
            document.append("last_read_message_id", ifPresent: state.messageID)
            document.append("last_read_at", date: state.at)
            document.append("unread", ifTrue: state.isUnread)
        }
        document.append("v") { $0.append("state", stamp: state?.stamp) }
        return document
    }

    package init?(_ document: BSONDocument) {
        guard let cid = document.string("cid"), let user = document.string("user_id"),
            let stamps = document.document("v")
        else { return nil }
        self.init(key: Key(cid: cid, userID: user, threadID: document.string("thread_id")))
        state = document.register(stamps, "state") {
            State(
                messageID: document.string("last_read_message_id"),
                at: document.time("last_read_at") ?? Timestamp(nanoseconds: 0),
                isUnread: document.bool("unread") ?? false
            )
        }
    }
}

extension ReadMark: StoredRecord {
    package static let collection = Collection.readMarks
    package static func documentID(of key: Key) -> String { joinedID(key.messageID, key.userID) }

    package var document: BSONDocument {
        var document = BSONDocument(capacity: 128)
        document.append("_id", Self.documentID(of: key))
        document.append("message_id", key.messageID)
        document.append("user_id", key.userID)
        document.append("cid", ifPresent: cid)
        document.append("at", date: at)
        return document
    }

    package init?(_ document: BSONDocument) {
        guard let message = document.string("message_id"), let user = document.string("user_id"),
            let at = document.time("at")
        else { return nil }
        self.init(key: Key(messageID: message, userID: user), cid: document.string("cid"), at: at)
    }
}
