import Analytics
import Chat
import Limits
import MongoDB

/// When messages of a type were sent, as figures tell: of one that hardly any message has, nothing else need be looked at.
struct TypedTimes {
    /// In the order of time, with gaps between them.
    let spans: [Range<Quarter>]
    /// How many messages of all types were sent then.
    let messages: Int64

    /// A query span by span, in its own order.
    func parts(of query: MessageQuery) -> [MessageQuery] {
        let parts = spans.compactMap(query.within)
        return query.order == .newest ? parts.reversed() : parts
    }
}

extension HistoryQueries {
    /// - Returns: `nil` of a query without a type or bounds, of what other indexes find, and where figures do not tell.
    func times(of query: MessageQuery) throws(MongoError) -> TypedTimes? {
        guard let type = query.type, type.utf8.count <= MessageCounts.typeBytes, query.isOfEveryone,
            query.isFlagged != true, query.deleted != .only, let from = query.from, let to = query.to, from < to,
            store.settings.keepsFigures, try figureState().isComplete
        else { return nil }
        let quarters = Quarter(from)..<Quarter(Quarter(Timestamp(milliseconds: to.milliseconds - 1)).number + 1)
        guard quarters.upperBound.day - quarters.lowerBound.day <= Int64(limits.rangeDays) else { return nil }
        var (counts, all) = ([Quarter: Int64](), [Quarter: Int64]())
        try forEachCount(RollupSelection(.messages, of: .all, in: quarters)) { document in
            for (quarter, count) in document.counts {
                all[quarter, default: 0] += count
                if document.type == type { counts[quarter, default: 0] += count }
            }
        }
        // To be asked afterwards: what goes is noted before it does.
        guard try retention(of: RollupScope.all.level, in: quarters) == nil else { return nil }
        let sent = counts.filter { $0.value != 0 }.keys.sorted()
        return TypedTimes(spans: sent.spans, messages: sent.reduce(0) { $0 + (all[$1] ?? 0) })
    }
}

extension [Quarter] {
    /// Those that follow each other together.
    fileprivate var spans: [Range<Quarter>] {
        var spans: [Range<Quarter>] = []
        for quarter in self {
            let next = Quarter(quarter.number + 1)
            if let last = spans.last, last.upperBound == quarter {
                spans[spans.count - 1] = last.lowerBound..<next
            } else {
                spans.append(quarter..<next)
            }
        }
        return spans
    }
}
