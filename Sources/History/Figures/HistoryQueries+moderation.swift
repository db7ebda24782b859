import Analytics
import Chat
import Limits
package import MongoDB

extension HistoryQueries {
    /// Flagged messages by when they were last flagged.
    package func flags(_ question: DatedQuestion) throws(MongoError) -> Figures {
        var filter = BSONDocument()
        filter.append("is_flagged", true)
        let fields = BSONDocument.only("cid", "v.flag", "listing_id", "sender_id")
        var rows = DatedRows(question)
        try forEach(.messages, filter, fields, hint: .flaggedMessages) { document in
            question.add(document, stampedBy: "flag", user: "sender_id", to: &rows)
        }
        return rows.counts
    }

    /// Bans in force by when they were imposed, in channels and everywhere.
    package func standingBans(_ question: DatedQuestion) throws(MongoError) -> Figures {
        var filter = BSONDocument()
        filter.append("banned", true)
        filter.append(contentsOf: Self.notEnded("ban_expires", question.now))
        var rows = DatedRows(question)
        filter.append(contentsOf: question.range.filter(stampedBy: "ban"))
        for collection in [Collection.users, .members] {
            try forEach(collection, filter, .only("cid", "v.ban")) { document in
                question.add(document, stampedBy: "ban", user: "user_id", to: &rows)
            }
        }
        return rows.counts
    }

    /// Mutes in force by when they were made.
    package func standingMutes(_ question: DatedQuestion) throws(MongoError) -> Figures {
        var filter = BSONDocument()
        filter.append("muted", true)
        filter.append(contentsOf: Self.notEnded("expires", question.now))
        filter.append(contentsOf: question.range.filter(stampedBy: "state"))
        var rows = DatedRows(question)
        try forEach(.mutes, filter, .only("v.state")) { document in
            question.add(document, stampedBy: "state", user: "user_id", to: &rows)
        }
        return rows.counts
    }

    /// What rules came to, by the time of what was judged.
    package func decisions(_ question: DatedQuestion) throws(MongoError) -> Figures {
        var rows = DatedRows(question)
        var filter = question.range.filter("at")
        filter.append("fired") { $0.append("$exists", true) }
        let isByRule = question.grouping == .rule
        var single = question
        // An event has several rules, and so no group of its own.
        if isByRule { single.grouping = nil }
        try forEach(.decisions, filter, .only("at", "rules", "type", "cid", "user_id")) { document in
            let (isWanted, group) = single.group(document, user: "user_id")
            guard isWanted, let at = document.time("at") else { return }
            guard isByRule else { return rows.add(DatedRow(at: at, group: group)) }
            for rule in Set(document.strings("rules")) { rows.add(DatedRow(at: at, group: rule)) }
        }
        return rows.counts
    }

    /// From the first time that something was said for looking at it to a moderator's first decision, by when that was.
    package func timeToDecision(_ question: DatedQuestion) throws(MongoError) -> Figures {
        var rows = DatedRows(question)
        let filter = question.range.filter("decisions.0.at")
        try forEach(.reviewQueue, filter, .only("first", "decisions", "cid"), hint: .firstDecisions) { document in
            guard let first = document.exactTime("first"), let decided = document.array("decisions")?.first?.document,
                decided.int64("number") == 1, let at = decided.time("at")
            else { return }
            let (isWanted, group) = question.group(document, user: "by")
            guard isWanted else { return }
            rows.add(DatedRow(at: at, milliseconds: max(0, at.milliseconds - first.milliseconds), group: group))
        }
        return rows.latencies
    }

    /// Items that wait for moderators now, by how long.
    package func reviewQueue(_ question: DatedQuestion) throws(MongoError) -> Figures {
        var filter = question.range.filter("at")
        filter.append("open", true)
        var ages = Ages(question, most: limits.figureRows * 10)
        try forEach(.reviewQueue, filter, .only("_id", "at", "cid")) { (document) throws(MongoError) in
            try ages.add(document, id: "_id", since: "at")
        }
        return ages.figures
    }
}

extension DatedQuestion {
    /// - Parameter register: whose stamp says when it was.
    fileprivate func add(_ document: BSONDocument, stampedBy register: String, user: String, to rows: inout DatedRows) {
        guard let at = document.document("v")?.stamp(register)?.time else { return }
        let (isWanted, group) = group(document, user: user)
        if isWanted { rows.add(DatedRow(at: at, group: group)) }
    }
}

extension FigureRange {
    /// Documents with a register's stamp in it.
    fileprivate func filter(stampedBy register: String) -> BSONDocument {
        var filter = BSONDocument()
        filter.append("v.\(register).0") {
            $0.append("$gte", quarters.lowerBound.start.nanoseconds)
            $0.append("$lt", quarters.upperBound.start.nanoseconds)
        }
        return filter
    }
}
