package import Chat
package import History
package import MongoDB

/// Which occasions were taken, by which effect: every node sees them.
package struct OccasionMarks: Sendable {
    private let store: HistoryStore

    package init(_ store: HistoryStore) { self.store = store }

    /// Takes an occasion for an effect; another attempt of the same effect finds it taken by itself.
    ///
    /// Blocking.
    /// - Returns: false where another effect took it and its time is not over.
    package func take(_ mark: OccasionMark, for effect: String, at now: Timestamp) throws(MongoError) -> Bool {
        var filter = BSONDocument.id(mark.id)
        filter.append("$or") { (either: inout BSONArray) in
            either.append { $0.append("effect", effect) }
            if mark.seconds != nil {
                either.append { $0.append("expires") { $0.append("$lte", date: now.milliseconds) } }
            }
        }
        var change = BSONDocument()
        change.append("$set") {
            $0.append("effect", effect)
            if let seconds = mark.seconds { $0.append("expires", date: now.milliseconds + seconds * 1_000) }
        }
        // Taken by itself before: its time runs from then.
        if try isTaken(mark, by: effect) { return true }
        do throws(MongoError) {
            let result = try store.pool.withConnection { connection throws(MongoError) in
                try connection.update(
                    [MongoUpdate(filter: filter, update: change, upsert: true)],
                    in: Collection.ruleOccasions.rawValue,
                    of: store.database
                )
            }
            return result.matched + result.upserted > 0
        } catch  where error.kind == .duplicateKey {
            // There is one, and the filter did not find it: another effect's.
            return false
        }
    }

    private func isTaken(_ mark: OccasionMark, by effect: String) throws(MongoError) -> Bool {
        var holder: String?
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                Collection.ruleOccasions.rawValue,
                .id(mark.id),
                in: store.database,
                options: .init(limit: 1)
            ) { (document: BSONDocument) throws(MongoError) in
                holder = document.string("effect")
                return false
            }
        }
        return holder == effect
    }
}
