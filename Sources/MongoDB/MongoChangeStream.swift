import CMongoC

/// How to watch a collection; everything is optional.
package struct MongoWatchOptions: Sendable {
    /// Goes on after the change that this token came with.
    package var resumeAfter: BSONDocument?
    /// Begins with the changes of this moment, as MongoDB has it: seconds in the upper half, an ordinal in the lower.
    package var startAt: UInt64?
    /// Brings, with an update, the document as it is by then.
    package var looksUpDocuments: Bool
    /// How long the server waits for a change before it answers that there is none, in milliseconds.
    package var waitMilliseconds: Int

    package init(
        resumeAfter: BSONDocument? = nil,
        startAt: UInt64? = nil,
        looksUpDocuments: Bool = false,
        waitMilliseconds: Int
    ) {
        self.startAt = startAt
        (self.resumeAfter, self.looksUpDocuments) = (resumeAfter, looksUpDocuments)
        self.waitMilliseconds = waitMilliseconds
    }

    fileprivate var document: BSONDocument {
        var options = BSONDocument()
        options.append("maxAwaitTimeMS", Int64(waitMilliseconds))
        if looksUpDocuments { options.append("fullDocument", "updateLookup") }
        if let startAt { options.append("startAtOperationTime", value: .timestamp(startAt)) }
        if let resumeAfter { options.append("resumeAfter", resumeAfter) }
        return options
    }
}

/// The changes of one collection, as its replica set's majority has them; used on the thread of its connection.
///
/// Source: libmongoc 1.23, `mongoc_change_stream_t`; MongoDB manual, "Change Streams".
package final class MongoChangeStream {
    private var open: OpaquePointer?
    private let operation: String

    fileprivate init(_ stream: OpaquePointer?, while operation: String) throws(MongoError) {
        (open, self.operation) = (stream, operation)
        do throws(MongoError) { try check() } catch {
            close()
            throw error
        }
    }

    deinit { close() }

    fileprivate func close() {
        if let open { mongoc_change_stream_destroy(open) }
        open = nil
    }

    /// The next change; `nil` when none came in the time that ``MongoWatchOptions/waitMilliseconds`` gives.
    ///
    /// Blocking. libmongoc finds a new primary by itself, once.
    package func next() throws(MongoError) -> BSONDocument? {
        var lent: OpaquePointer?
        if mongoc_change_stream_next(handle, &lent) { return BSONDocument(copying: lent) }
        try check()
        return nil
    }

    /// Where to go on after everything that ``next()`` has returned, also later and elsewhere.
    package var resumeToken: BSONDocument? { BSONDocument(copying: mongoc_change_stream_get_resume_token(handle)) }

    private var handle: OpaquePointer {
        guard let open else { preconditionFailure("a MongoChangeStream was used after its connection's loan ended") }
        return open
    }

    private func check() throws(MongoError) {
        var error = bson_error_t()
        var reply: OpaquePointer?
        guard mongoc_change_stream_error_document(handle, &error, &reply) else { return }
        throw MongoError(error, reply: BSONDocument(copying: reply), while: operation)
    }
}

extension MongoConnection {
    /// Lends the changes of a collection, from now or from ``MongoWatchOptions/resumeAfter`` on, as long as `body` runs.
    ///
    /// - Parameter pipeline: selects and cuts changes; it must leave `_id`, which is the resume token.
    /// - Throws: also when the server cannot do it (a standalone one) or does not allow it.
    package func watch<R>(
        _ collection: String,
        _ pipeline: [BSONDocument] = [],
        in database: String,
        options: MongoWatchOptions,
        _ body: (MongoChangeStream) throws(MongoError) -> R
    ) throws(MongoError) -> R {
        let operation = "watch \(database).\(collection)"
        var stages = BSONDocument()
        stages.append("pipeline") { (array: inout BSONArray) in
            for stage in pipeline { array.append(stage) }
        }
        let collection = mongoc_client_get_collection(handle, database, collection)
        defer { mongoc_collection_destroy(collection) }
        let opened = stages.withHandle { stages in
            withOptions(options.document) { mongoc_collection_watch(collection, stages, $0) }
        }
        guard let opened, let stream = opened else { throw .unusable(operation) }
        let changes = try MongoChangeStream(stream, while: operation)
        defer { changes.close() }
        return try body(changes)
    }
}

extension MongoError {
    /// The server no longer knows the way from where the changes were to go on: `InvalidResumeToken`,
    /// `ChangeStreamFatalError`, `ChangeStreamHistoryLost`.
    ///
    /// Source: mongo/src/mongo/base/error_codes.yml, MongoDB 6.0.
    package var lostPosition: Bool { [260, 280, 286].contains(code) }
}
