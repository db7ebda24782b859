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
        let note = FigureNote(connection, database)
        try note.raise(starts)
        var (count, hasMore) = (0, false)
        for (level, start) in starts {
            for (collection, filter) in level.rows(before: start) {
                let removed = try connection.remove(filter, from: collection, of: database, most: most)
                count += removed
                hasMore = hasMore || removed == most
            }
        }
        // For whoever began to count everything again in between.
        if count > 0 { try note.raise(starts) }
        return hasMore
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
    /// Since when figures are kept, where some of a range is past its retention.
    ///
    /// To be asked after reading: rows go only once it is noted that they do.
    func retention(of level: FigureLevel?, in quarters: Range<Quarter>) throws(MongoError) -> Quarter? {
        guard let level, let since = try figureState().since[level], quarters.lowerBound < since else { return nil }
        return since
    }

    /// - Throws: a refusal where some of a range that was read is past its retention.
    func requireKept(_ level: FigureLevel?, _ quarters: Range<Quarter>) throws(MongoError) {
        guard let level, let since = try retention(of: level, in: quarters) else { return }
        throw .refusal(
            "count what was before \(since.start.rfc3339): figures of \(level.rawValue) are kept from then on. Ask for a "
                + "later time, or lengthen the retention and run `backchannel rebuild`."
        )
    }
}
