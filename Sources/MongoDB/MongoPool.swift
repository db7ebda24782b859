import CMongoC
package import Limits

/// Connections to one MongoDB deployment.
///
/// `@unchecked Sendable`: libmongoc's pool is thread-safe but a client popped from it is not, so a client leaves the pool
/// only inside a ``MongoConnection`` or ``MongoWriter``, which are not `Sendable`. Source: libmongoc 1.23,
/// `mongoc_client_pool_t`.
package final class MongoPool: @unchecked Sendable {
    private let pool: OpaquePointer
    private let limits: Limits.Mongo
    private let onTransaction: @Sendable ([UInt8]) -> Void
    /// What MONGODB_URI names as its database, if it does.
    package let defaultDatabase: String?

    /// Connects at first use, not here.
    ///
    /// Pool size and timeouts come from `limits` unless `uri` names them; writes wait for the majority and the journal
    /// unless `uri` says otherwise.
    ///
    /// - Parameters:
    ///   - setting: what the operator calls `uri`.
    ///   - onTransaction: told of the id of each session before a transaction begins in it, on the thread that begins it;
    ///     see ``MongoConnection/killSessions(_:)``.
    /// - Throws: ``MongoError/Kind/invalidArgument`` for an unusable `uri`, which is not quoted: it may hold a password.
    package init(
        uri: String,
        appName: String,
        limits: Limits.Mongo,
        setting: String = "MONGODB_URI",
        onTransaction: @escaping @Sendable ([UInt8]) -> Void = { _ in }
    ) throws(MongoError) {
        Driver.ready
        var error = bson_error_t()
        guard let parsed = mongoc_uri_new_with_error(uri, &error) else {
            throw MongoError(.invalidArgument, "parse \(setting): \(MongoURI.explain(error)). Correct \(setting).")
        }
        defer { mongoc_uri_destroy(parsed) }
        MongoURI.complete(parsed, appName: appName, limits: limits)
        guard let pool = mongoc_client_pool_new_with_error(parsed, &error) else {
            throw MongoError(.invalidArgument, "open a pool of connections: \(MongoURI.explain(error))")
        }
        mongoc_client_pool_set_error_api(pool, MONGOC_ERROR_API_VERSION_2)
        self.pool = pool
        (self.limits, self.onTransaction) = (limits, onTransaction)
        defaultDatabase = mongoc_uri_get_database(parsed).map { String(cString: $0) }
    }

    deinit { mongoc_client_pool_destroy(pool) }

    /// Lends a connection for as long as `body` runs.
    ///
    /// Blocking, also while every connection is lent: call it on an executor or thread of your own.
    package func withConnection<R>(_ body: (MongoConnection) throws(MongoError) -> R) throws(MongoError) -> R {
        let client = try take()
        let connection = MongoConnection(client: client, limits: limits, onTransaction: onTransaction)
        defer {
            connection.invalidate()
            giveBack(client)
        }
        return try body(connection)
    }

    /// A connection and session that stay the same, for a long-lived writer on one thread.
    ///
    /// Blocking.
    package func openWriter() throws(MongoError) -> MongoWriter {
        let client = try take()
        let connection = MongoConnection(client: client, limits: limits, onTransaction: onTransaction)
        do throws(MongoError) {
            return MongoWriter(pool: self, connection: connection, session: try MongoSession(of: connection))
        } catch {
            giveBack(client)
            throw error
        }
    }

    private func take() throws(MongoError) -> OpaquePointer {
        guard let client = mongoc_client_pool_pop(pool) else {
            throw MongoError(
                .timedOut,
                "take a connection: all \(limits.poolConnections) are in use. A retry may succeed."
            )
        }
        return client
    }

    func giveBack(_ client: OpaquePointer) { mongoc_client_pool_push(pool, client) }
}
