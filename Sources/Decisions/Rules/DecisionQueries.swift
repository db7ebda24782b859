package import Chat
package import History
package import MongoDB

/// A decision's place in a list: latest event first.
package struct DecisionPosition: Sendable, Equatable {
    /// The event's time, in whole milliseconds.
    package var at: Timestamp
    package var id: String
    package init(at: Timestamp, id: String) { (self.at, self.id) = (at, id) }
}

package struct DecisionPage: Sendable {
    package let records: [DecisionRecord]
    package let next: DecisionPosition?
}

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

    fileprivate func document(after position: DecisionPosition?) -> BSONDocument {
        var filter = BSONDocument()
        if let rule { filter.append("rules", rule) }
        if let user { filter.append("user_id", user) }
        if let message { filter.append("message_id", message) }
        if let verdict { filter.append("verdict", verdict.rawValue) }
        let end = [until.map { $0.milliseconds - 1 }, position?.at.milliseconds].compactMap(\.self).min()
        if from != nil || end != nil {
            filter.append("at") {
                if let from { $0.append("$gte", date: from.milliseconds) }
                if let end { $0.append("$lte", date: end) }
            }
        }
        guard let position else { return filter }
        filter.append("$or") { (either: inout BSONArray) in
            either.append { $0.append("at") { $0.append("$ne", date: position.at.milliseconds) } }
            either.append { $0.append("_id") { $0.append("$lt", position.id) } }
        }
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

    /// Latest first.
    ///
    /// Blocking.
    package func decisions(
        _ filter: DecisionFilter,
        after position: DecisionPosition?,
        limit: Int
    ) throws(MongoError) -> DecisionPage {
        var found: [DecisionRecord] = []
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                Collection.decisions.rawValue,
                filter.document(after: position),
                in: store.database,
                options: .init(sort: .keys(("at", -1), ("_id", -1)), limit: limit + 1)
            ) { (document: BSONDocument) throws(MongoError) in
                if let record = DecisionRecord(document), record.decision != nil { found.append(record) }
                return true
            }
        }
        let hasMore = found.count > limit
        if hasMore { found.removeLast() }
        let next = found.last.flatMap { last in
            last.decision.map { DecisionPosition(at: $0.subject.time.roundedDownToMilliseconds, id: last.id) }
        }
        return DecisionPage(records: found, next: hasMore ? next : nil)
    }
}
