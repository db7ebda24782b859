package import Analytics
import Chat
package import MongoDB

extension HistoryWriter {
    /// Removes figures from before these times, some at a time: also what late events have added since.
    ///
    /// Questions about that time are refused from then on; ``FigureRebuild`` counts it again.
    ///
    /// - Parameter most: rows of a kind.
    /// - Returns: whether there may be more.
    package func dropFigures(before starts: [FigureLevel: Quarter], most: Int) throws(MongoError) -> Bool {
        // Noted before anything goes: whoever has read what is left finds out afterwards.
        try FigureNote(connection, database).raise(starts)
        var hasMore = false
        for (level, start) in starts {
            for (collection, filter) in level.rows(before: start) {
                hasMore = try drop(filter, from: collection, most: most) || hasMore
            }
        }
        return hasMore
    }

    private func drop(_ filter: BSONDocument, from collection: Collection, most: Int) throws(MongoError) -> Bool {
        var ids: [String] = []
        try connection.find(
            collection.rawValue,
            filter,
            in: database,
            options: .init(projection: .only("_id"), limit: most)
        ) { (document: BSONDocument) throws(MongoError) in
            if let id = document.string("_id") { ids.append(id) }
            return true
        }
        guard !ids.isEmpty else { return false }
        var those = BSONDocument()
        those.append("_id", in: ids)
        _ = try connection.delete([(filter: those, limit: 0)], in: collection.rawValue, of: database)
        return ids.count == most
    }
}

extension FigureLevel {
    /// What to find those by that are older.
    fileprivate func rows(before start: Quarter) -> [(Collection, BSONDocument)] {
        var filter = BSONDocument()
        guard self == .answers else {
            return RollupScope.allCases.filter { $0.level == self }.map {
                (.rollups, RollupDocument.filter($0, before: start))
            }
        }
        filter.append("at") { $0.append("$lt", date: start.start.milliseconds) }
        return [(.turns, filter)]
    }
}

extension HistoryQueries {
    /// To be asked after reading: rows go only once it is noted that they do.
    ///
    /// - Throws: a refusal where some of a range is past its retention.
    func requireKept(_ level: FigureLevel?, _ quarters: Range<Quarter>) throws(MongoError) {
        guard let level, let since = try figureState().since[level], quarters.lowerBound < since else { return }
        throw .refusal(
            "count what was before \(since.start.rfc3339): figures of \(level.rawValue) are kept from then on. Ask for a "
                + "later time, or lengthen the retention and run `backchannel rebuild`."
        )
    }
}
