import Analytics
import Chat
import Limits
package import MongoDB

extension HistoryQueries {
    /// Conversations by when they were started, or by when they became two-sided.
    package func conversations(_ question: DatedQuestion, twoSided: Bool) throws(MongoError) -> Figures {
        let kind = twoSided ? ConversationTime.Kind.answered : .started
        if question.isUndivided { return try count(kind, question.range) }
        var rows = DatedRows(question)
        try forEachTime(kind, question) { document in
            let (isWanted, group) = question.group(document, user: "by")
            guard isWanted, let at = document.time(kind.rawValue) else { return }
            rows.add(DatedRow(at: at, group: group))
        }
        return rows.counts
    }

    private func count(_ kind: ConversationTime.Kind, _ range: FigureRange) throws(MongoError) -> Figures {
        var counts = [Int64](repeating: 0, count: range.parts.count)
        let filter = ConversationTime.filter(kind, in: range.milliseconds)
        try forEach(ConversationTime.collection, filter, .only("_id")) { row in
            guard let at = row.document("_id")?.time("at"), let part = range.part(of: Quarter(at)) else { return }
            counts[part] += 1
        }
        return Figures(zip(range.parts, counts).map { FigureRow($0, .count($1)) }, total: counts.reduce(0, +))
    }

    /// Messages a conversation, by when conversations were started.
    package func conversationLength(_ question: DatedQuestion) throws(MongoError) -> Figures {
        let range = question.range
        var (counts, sums) = (
            [Int64](repeating: 0, count: range.parts.count), [Int64](repeating: 0, count: range.parts.count)
        )
        try forEachConversation(.started, range) { document in
            guard question.group(document, user: "by").isWanted,
                let part = document.time("started").flatMap({ range.part(of: Quarter($0)) })
            else { return }
            counts[part] += 1
            sums[part] += document.int64("messages") ?? 0
        }
        let rows = range.parts.indices.map { part in
            FigureRow(range.parts[part], .ratio(counts[part] == 0 ? nil : Double(sums[part]) / Double(counts[part])))
        }
        return Figures(rows, total: nil)
    }

    /// How long conversations have lasted, by when they were started.
    package func conversationLongevity(_ question: DatedQuestion) throws(MongoError) -> Figures {
        var rows = DatedRows(question)
        try forEachConversation(.started, question.range) { document in
            let (isWanted, group) = question.group(document, user: "by")
            guard isWanted, let at = document.time("started"), let last = document.date("last") else { return }
            rows.add(DatedRow(at: at, milliseconds: last - at.milliseconds, group: group))
        }
        return rows.latencies
    }

    /// Conversations in which somebody waits now, by how long; by channel with the age of each in seconds, oldest first.
    package func unanswered(_ question: DatedQuestion) throws(MongoError) -> Figures {
        var ages = Ages(question, most: limits.figureRows * 10)
        try forEachTime(.waiting, question) { (document) throws(MongoError) in
            try ages.add(document, id: "cid", since: ConversationTime.Kind.waiting.rawValue)
        }
        return ages.figures
    }

    /// Conversations one of whose times lies in the range, each with its channel's id; no more than these two where that is all
    /// the question is about.
    private func forEachTime(
        _ kind: ConversationTime.Kind,
        _ question: DatedQuestion,
        _ body: (BSONDocument) throws(MongoError) -> Void
    ) throws(MongoError) {
        guard question.isOfChannels else { return try forEachConversation(kind, question.range, body) }
        let filter = ConversationTime.filter(kind, in: question.range.milliseconds)
        try forEach(ConversationTime.collection, filter, .only("_id")) { (row: BSONDocument) throws(MongoError) in
            guard let time = ConversationTime(row) else { return }
            var document = BSONDocument(capacity: 96)
            document.append("cid", time.cid)
            document.append(kind.rawValue, date: time.at)
            try body(document)
        }
    }

    /// Conversations one of whose times lies in the range, each with its channel's id.
    private func forEachConversation(
        _ kind: ConversationTime.Kind,
        _ range: FigureRange,
        _ body: (BSONDocument) throws(MongoError) -> Void
    ) throws(MongoError) {
        let times = range.milliseconds
        var filter = ConversationTime.filter(kind, in: times)
        while true {
            let rows = try documents(
                ConversationTime.collection,
                filter,
                sort: .keys(("_id", 1)),
                limit: Self.channelsAtOnce
            ).compactMap(ConversationTime.init)
            try forEachConversation(of: rows.map(\.cid), body)
            guard rows.count == Self.channelsAtOnce, let last = rows.last else { return }
            filter = ConversationTime.filter(kind, after: last, before: times.upperBound)
        }
    }

    private func forEachConversation(
        of cids: [String],
        _ body: (BSONDocument) throws(MongoError) -> Void
    ) throws(MongoError) {
        let name = ConversationRecord.field
        var filter = BSONDocument()
        filter.append("_id", in: cids)
        try forEach(.channels, filter, .only("_id", name)) { (channel: BSONDocument) throws(MongoError) in
            guard let conversation = channel.document(name) else { return }
            var document = BSONDocument(capacity: 384)
            document.append("cid", ifPresent: channel.string("_id"))
            document.append(contentsOf: conversation)
            try body(document)
        }
    }
}

/// Things that wait, by their age.
struct Ages {
    private let question: DatedQuestion
    private let most: Int
    private var ages: [(id: String, seconds: Int64)] = []

    /// - Parameter most: of more there is no answer.
    init(_ question: DatedQuestion, most: Int) { (self.question, self.most) = (question, most) }

    /// - Parameters:
    ///   - id: the field that names what waits.
    ///   - time: the field that says since when.
    mutating func add(_ document: BSONDocument, id: String, since time: String) throws(MongoError) {
        guard let since = document.time(time), question.placeMatches(document),
            // Of all together an index may tell the times alone.
            let id = question.isUndivided ? "" : document.string(id)
        else { return }
        guard ages.count < most else {
            throw .refusal("count what waits: it is too much. Narrow the range.")
        }
        ages.append((id, max(0, (question.now.milliseconds - since.milliseconds) / 1_000)))
    }

    /// By band of age; by what waits with the age of each in seconds, oldest first.
    var figures: Figures {
        let total = Int64(ages.count)
        let range = question.range.quarters
        guard question.grouping == .channel || question.grouping == .item else {
            let rows = AgeBand.all.map { band in
                FigureRow(range, group: band.name, .count(Int64(ages.count { band.seconds.contains($0.seconds) })))
            }
            return Figures(rows, total: total)
        }
        let rows = ages.sorted { ($1.seconds, $0.id) < ($0.seconds, $1.id) }.map {
            FigureRow(range, group: $0.id, .count($0.seconds))
        }
        return Figures(rows, total: total)
    }
}

extension DatedQuestion {
    /// Neither grouped nor narrowed.
    var isUndivided: Bool { grouping == nil && place == nil }

    /// A channel's id tells whether it is asked for, and its group.
    fileprivate var isOfChannels: Bool {
        [nil, .channel, .channelType].contains(grouping) && [nil, .channel, .channelType].contains(place?.filter)
    }

    fileprivate func placeMatches(_ document: BSONDocument) -> Bool {
        var question = self
        question.grouping = nil
        return question.group(document, user: "by").isWanted
    }
}

/// How long something has waited.
struct AgeBand {
    let name: String
    let seconds: Range<Int64>

    static let all = [
        AgeBand(name: "under 1 h", seconds: 0..<3_600),
        AgeBand(name: "1 h to 4 h", seconds: 3_600..<14_400),
        AgeBand(name: "4 h to 1 d", seconds: 14_400..<86_400),
        AgeBand(name: "1 d to 3 d", seconds: 86_400..<259_200),
        AgeBand(name: "3 d to 7 d", seconds: 259_200..<604_800),
        AgeBand(name: "over 7 d", seconds: 604_800..<Int64.max),
    ]
}
