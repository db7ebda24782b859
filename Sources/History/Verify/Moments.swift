import MongoDB

/// Gives each part of a verification a moment of the database of its own.
///
/// Blocking.
struct Moments {
    let store: HistoryStore
    let connection: MongoConnection
    /// Otherwise every read sees what is there when it comes.
    let inSnapshot: Bool

    func scan<R>(_ body: (HistoryScan) throws(MongoError) -> R) throws(MongoError) -> R {
        guard inSnapshot else { return try body(HistoryScan(store, connection, nil)) }
        try VerificationNote(store, connection).goOn()
        do throws(MongoError) {
            return try connection.withSnapshot { session throws(MongoError) in
                try body(HistoryScan(store, connection, session))
            }
        } catch  where error.code == Self.snapshotTooOld {
            throw .refusal(
                """
                verify: MongoDB does not keep the moment that is looked at for as long as this takes; raise its \
                parameter minSnapshotHistoryWindowInSeconds, or stop the service and use --no-snapshot
                """
            )
        }
    }

    /// - Parameter page: gives where the next one begins after; `nil` when it was the last.
    func pages(_ page: (HistoryScan, BSONDocument?) throws(MongoError) -> BSONDocument?) throws(MongoError) {
        var position: BSONDocument?
        repeat {
            position = try scan { (scan) throws(MongoError) in try page(scan, position) }
        } while position != nil
    }

    /// Server error 239.
    private static let snapshotTooOld = 239
}
