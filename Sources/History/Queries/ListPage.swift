package import Chat
package import MongoDB

/// A place in a list that goes from the latest back: a time, and the `_id` that tells apart what shares it.
package struct ListPosition: Sendable, Equatable {
    /// In whole milliseconds.
    package var at: Timestamp
    package var id: BSONValue
    package init(at: Timestamp, id: BSONValue) { (self.at, self.id) = (at, id) }
}

/// What a list holds at most at once, latest first.
package struct ListPage<Row: Sendable>: Sendable {
    package let rows: [Row]
    /// Where the next page goes on; `nil` on the last.
    package let next: ListPosition?

    /// The page with what `read` makes of its rows; those of which it makes nothing are passed over.
    package func compactMap<Read: Sendable>(_ read: (Row) -> Read?) -> ListPage<Read> {
        ListPage<Read>(rows: rows.compactMap(read), next: next)
    }
}

extension ListPage<BSONDocument> {
    /// - Parameters:
    ///   - found: one more than `limit`, where there are more.
    ///   - field: the time that they are sorted by.
    package init(_ found: [BSONDocument], limit: Int, latestBy field: String) {
        rows = Array(found.prefix(limit))
        next = found.count > limit ? rows.last.flatMap { ListPosition($0, by: field) } : nil
    }
}

extension ListPosition {
    fileprivate init?(_ document: BSONDocument, by field: String) {
        guard let at = document.time(field), let id = document["_id"] else { return nil }
        self.init(at: at, id: id)
    }
}

extension BSONDocument {
    /// The order of a list, by an index of these fields.
    package static func latest(by field: String) -> BSONDocument { .keys((field, -1), ("_id", -1)) }

    /// Leaves of such a list what is between two times and behind `position`.
    ///
    /// - Parameter until: not from then on.
    package mutating func append(
        latestBy field: String,
        from: Timestamp? = nil,
        until: Timestamp? = nil,
        after position: ListPosition?
    ) {
        let end = [until.map { $0.milliseconds - 1 }, position?.at.milliseconds].compactMap(\.self).min()
        if from != nil || end != nil {
            append(field) {
                if let from { $0.append("$gte", date: from.milliseconds) }
                if let end { $0.append("$lte", date: end) }
            }
        }
        guard let position else { return }
        append("$or") { (either: inout BSONArray) in
            either.append { $0.append(field) { $0.append("$ne", date: position.at.milliseconds) } }
            either.append { $0.append("_id") { $0.append("$lt", value: position.id) } }
        }
    }
}

extension HistoryQueries {
    /// A page of a collection, latest first.
    ///
    /// - Parameter filter: with its bounds of ``BSONDocument/append(latestBy:from:until:after:)``.
    package func page(
        _ collection: Collection,
        _ filter: BSONDocument,
        latestBy field: String = "at",
        projection: BSONDocument? = nil,
        limit: Int
    ) throws(MongoError) -> ListPage<BSONDocument> {
        let sort = BSONDocument.latest(by: field)
        let found = try documents(collection, filter, sort: sort, projection: projection, limit: limit + 1)
        return ListPage(found, limit: limit, latestBy: field)
    }
}
