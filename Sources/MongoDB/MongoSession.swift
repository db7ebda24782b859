import CMongoC

/// A server session: what a transaction belongs to.
///
/// Used on the thread of its connection.
package final class MongoSession {
    private var open: OpaquePointer?
    /// The option that puts an operation into this session.
    let options: BSONDocument
    /// The sixteen bytes by which the server knows this session; see ``MongoConnection/killSessions(_:)``.
    package let id: [UInt8]

    /// - Parameter snapshot: all reads see the data of one moment; for reads outside of transactions alone.
    init(of connection: MongoConnection, snapshot: Bool = false) throws(MongoError) {
        let opening = mongoc_session_opts_new()
        defer { mongoc_session_opts_destroy(opening) }
        if snapshot { mongoc_session_opts_set_snapshot(opening, true) }

        var error = bson_error_t()
        guard let handle = mongoc_client_start_session(connection.handle, opening, &error) else {
            throw MongoError(error, while: "start a session")
        }
        let outcome = withReply { options, error in mongoc_client_session_append(handle, options, error) }
        guard outcome.succeeded, let id = BSONDocument(copying: mongoc_client_session_get_lsid(handle))?.binary("id")
        else {
            mongoc_client_session_destroy(handle)
            throw MongoError(outcome.error, while: "start a session")
        }
        open = handle
        self.options = outcome.reply
        self.id = id
    }

    deinit { close() }

    var handle: OpaquePointer {
        guard let open else { preconditionFailure("a MongoSession was used after its connection's loan ended") }
        return open
    }

    /// A session must not outlive the loan of its connection.
    func close() {
        mongoc_client_session_destroy(open)
        open = nil
    }
}
