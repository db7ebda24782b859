package import Chat
package import MongoDB

extension ReviewItemRecord: StoredRecord {
    package static let collection = Collection.reviewItems
    package static func documentID(of key: String) -> String { key }
    package var key: String { id }

    package var document: BSONDocument {
        var document = BSONDocument(capacity: 384)
        document.append("_id", id)
        if let item = item?.value { document.append("item", document: item.append) }
        if let check = check?.value { document.append("check", document: check.append) }
        document.append("v") { stamps in
            stamps.append("item", stamp: item?.stamp)
            stamps.append("check", stamp: check?.stamp)
        }
        return document
    }

    package init?(_ document: BSONDocument) {
        guard let id = document.string("_id"), let stamps = document.document("v") else { return nil }
        self.init(id: id)
        item = document.register(stamps, "item") { ReviewItem(id, document.document("item")) }
        check = document.register(stamps, "check") {
            var check = ReviewItem(id, document.document("check"))
            check.isCheckOnly = true
            return check
        }
    }
}

extension ReviewItem {
    fileprivate func append(to document: inout BSONDocument) {
        document.append("entity_type", ifPresent: entityType)
        document.append("entity_id", ifPresent: entityID)
        document.append("entity_creator_id", ifPresent: entityCreatorID)
        document.append("status", ifPresent: status)
        document.append("recommended_action", ifPresent: recommendedAction)
        document.append("severity", ifPresent: severity)
        document.append("labels", ifAny: labels)
        document.append("reviewed_by", ifPresent: reviewedBy)
        document.append("latest_action", ifPresent: latestAction)
        document.append("createdAt", date: createdAt)
        document.append("updatedAt", date: updatedAt)
        document.append("reviewedAt", date: reviewedAt)
    }

    fileprivate init(_ id: String, _ stored: BSONDocument?) {
        self.init(id: id)
        guard let stored else { return }
        (entityType, entityID) = (stored.string("entity_type"), stored.string("entity_id"))
        entityCreatorID = stored.string("entity_creator_id")
        (status, recommendedAction) = (stored.string("status"), stored.string("recommended_action"))
        (severity, labels) = (stored.int64("severity"), stored.strings("labels"))
        (reviewedBy, latestAction) = (stored.string("reviewed_by"), stored.string("latest_action"))
        (createdAt, updatedAt) = (stored.time("createdAt"), stored.time("updatedAt"))
        reviewedAt = stored.time("reviewedAt")
    }
}

extension ThreadRecord: StoredRecord {
    package static let collection = Collection.threads
    package static func documentID(of key: String) -> String { key }
    package var key: String { parentMessageID }

    package var document: BSONDocument {
        var document = BSONDocument(capacity: 192)
        document.append("_id", parentMessageID)
        if let thread = state?.value {
            document.append("cid", ifPresent: thread.cid)
            document.append("title", ifPresent: thread.title)
            document.append("reply_count", ifPresent: thread.replyCount)
            document.append("participant_count", ifPresent: thread.participantCount)
            document.append("createdAt", date: thread.createdAt)
            document.append("updatedAt", date: thread.updatedAt)
            document.append("custom", ifPresent: thread.custom)
        }
        document.append("v") { $0.append("state", stamp: state?.stamp) }
        return document
    }

    package init?(_ document: BSONDocument) {
        guard let id = document.string("_id"), let stamps = document.document("v") else { return nil }
        self.init(parentMessageID: id)
        state = document.register(stamps, "state") {
            var thread = ChatThread(parentMessageID: id)
            (thread.cid, thread.title) = (document.string("cid"), document.string("title"))
            thread.replyCount = document.int64("reply_count")
            thread.participantCount = document.int64("participant_count")
            (thread.createdAt, thread.updatedAt) = (document.time("createdAt"), document.time("updatedAt"))
            thread.custom = document.string("custom")
            return thread
        }
    }
}
