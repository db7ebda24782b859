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
        func add(_ messages: Int64, startedAt milliseconds: Int64) {
            guard let part = range.part(of: Quarter(Timestamp(milliseconds: milliseconds))) else { return }
            counts[part] += 1
            sums[part] += messages
        }
        if question.isUndivided, try hasMostConversations(range) {
            if range.parts.count == 1 {
                (counts[0], sums[0]) = try startedConversations(range)
            } else {
                try forEachStarted(messages: range) { add($1, startedAt: $0) }
            }
        } else {
            try forEachConversation(.started, range) { document in
                guard question.group(document, user: "by").isWanted, let started = document.date("started") else {
                    return
                }
                add(document.int64("messages") ?? 0, startedAt: started)
            }
        }
        let rows = range.parts.indices.map { part in
            FigureRow(range.parts[part], .ratio(counts[part] == 0 ? nil : Double(sums[part]) / Double(counts[part])))
        }
        return Figures(rows, total: nil)
    }

    /// How long conversations have lasted, by when they were started.
    package func conversationLongevity(_ question: DatedQuestion) throws(MongoError) -> Figures {
        var rows = DatedRows(question)
        if question.isUndivided, try hasMostConversations(question.range) {
            try forEachStarted(lasting: question.range) {
                rows.add(DatedRow(at: Timestamp(milliseconds: $0), milliseconds: $1, group: nil))
            }
            return rows.latencies
        }
        try forEachConversation(.started, question.range) { document in
            let (isWanted, group) = question.group(document, user: "by")
            guard isWanted, let at = document.time("started"), let last = document.date("last") else { return }
            rows.add(DatedRow(at: at, milliseconds: last - at.milliseconds, group: group))
        }
        return rows.latencies
    }

    /// Conversations one of whose times lies in the range, each with its channel's id; no more than these two where that is all
    /// the question is about.
    func forEachTime(
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

extension DatedQuestion {
    /// Neither grouped nor narrowed.
    var isUndivided: Bool { grouping == nil && place == nil }

    /// A channel's id tells whether it is asked for, and its group.
    fileprivate var isOfChannels: Bool {
        [nil, .channel, .channelType].contains(grouping) && [nil, .channel, .channelType].contains(place?.filter)
    }
}
