import CMongoC

/// One change of one or many documents.
package struct MongoUpdate: Sendable {
    package var filter: BSONDocument
    /// Operators, or a whole document in place of the old one.
    package var update: BSONDocument
    /// Stages of an aggregation in place of ``update``, which can use the document's own fields and the server's time.
    package var stages: [BSONDocument] = []
    package var upsert: Bool
    /// Changes every match, not only the first.
    package var multi: Bool

    package init(filter: BSONDocument, update: BSONDocument, upsert: Bool = false, multi: Bool = false) {
        self.filter = filter
        self.update = update
        self.upsert = upsert
        self.multi = multi
    }

    package init(filter: BSONDocument, stages: [BSONDocument], upsert: Bool = false, multi: Bool = false) {
        self.init(filter: filter, update: BSONDocument(), upsert: upsert, multi: multi)
        self.stages = stages
    }

    fileprivate var byteCount: Int { stages.reduce(filter.byteCount + update.byteCount) { $0 + $1.byteCount } }
}

package struct MongoUpdateResult: Sendable, Equatable {
    /// Documents that were there, changed or not.
    package var matched: Int
    package var modified: Int
    package var upserted: Int

    package init(matched: Int, modified: Int, upserted: Int) {
        self.matched = matched
        self.modified = modified
        self.upserted = upserted
    }
}

/// Outside of a transaction each write is sent once: after ``MongoError/Kind/unreachable`` it may have happened, so what
/// is not idempotent belongs in a transaction. (libmongoc repeats single writes only through its slower bulk interface.)
extension MongoConnection {
    /// Stores all of `documents`, which should hold their `_id`.
    ///
    /// Stops at the first failure.
    package func insert(
        _ documents: [BSONDocument],
        into collection: String,
        in database: String,
        session: MongoSession? = nil
    ) throws(MongoError) {
        let target = WriteTarget(verb: "insert", list: "documents", collection: collection, database: database)
        _ = try write(documents, to: target, ordered: true, session: session, byteCount: \.byteCount) {
            document,
            array in
            array.append(document)
        }
    }

    /// Applies all of `updates`; unordered, the others are applied even if one fails (but not in a transaction).
    package func update(
        _ updates: [MongoUpdate],
        in collection: String,
        of database: String,
        ordered: Bool = false,
        session: MongoSession? = nil
    ) throws(MongoError) -> MongoUpdateResult {
        let target = WriteTarget(verb: "update", list: "updates", collection: collection, database: database)
        let total = try write(
            updates,
            to: target,
            ordered: ordered,
            session: session,
            byteCount: \.byteCount
        ) { update, array in
            array.append {
                $0.append("q", update.filter)
                if update.stages.isEmpty {
                    $0.append("u", update.update)
                } else {
                    $0.append("u") { (stages: inout BSONArray) in for stage in update.stages { stages.append(stage) } }
                }
                if update.upsert { $0.append("upsert", true) }
                if update.multi { $0.append("multi", true) }
            }
        }
        return MongoUpdateResult(
            matched: total.affected - total.upserted,
            modified: total.modified,
            upserted: total.upserted
        )
    }

    /// Removes what each filter matches, at most `limit` (0 is all, else 1), and returns how many went.
    package func delete(
        _ deletes: [(filter: BSONDocument, limit: Int)],
        in collection: String,
        of database: String,
        ordered: Bool = false,
        session: MongoSession? = nil
    ) throws(MongoError) -> Int {
        let target = WriteTarget(verb: "delete", list: "deletes", collection: collection, database: database)
        return try write(
            deletes,
            to: target,
            ordered: ordered,
            session: session,
            byteCount: { $0.filter.byteCount }
        ) { delete, array in
            array.append {
                $0.append("q", delete.filter)
                $0.append("limit", Int32(delete.limit == 0 ? 0 : 1))
            }
        }.affected
    }

    private struct WriteTarget {
        let verb: String
        let list: String
        let collection: String
        let database: String
    }

    private struct WriteTotal {
        var affected = 0
        var modified = 0
        var upserted = 0
    }

    /// Sends `operations` in as few commands as their size allows.
    private func write<Operation>(
        _ operations: [Operation],
        to target: WriteTarget,
        ordered: Bool,
        session: MongoSession?,
        byteCount: (Operation) -> Int,
        encode: (Operation, inout BSONArray) -> Void
    ) throws(MongoError) -> WriteTotal {
        let name = "\(target.verb) in \(target.database).\(target.collection)"
        if let index = operations.firstIndex(where: { byteCount($0) > ServerLimits.documentBytes }) {
            throw MongoError(
                .tooLarge,
                index: index,
                "\(name): \(byteCount(operations[index])) bytes in one document, MongoDB takes 16 MB"
            )
        }
        var total = WriteTotal()
        var first = 0
        while first < operations.count {
            let (end, size) = commandEnd(of: operations, from: first, byteCount: byteCount)
            var command = BSONDocument(capacity: size + (end - first) * 64 + 256)
            command.append(target.verb, target.collection)
            command.append("ordered", ordered)
            command.append(target.list) { (array: inout BSONArray) in
                for operation in operations[first..<end] { encode(operation, &array) }
            }
            let reply = try send(command, to: target.database, session: session, first: first, while: name)
            total.affected += Int(reply.int64("n") ?? 0)
            total.modified += Int(reply.int64("nModified") ?? 0)
            total.upserted += reply.array("upserted")?.count ?? 0
            first = end
        }
        return total
    }

    /// Where a command that begins with operation `first` ends, and the bytes of what it holds: at least one operation.
    private func commandEnd<Operation>(
        of operations: [Operation],
        from first: Int,
        byteCount: (Operation) -> Int
    ) -> (end: Int, size: Int) {
        var end = first
        var size = 0
        while end < operations.count, end - first < ServerLimits.writeCommandOperations {
            let next = byteCount(operations[end])
            if end > first, size + next > ServerLimits.writeCommandBytes { break }
            size += next
            end += 1
        }
        return (end, size)
    }

    /// - Parameter first: what the command's first operation is in the caller's list.
    private func send(
        _ command: BSONDocument,
        to database: String,
        session: MongoSession?,
        first: Int,
        while operation: String
    ) throws(MongoError) -> BSONDocument {
        let outcome = try run(command, session: session, while: operation) { client, command, options, reply, error in
            mongoc_client_write_command_with_opts(client, database, command, options, reply, error)
        }
        do throws(MongoError) {
            return try check(outcome, while: operation)
        } catch {
            var error = error
            error.index = error.index.map { $0 + first }
            throw error
        }
    }
}
