import Limits

/// One connection and one session for as long as the writer lives, for one owner thread at a time.
///
/// Every call blocks.
package final class MongoWriter {
    private let pool: MongoPool
    private let client: OpaquePointer
    package let connection: MongoConnection
    package let session: MongoSession

    init(pool: MongoPool, connection: MongoConnection, session: MongoSession) {
        self.pool = pool
        client = connection.handle
        self.connection = connection
        self.session = session
    }

    deinit {
        session.close()
        connection.invalidate()
        pool.giveBack(client)
    }

    /// One attempt in the writer's own session; see ``MongoConnection/withTransaction(_:)``.
    package func withTransaction<R>(_ body: (MongoSession) throws(MongoError) -> R) throws(MongoError) -> R {
        try connection.transaction(in: session, body)
    }
}
