import CMongoC
import Limits

/// A connection on loan: valid inside the closure it was given to, on that thread.
///
/// Every call blocks.
package final class MongoConnection {
    private var client: OpaquePointer?
    let limits: Limits.Mongo
    /// See ``MongoPool``.
    let onTransaction: @Sendable ([UInt8]) -> Void

    init(client: OpaquePointer, limits: Limits.Mongo, onTransaction: @escaping @Sendable ([UInt8]) -> Void) {
        self.client = client
        (self.limits, self.onTransaction) = (limits, onTransaction)
    }

    /// The loan is over.
    func invalidate() { client = nil }

    var handle: OpaquePointer {
        guard let client else { preconditionFailure("a MongoConnection was used after its loan ended") }
        return client
    }

    /// Runs any command on the primary.
    ///
    /// - Throws: also for the first of `writeErrors`, and for a `writeConcernError`, of a reply that is otherwise good.
    package func command(
        _ command: BSONDocument,
        on database: String,
        in session: MongoSession? = nil
    ) throws(MongoError) -> BSONDocument {
        let operation = "\(command.firstKey ?? "command") on \(database)"
        let outcome = try run(command, session: session, while: operation) { client, command, options, reply, error in
            mongoc_client_command_with_opts(client, database, command, nil, options, reply, error)
        }
        return try check(outcome, while: operation)
    }

    /// Ends these sessions on the server, and with them their open transactions.
    ///
    /// - Parameter ids: ``MongoSession/id`` of each.
    package func killSessions(_ ids: [[UInt8]]) throws(MongoError) {
        var command = BSONDocument()
        command.append("killSessions") { (sessions: inout BSONArray) in
            for id in ids { sessions.append { $0.append("id", uuid: id) } }
        }
        _ = try self.command(command, on: "admin")
    }

    typealias Call = (
        _ client: OpaquePointer, _ command: OpaquePointer, _ options: OpaquePointer?, _ reply: OpaquePointer,
        _ error: UnsafeMutablePointer<bson_error_t>
    ) -> Bool

    func run(
        _ command: BSONDocument,
        session: MongoSession?,
        while operation: String,
        _ call: Call
    ) throws(MongoError) -> Outcome {
        let client = handle
        let outcome = command.withHandle { command in
            withOptions(session?.options) { options in
                withReply { reply, error in call(client, command, options, reply, error) }
            }
        }
        guard let outcome else { throw .unusable(operation) }
        return outcome
    }

    func check(_ outcome: Outcome, while operation: String) throws(MongoError) -> BSONDocument {
        let reply = outcome.reply
        guard outcome.succeeded else { throw MongoError(outcome.error, reply: reply, while: operation) }
        let labels = Set((reply.array("errorLabels") ?? []).compactMap(\.string))
        if let entry = reply.array("writeErrors")?.first?.document ?? reply.document("writeConcernError") {
            throw MongoError(entry: entry, labels: labels, while: operation)
        }
        return reply
    }
}

func withOptions<R>(_ options: BSONDocument?, _ body: (OpaquePointer?) -> R) -> R {
    guard let options, !options.isEmpty else { return body(nil) }
    return options.withHandle { body($0) } ?? body(nil)
}

extension MongoError {
    /// For bytes that are not even a document's.
    static func unusable(_ operation: String) -> MongoError {
        MongoError(.invalidArgument, "\(operation): the document's bytes do not begin with their length")
    }
}

extension BSONDocument {
    /// A command's name.
    var firstKey: String? {
        var iterator = elements.makeIterator()
        return iterator.next()?.key
    }
}
