package import Chat
package import History
package import MongoDB

/// What decisions are listed by; everything is optional.
package struct DecisionFilter: Sendable, Equatable {
    package var rule: String?
    package var user: String?
    package var message: String?
    package var verdict: Verdict?
    package var from: Timestamp?
    /// Not from then on.
    package var until: Timestamp?
    package init() {}

    fileprivate func document(after position: ListPosition?) -> BSONDocument {
        var filter = BSONDocument()
        if let rule { filter.append("rules", rule) }
        if let user { filter.append("user_id", user) }
        if let message { filter.append("message_id", message) }
        if let verdict { filter.append("verdict", verdict.rawValue) }
        filter.append("withdrawn") { $0.append("$ne", true) }
        filter.append(latestBy: "at", from: from, until: until, after: position)
        return filter
    }
}

extension HistoryQueries {
    /// When somebody last wrote in a channel, in whole milliseconds; `nil` where nobody did.
    ///
    /// Blocking.
    func lastMessageTime(inChannel cid: String) throws(MongoError) -> Timestamp? {
        var last: Timestamp?
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(Collection.channels.rawValue, .id(cid), in: store.database, options: .init(limit: 1)) {
                (document: BSONDocument) throws(MongoError) in
                last = document.time("last_message_at")
                return false
            }
        }
        return last
    }

    /// Latest first, without those that were withdrawn.
    ///
    /// Blocking.
    package func decisions(
        _ filter: DecisionFilter,
        after position: ListPosition?,
        limit: Int
    ) throws(MongoError) -> ListPage<DecisionRecord> {
        try page(.decisions, filter.document(after: position), limit: limit).compactMap(DecisionRecord.init)
    }
}
