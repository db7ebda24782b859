import Analytics
import Chat
import Limits
package import MongoDB

extension HistoryQueries {
    /// Conversations in which somebody waits now, by how long; by channel with the age of each in seconds, oldest first.
    package func unanswered(_ question: DatedQuestion) throws(MongoError) -> Figures {
        if question.isUndivided { return try waitingByAge(question) }
        if question.grouping == .channel, question.place == nil { return try waitingLongest(question) }
        var ages = Ages(question, most: mostWaiting)
        try forEachTime(.waiting, question) { (document) throws(MongoError) in
            try ages.add(document, id: "cid", since: ConversationTime.Kind.waiting.rawValue)
        }
        return ages.figures
    }

    private var mostWaiting: Int { limits.figureRows * 10 }

    private func waitingByAge(_ question: DatedQuestion) throws(MongoError) -> Figures {
        let range = question.range
        var (rows, total) = ([FigureRow](), Int64(0))
        for band in AgeBand.all {
            let times = band.times(at: question.now.milliseconds).clamped(to: range.milliseconds)
            let count = try countWaiting(since: times)
            rows.append(FigureRow(range.quarters, group: band.name, .count(count)))
            total += count
        }
        return Figures(rows, total: total)
    }

    /// No further than they are wanted.
    private func waitingLongest(_ question: DatedQuestion) throws(MongoError) -> Figures {
        let times = question.range.milliseconds
        let count = Int(try countWaiting(since: times))
        let wanted = question.wanted.clamped(to: 0..<count)
        guard wanted.upperBound <= mostWaiting else { throw Ages.tooMany }
        guard let end = wanted.last else { return Figures([], from: count, of: count, total: Int64(count)) }
        var filter = ConversationTime.filter(.waiting, in: times)
        var ages: [(cid: String, seconds: Int64)] = []
        while true {
            let limit = max(wanted.upperBound, ages.count) + Self.waitingBeyond
            let page = try documents(ConversationTime.collection, filter, sort: .keys(("_id", 1)), limit: limit)
                .compactMap(ConversationTime.init)
            ages += page.map { ($0.cid, question.age(since: $0.at)) }
            guard page.count == limit, let last = page.last else { break }
            // Of the same second the names decide, so all of it is needed.
            if ages.count > end, ages[end].seconds != question.age(since: last.at) { break }
            filter = ConversationTime.filter(.waiting, after: last, before: times.upperBound)
        }
        ages.sort { ($1.seconds, $0.cid) < ($0.seconds, $1.cid) }
        let rows = ages[wanted.clamped(to: ages.indices)].map {
            FigureRow(question.range.quarters, group: $0.cid, .count($0.seconds))
        }
        return Figures(rows, from: wanted.lowerBound, of: count, total: Int64(count))
    }

    /// Read beyond those that are wanted, for their second's end.
    private static var waitingBeyond: Int { 100 }

    private func countWaiting(since times: Range<Int64>) throws(MongoError) -> Int64 {
        guard !times.isEmpty else { return 0 }
        let stages = [
            Expression.stage("$match", .document(ConversationTime.filter(.waiting, in: times))),
            Expression.stage("$count", .string("n")),
        ]
        let found = try aggregate(ConversationTime.collection, stages, milliseconds: limits.milliseconds)
        return found.first?.int64("n") ?? 0
    }
}
