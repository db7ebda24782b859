import Limits
package import MongoDB

/// All messages that a query chooses, in order, however many they are.
package struct MessageExport {
    private let queries: HistoryQueries

    /// - Parameter queries: the limits of pages do not apply here.
    package init(_ queries: HistoryQueries) { self.queries = queries }

    /// Calls `body` with some messages after the other, until it answers `false`.
    ///
    /// Holds a bounded number of them. What is written meanwhile may or may not be among them. Blocking.
    ///
    /// - Returns: how many were given.
    package func run(
        _ query: MessageQuery,
        _ body: ([StoredMessage]) -> Bool
    ) throws(MongoError) -> Int {
        let most = Limits.Worker().scanDocuments
        var batch: [BSONDocument] = []
        var count = 0
        func hand() throws(MongoError) -> Bool {
            guard !batch.isEmpty else { return true }
            count += batch.count
            let goesOn = body(try queries.withSenders(batch))
            batch.removeAll(keepingCapacity: true)
            return goesOn
        }
        var goesOn = true
        try queries.store.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                Collection.messages.rawValue,
                query.filter,
                in: queries.store.database,
                options: .init(sort: query.sort, projection: .withoutStamps, batchSize: most)
            ) { (document: BSONDocument) throws(MongoError) in
                batch.append(document)
                if batch.count == most { goesOn = try hand() }
                return goesOn
            }
        }
        if goesOn { _ = try hand() }
        return count
    }
}
