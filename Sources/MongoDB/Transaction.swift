import CMongoC
import Limits

extension MongoConnection {
    /// One attempt: start, `body`, commit (majority and journal), or abort if `body` throws.
    ///
    /// An unknown commit result is asked for again a few times (`Limits.Mongo.commitAttempts`). Running the whole
    /// again after a ``MongoError/isTransient`` error is the caller's part, who may want to wait.
    package func withTransaction<R>(
        _ body: (MongoSession) throws(MongoError) -> R
    ) throws(MongoError) -> R {
        let session = try MongoSession(of: self)
        defer { session.close() }
        return try transaction(in: session, body)
    }

    func transaction<R>(
        in session: MongoSession,
        _ body: (MongoSession) throws(MongoError) -> R
    ) throws(MongoError) -> R {
        onTransaction(session.id)
        return try session.transaction(commitAttempts: limits.commitAttempts, body)
    }
}

extension MongoSession {
    fileprivate func transaction<R>(
        commitAttempts: Int,
        _ body: (MongoSession) throws(MongoError) -> R
    ) throws(MongoError) -> R {
        try start()
        let result: R
        do throws(MongoError) {
            result = try body(self)
        } catch {
            mongoc_client_session_abort_transaction(handle, nil)  // the server aborts by itself what this cannot reach
            throw error
        }
        try commit(attempts: commitAttempts)
        return result
    }

    private func start() throws(MongoError) {
        let options = mongoc_transaction_opts_new()
        defer { mongoc_transaction_opts_destroy(options) }
        let durable = WriteConcern.majorityJournaled()
        defer { mongoc_write_concern_destroy(durable) }
        mongoc_transaction_opts_set_write_concern(options, durable)

        var error = bson_error_t()
        guard mongoc_client_session_start_transaction(handle, options, &error) else {
            throw MongoError(error, while: "start a transaction")
        }
    }

    private func commit(attempts: Int) throws(MongoError) {
        for attempt in 1...max(1, attempts) {
            let outcome = withReply { reply, error in
                mongoc_client_session_commit_transaction(handle, reply, error)
            }
            if outcome.succeeded { return }
            let error = MongoError(outcome.error, reply: outcome.reply, while: "commit a transaction")
            guard error.labels.contains(MongoError.unknownCommitLabel) else { throw error }
            if attempt == max(1, attempts) { throw error.asUnknownCommit }
        }
    }
}

extension MongoError {
    /// Whatever broke it, what matters of a commit is that its result is unknown.
    fileprivate var asUnknownCommit: MongoError {
        MongoError(.unknownCommitResult, code: code, labels: labels, description)
    }
}
