package import Chat
package import MongoDB

/// An event of the log as it was received.
package struct LoggedEvent: Sendable {
    package let id: EventID
    package let receivedAt: Timestamp
    /// `nil` where it is no longer kept.
    package let body: [UInt8]?

    package init(id: EventID, receivedAt: Timestamp, body: [UInt8]?) {
        (self.id, self.receivedAt, self.body) = (id, receivedAt, body)
    }
}

/// Reads the log of a time in the order of receipt, up to what had been received when the reading began.
package struct LogScan: Sendable {
    /// The provider's clock and ours, and an event and what it is about, are no further apart, in milliseconds.
    private static let slack: Int64 = 3_600_000

    private let store: HistoryStore
    private let filter: BSONDocument
    private var position: (received: Int64, id: [UInt8])?
    private let start: Int64
    private let end: Int64

    /// Blocking.
    ///
    /// - Parameters:
    ///   - types: of events.
    ///   - from: of the events' own times, and a little before.
    ///   - until: the same, and a little after.
    package init(
        _ store: HistoryStore,
        types: [EventType],
        from: Timestamp,
        until: Timestamp
    ) throws(MongoError) {
        self.store = store
        start = from.milliseconds - Self.slack
        end = try Self.lastReceipt(in: store) ?? start
        var filter = BSONDocument()
        filter.append("type") { $0.append("$in", types.map(\.rawValue)) }
        filter.append("at") {
            $0.append("$gte", date: from.milliseconds - Self.slack)
            $0.append("$lt", date: until.milliseconds + Self.slack)
        }
        self.filter = filter
    }

    /// How much of the log's time has been read, 0 to 1.
    package var share: Double {
        guard let position, end > start else { return 0 }
        return min(1, Double(position.received - start) / Double(end - start))
    }

    /// The next events; none at the end.
    ///
    /// Blocking.
    package mutating func next(limit: Int) throws(MongoError) -> [LoggedEvent] {
        var filter = filter
        filter.append("received") {
            $0.append("$gte", date: position?.received ?? start)
            $0.append("$lte", date: end)
        }
        if let position {
            filter.append("$or") { (either: inout BSONArray) in
                either.append { $0.append("received") { $0.append("$gt", date: position.received) } }
                either.append { $0.append("_id") { $0.append("$gt", position.id) } }
            }
        }
        var events: [LoggedEvent] = []
        events.reserveCapacity(limit)
        var last = position
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                Collection.events.rawValue,
                filter,
                in: store.database,
                options: .init(
                    sort: .keys(("received", 1), ("_id", 1)),
                    projection: .only("received", "raw"),
                    limit: limit,
                    batchSize: limit
                )
            ) { (document: BSONDocument) throws(MongoError) in
                guard let id = document.binary("_id"), let received = document.date("received") else { return true }
                last = (received, id)
                events.append(
                    LoggedEvent(
                        id: EventID(bytes: id),
                        receivedAt: Timestamp(milliseconds: received),
                        body: document.binary("raw")
                    )
                )
                return true
            }
        }
        position = last
        return events
    }

    private static func lastReceipt(in store: HistoryStore) throws(MongoError) -> Int64? {
        var last: Int64?
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                Collection.events.rawValue,
                BSONDocument(),
                in: store.database,
                options: .init(sort: .keys(("received", -1)), projection: .only("received"), limit: 1)
            ) { (document: BSONDocument) throws(MongoError) in
                last = document.date("received")
                return false
            }
        }
        return last
    }
}
