package import Limits
package import MongoDB

/// Questions to the history.
///
/// Every call blocks its thread, for the time that `limits` gives MongoDB at most.
package struct HistoryQueries: Sendable {
    package let store: HistoryStore
    package let limits: Limits.Query

    package init(_ store: HistoryStore, limits: Limits.Query) { (self.store, self.limits) = (store, limits) }

    /// The same, for what is left of the time until then: of a question that takes several.
    func until(_ end: ContinuousClock.Instant) -> HistoryQueries {
        var limits = limits
        let (seconds, attoseconds) = ContinuousClock.now.duration(to: end).components
        let left = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        limits.milliseconds = max(1, min(limits.milliseconds, Int(left)))
        return HistoryQueries(store, limits: limits)
    }

    /// When a question that begins now has taken all of its time.
    var end: ContinuousClock.Instant { .now + .milliseconds(limits.milliseconds) }

    /// The documents that match, in order; `limit` bounds what is held in memory.
    ///
    /// - Parameter hint: which index to use, where MongoDB does not see that it could.
    func documents(
        _ collection: Collection,
        _ filter: BSONDocument,
        sort: BSONDocument? = nil,
        projection: BSONDocument? = nil,
        hint: Index? = nil,
        limit: Int
    ) throws(MongoError) -> [BSONDocument] {
        var found: [BSONDocument] = []
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                collection.rawValue,
                filter,
                in: store.database,
                options: .init(
                    sort: sort,
                    projection: projection,
                    limit: limit,
                    hint: hint?.name,
                    maxTimeMS: limits.milliseconds
                )
            ) { (document: BSONDocument) throws(MongoError) in
                found.append(document)
                return true
            }
        }
        return found
    }

    func document(_ collection: Collection, _ id: String) throws(MongoError) -> BSONDocument? {
        try documents(collection, .id(id), projection: .withoutStamps, limit: 1).first
    }

    /// What an aggregation gives.
    func aggregate(
        _ collection: Collection,
        _ pipeline: [BSONDocument],
        hint: Index? = nil,
        milliseconds: Int
    ) throws(MongoError) -> [BSONDocument] {
        var found: [BSONDocument] = []
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.aggregate(
                collection.rawValue,
                pipeline,
                in: store.database,
                allowDiskUse: true,
                hint: hint?.name,
                maxTimeMS: milliseconds
            ) { (document: BSONDocument) throws(MongoError) in
                found.append(document)
                return true
            }
        }
        return found
    }
}

extension MongoError {
    /// MongoDB stopped an operation at its `maxTimeMS`: the question was too large.
    ///
    /// Server error 50.
    package var exceededTime: Bool { kind == .timedOut && code == 50 }

    /// Another writer was faster, or the primary changed: what may be repeated should be, soon.
    package var asksForRepetition: Bool {
        switch kind {
        case .transientTransaction, .writeConflict, .unknownCommitResult, .notPrimary: true
        default: false
        }
    }
}

extension BSONDocument {
    /// All fields but the stamps, which only merging needs.
    static let withoutStamps = BSONDocument.keys(("v", 0))

    /// A sort order or a projection.
    package static func keys(_ keys: (String, Int32)...) -> BSONDocument {
        var document = BSONDocument()
        for (key, value) in keys { document.append(key, value) }
        return document
    }
}
