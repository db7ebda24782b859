import MongoDB

/// A place in the event log: everything received from this millisecond on; `nil` is its beginning.
struct LogPosition {
    let received: Int64?

    /// As a sweep keeps it.
    init(_ document: BSONDocument?) { received = document?.date("received") }
    init(received: Int64) { self.received = received }

    var document: BSONDocument {
        var document = BSONDocument()
        if let received { document.append("received", date: received) }
        return document
    }

    /// On `received`: from here to `end`, or to the end of the log.
    func condition(to end: LogPosition?) -> BSONDocument? {
        guard received != nil || end?.received != nil else { return nil }
        var condition = BSONDocument()
        if let received { condition.append("$gte", date: received) }
        if let end = end?.received { condition.append("$lt", date: end) }
        return condition
    }
}

extension Sweeper {
    /// Where the log stands `count` events later, `nil` when it ends before.
    ///
    /// Events received at one instant stay together.
    func position(_ count: Int, after start: LogPosition) throws(MongoError) -> LogPosition? {
        var filter = BSONDocument()
        if let condition = start.condition(to: nil) { filter.append("received", condition) }
        var sort = BSONDocument()
        sort.append("received", Int32(1))
        sort.append("_id", Int32(1))
        var end: LogPosition?
        try connection.find(
            Collection.events.rawValue,
            filter,
            in: database,
            options: .init(sort: sort, projection: .only("received"), limit: 1, skip: count),
            session: session
        ) { (document: BSONDocument) throws(MongoError) in
            // One millisecond on at least, so that a stretch of one instant cannot hold the sweep up.
            end = document.date("received").map { LogPosition(received: max($0, (start.received ?? .min) + 1)) }
            return false
        }
        return end
    }
}
