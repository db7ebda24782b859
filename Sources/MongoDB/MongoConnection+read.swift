import CMongoC

/// How to find; everything is optional.
package struct MongoFindOptions: Sendable {
    package var sort: BSONDocument?
    package var projection: BSONDocument?
    package var limit: Int?
    package var skip: Int?
    /// The name of the index to use.
    package var hint: String?
    /// Documents fetched from the server at a time.
    package var batchSize: Int?
    /// The server's time for the whole query, in milliseconds.
    package var maxTimeMS: Int?
    /// Prefers a secondary: for what may be a moment old, and must not load the primary.
    package var prefersSecondary: Bool

    package init(
        sort: BSONDocument? = nil,
        projection: BSONDocument? = nil,
        limit: Int? = nil,
        skip: Int? = nil,
        hint: String? = nil,
        batchSize: Int? = nil,
        maxTimeMS: Int? = nil,
        prefersSecondary: Bool = false
    ) {
        self.sort = sort
        self.projection = projection
        self.limit = limit
        self.skip = skip
        self.hint = hint
        self.batchSize = batchSize
        self.maxTimeMS = maxTimeMS
        self.prefersSecondary = prefersSecondary
    }

    var document: BSONDocument {
        var options = BSONDocument()
        if let sort { options.append("sort", sort) }
        if let projection { options.append("projection", projection) }
        if let limit { options.append("limit", Int64(limit)) }
        if let skip { options.append("skip", Int64(skip)) }
        if let hint { options.append("hint", hint) }
        if let batchSize { options.append("batchSize", Int64(batchSize)) }
        if let maxTimeMS { options.append("maxTimeMS", Int64(maxTimeMS)) }
        return options
    }
}

extension MongoConnection {
    /// Lends a session whose reads all see the data of one moment, that of the first of them.
    ///
    /// The server keeps that moment for `minSnapshotHistoryWindowInSeconds`, five minutes unless it is told otherwise;
    /// reads that come later fail. Source: MongoDB manual, "Read Concern snapshot".
    package func withSnapshot<R>(_ body: (MongoSession) throws(MongoError) -> R) throws(MongoError) -> R {
        let session = try MongoSession(of: self, snapshot: true)
        defer { session.close() }
        return try body(session)
    }

    /// Calls `each` with every match in order, until it answers `false`.
    package func find(
        _ collection: String,
        _ filter: BSONDocument,
        in database: String,
        options: MongoFindOptions = .init(),
        session: MongoSession? = nil,
        each: (BSONDocument) throws(MongoError) -> Bool
    ) throws(MongoError) {
        let preference = options.prefersSecondary ? mongoc_read_prefs_new(MONGOC_READ_SECONDARY_PREFERRED) : nil
        defer { mongoc_read_prefs_destroy(preference) }
        try iterate(
            filter,
            options.document,
            session,
            collection,
            of: database,
            while: "find in \(database).\(collection)",
            open: { mongoc_collection_find_with_opts($0, $1, $2, preference) },
            each: each
        )
    }

    /// Calls `each` with every result in order, until it answers `false`.
    ///
    /// - Parameter maxTimeMS: the server's time for the whole of it, in milliseconds.
    package func aggregate(
        _ collection: String,
        _ pipeline: [BSONDocument],
        in database: String,
        allowDiskUse: Bool = false,
        hint: String? = nil,
        maxTimeMS: Int? = nil,
        session: MongoSession? = nil,
        each: (BSONDocument) throws(MongoError) -> Bool
    ) throws(MongoError) {
        var stages = BSONDocument()
        stages.append("pipeline") { (array: inout BSONArray) in
            for stage in pipeline { array.append(stage) }
        }
        var options = BSONDocument()
        if allowDiskUse { options.append("allowDiskUse", true) }
        if let hint { options.append("hint", hint) }
        if let maxTimeMS { options.append("maxTimeMS", Int64(maxTimeMS)) }
        try iterate(
            stages,
            options,
            session,
            collection,
            of: database,
            while: "aggregate \(database).\(collection)",
            open: { mongoc_collection_aggregate($0, MONGOC_QUERY_NONE, $1, $2, nil) },
            each: each
        )
    }

    private func iterate(
        _ query: BSONDocument,
        _ options: BSONDocument,
        _ session: MongoSession?,
        _ collection: String,
        of database: String,
        while operation: String,
        open: (OpaquePointer?, OpaquePointer, OpaquePointer?) -> OpaquePointer?,
        each: (BSONDocument) throws(MongoError) -> Bool
    ) throws(MongoError) {
        var options = options
        if let session { options.append(contentsOf: session.options) }
        let collection = mongoc_client_get_collection(handle, database, collection)
        defer { mongoc_collection_destroy(collection) }

        let opened = query.withHandle { query in withOptions(options) { open(collection, query, $0) } }
        guard let opened, let cursor = opened else { throw .unusable(operation) }
        defer { mongoc_cursor_destroy(cursor) }

        var lent: OpaquePointer?
        while mongoc_cursor_next(cursor, &lent) {
            guard let document = BSONDocument(copying: lent) else { break }
            guard try each(document) else { return }
        }
        var error = bson_error_t()
        var reply: OpaquePointer?
        if mongoc_cursor_error_document(cursor, &error, &reply) {
            throw MongoError(error, reply: BSONDocument(copying: reply), while: operation)
        }
    }
}
