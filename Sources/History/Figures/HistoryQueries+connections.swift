package import Analytics
import Chat
import Limits
package import MongoDB

extension HistoryQueries {
    /// Pairs of users by when both had first written in one channel.
    package func newConnections(_ range: FigureRange) throws(MongoError) -> Figures {
        var first: [String: Int64] = [:]
        try forEach(.connections, range.filter("at"), Self.connectionFields) { (document) throws(MongoError) in
            var (pair, at) = (String?.none, Int64?.none)
            for element in document.elements {
                if element.hasKey("pair") { pair = element.value.string } else { at = element.value.date }
            }
            guard let pair, let at else { return }
            Self.lower(&first[pair, default: at], to: at)
            guard first.count <= limits.peopleMost else { throw Self.tooManyPairs }
        }
        try removeKnown(&first, before: range.quarters.lowerBound.start)
        var counts = [Int64](repeating: 0, count: range.parts.count)
        for at in first.values {
            if let part = range.part(of: Quarter(Timestamp(milliseconds: at))) { counts[part] += 1 }
        }
        return Figures(zip(range.parts, counts).map { FigureRow($0, .count($1)) }, total: Int64(first.count))
    }

    /// In place: where there are very many, looking for each once is half of the time.
    private static func lower(_ time: inout Int64, to other: Int64) { time = min(time, other) }

    /// Pairs that had written in another channel before.
    private func removeKnown(_ pairs: inout [String: Int64], before time: Timestamp) throws(MongoError) {
        var earlier = BSONDocument()
        earlier.append("at") { $0.append("$lt", date: time.milliseconds) }
        // Where there are fewer than pairs, as before a whole year, going through them is quicker than looking for each.
        let most = pairs.count
        let rows = try documents(.connections, earlier, projection: Self.connectionFields, limit: most + 1)
        for row in rows { if let pair = row.string("pair") { pairs[pair] = nil } }
        guard rows.count > most else { return }
        let names = Array(pairs.keys)
        for start in stride(from: 0, to: names.count, by: Self.rollupBatch) {
            var filter = BSONDocument()
            filter.append("pair", in: Array(names[start..<min(start + Self.rollupBatch, names.count)]))
            filter.append("at") { $0.append("$lt", date: time.milliseconds) }
            var found = pairs
            try forEach(.connections, filter, Self.connectionFields) { document in
                if let pair = document.string("pair") { found[pair] = nil }
            }
            pairs = found
        }
    }

    /// What an index tells.
    private static var connectionFields: BSONDocument { .keys(("at", 1), ("pair", 1), ("_id", 0)) }

    private static var tooManyPairs: MongoError {
        .refusal("count connections: they are too many to be looked at one by one. Narrow the range.")
    }
}
