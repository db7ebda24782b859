package import Chat
package import History
import Limits
package import MongoDB

/// Which items of the review queue, and in which order.
package struct ReviewQuery: Sendable, Equatable {
    package enum Status: String, Sendable, CaseIterable {
        /// Not decided, whoever holds it.
        case undecided
        /// Not decided, and nobody is at it.
        case open
        /// Somebody is at it.
        case claimed
        case decided
        /// Of one user, channel or assignee: of all others MongoDB would have to sort them.
        case any
    }

    package enum Order: String, Sendable, CaseIterable {
        /// The gravest first; of those the one that has waited longest.
        case severity
        case oldest, newest
    }

    package var status = Status.undecided
    package var severity: Severity?
    package var source: ReviewSource.Kind?
    package var label: String?
    package var place: String?
    package var channel: String?
    /// Who wrote it, or who it is about.
    package var user: String?
    package var assignee: String?
    package var order = Order.severity
    /// Where the page before ended.
    package var after: ReviewPosition?

    package init() {}
}

/// An item's place in a list.
package struct ReviewPosition: Sendable, Equatable {
    /// ``Severity/rank``.
    package var rank: Int
    /// In whole milliseconds.
    package var at: Timestamp
    package var id: String

    package init(rank: Int, at: Timestamp, id: String) { (self.rank, self.at, self.id) = (rank, at, id) }

    fileprivate init?(_ document: BSONDocument) {
        guard let id = document.string("_id"), let rank = document.int64("rank"), let at = document.time("at") else {
            return nil
        }
        self.init(rank: Int(rank), at: at, id: id)
    }
}

package struct ReviewPage: Sendable {
    package let reviews: [StoredReview]
    package let next: ReviewPosition?
}

extension ReviewQuery {
    package var sort: BSONDocument {
        switch order {
        case .severity: .keys(("rank", -1), ("at", 1), ("_id", 1))
        case .oldest: .keys(("at", 1), ("_id", 1))
        case .newest: .keys(("at", -1), ("_id", -1))
        }
    }

    /// The index that answers it: of the field that most likely leaves the least, in the order asked for.
    ///
    /// Named, since with a million items a wrong guess of MongoDB's costs seconds.
    package var index: String {
        if status == .claimed { return "claim.until_1_if_claim.until" }
        for (value, field) in [(user, "user_id"), (assignee, "assignee"), (channel, "cid")] where value != nil {
            return "\(field)_1_at_1__id_1_if_\(field)"
        }
        let order = order == .severity || severity != nil ? "open_1_rank_-1_at_1__id_1" : "open_1_at_1__id_1"
        for (value, field) in [(label, "labels"), (place, "place"), (source?.rawValue, "kinds")] where value != nil {
            return "\(field)_1_\(order)"
        }
        return order
    }

    /// What is asked for one after the other until the page is full: each is one stretch of the index.
    package func filters(at now: Timestamp) -> [BSONDocument] {
        guard let after else { return [filter(at: now)] }
        let time = after.at.milliseconds
        let isRising = order != .newest
        let later = BSONDocument.either(
            .with("at") { $0.append("$ne", date: time) },
            .with("_id") { $0.append(isRising ? "$gt" : "$lt", after.id) }
        )
        var rest = filter(at: now, later)
        rest.append("at") { $0.append(isRising ? "$gte" : "$lte", date: time) }
        guard order == .severity, severity == nil else { return [rest] }
        rest.append("rank", Int32(after.rank))
        var lower = filter(at: now)
        lower.append("rank") { $0.append("$lt", Int32(after.rank)) }
        return [rest, lower]
    }

    private func filter(at now: Timestamp, _ alternatives: BSONDocument...) -> BSONDocument {
        var filter = BSONDocument(capacity: 256)
        var alternatives = alternatives
        switch status {
        case .undecided: filter.append("open", true)
        case .open:
            filter.append("open", true)
            alternatives.append(.unclaimed(at: now))
        case .claimed:
            filter.append("open", true)
            filter.append("claim.until") { $0.append("$gt", date: now.milliseconds) }
        case .decided: filter.append("open", false)
        case .any:
            filter.append("open") {
                $0.append("$in") { (values: inout BSONArray) in
                    values.append(true)
                    values.append(false)
                }
            }
        }
        if let severity { filter.append("rank", Int32(severity.rank)) }
        filter.append("kinds", ifPresent: source?.rawValue)
        filter.append("labels", ifPresent: label)
        filter.append("place", ifPresent: place)
        filter.append("cid", ifPresent: channel)
        filter.append("user_id", ifPresent: user)
        filter.append("assignee", ifPresent: assignee)
        guard !alternatives.isEmpty else { return filter }
        filter.append("$and") { (array: inout BSONArray) in for other in alternatives { array.append(other) } }
        return filter
    }
}

extension BSONDocument {
    fileprivate static func unclaimed(at now: Timestamp) -> BSONDocument {
        .either(
            .with("claim.until") { $0.append("$exists", false) },
            .with("claim.until") { $0.append("$lte", date: now.milliseconds) }
        )
    }

    fileprivate static func with(_ field: String, _ condition: (inout BSONDocument) -> Void) -> BSONDocument {
        var document = BSONDocument()
        document.append(field, document: condition)
        return document
    }

    fileprivate static func either(_ filters: BSONDocument...) -> BSONDocument {
        var document = BSONDocument()
        document.append("$or") { (either: inout BSONArray) in for filter in filters { either.append(filter) } }
        return document
    }
}

extension HistoryQueries {
    /// Blocking.
    package func reviews(_ query: ReviewQuery, limit: Int, at now: Timestamp) throws(MongoError) -> ReviewPage {
        var found: [BSONDocument] = []
        for filter in query.filters(at: now) where found.count <= limit {
            let options = MongoFindOptions(
                sort: query.sort,
                limit: limit + 1 - found.count,
                hint: query.index,
                maxTimeMS: limits.milliseconds
            )
            try store.pool.withConnection { connection throws(MongoError) in
                try connection.find(Collection.reviewQueue.rawValue, filter, in: store.database, options: options) {
                    (document: BSONDocument) throws(MongoError) in
                    found.append(document)
                    return true
                }
            }
        }
        let hasMore = found.count > limit
        if hasMore { found.removeLast() }
        return ReviewPage(
            reviews: found.compactMap(StoredReview.init),
            next: hasMore ? found.last.flatMap(ReviewPosition.init) : nil
        )
    }

    /// Blocking.
    package func review(_ subject: ReviewCaseRecord.Subject) throws(MongoError) -> StoredReview? {
        var found: StoredReview?
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                Collection.reviewQueue.rawValue,
                .id(subject.id),
                in: store.database,
                options: .init(limit: 1, maxTimeMS: limits.milliseconds)
            ) { (document: BSONDocument) throws(MongoError) in
                found = StoredReview(document)
                return false
            }
        }
        return found
    }
}
