import Blocking
import Glibc
package import Limits
package import MongoDB

/// The chain of a node: puts entries at its end, many by one command.
///
/// An entry's `_id` is its place, so that of two nodes which continue the chain at once only one can: the other does it again
/// after what the first has written. A chain has no second branch, and no lock that a crash could leave behind.
///
/// Every call blocks its thread.
package final class AuditChain: Sendable {
    private struct State {
        /// The end as this node knows it; others may have gone on.
        var head: AuditHead?
        /// When this node last looked for what others left waiting, and noted the head.
        var noted: ContinuousClock.Instant?
    }

    private let limits: Limits.Audit
    private let state = Locked(State())

    package init(limits: Limits.Audit = Limits.Audit()) { self.limits = limits }

    /// Chains `entries`, and whatever waits in the database.
    ///
    /// Durable on return (majority, journal).
    ///
    /// - Parameter takingUp: looks for entries that wait, also if this node has just looked.
    package func append(
        _ entries: [AuditEntry],
        takingUp: Bool = false,
        to store: HistoryStore
    ) throws(MongoError) {
        try store.pool.withConnection { connection throws(MongoError) in
            let work = Work(connection: connection, database: store.database, limits: limits, state: state)
            let isDue = state.withLock {
                $0.noted.map { $0.duration(to: .now) >= .seconds(limits.headSeconds) } ?? true
            }
            let sealed = try AuditTrail(limits: limits).seal(entries, connection, nil, store.database)
            if takingUp || isDue { try work.takeUp() }
            try work.chain(sealed)
            if isDue { try work.noteHead() }
        }
    }

    /// What one call does, on its connection.
    private struct Work {
        let connection: MongoConnection
        let database: String
        let limits: Limits.Audit
        let state: Locked<State>

        // MARK: What waits

        func takeUp() throws(MongoError) {
            while true {
                let waiting = try waiting()
                guard !waiting.isEmpty else { return }
                try chain(waiting)
                try remove(waiting)
                if waiting.count < limits.batch { return }
            }
        }

        private func waiting() throws(MongoError) -> [SealedEntry] {
            var waiting: [SealedEntry] = []
            try connection.find(
                Collection.auditPending.rawValue,
                BSONDocument(),
                in: database,
                options: .init(sort: .keys(("_id", 1)), limit: limits.batch)
            ) { (document: BSONDocument) throws(MongoError) in
                guard let entry = SealedEntry(document) else {
                    throw .refusal(
                        "read an entry that waits for the audit trail: it is not one. Look at audit_pending."
                    )
                }
                waiting.append(entry)
                return true
            }
            return waiting.sorted { ($0.at, $0.origin.description) < ($1.at, $1.origin.description) }
        }

        private func remove(_ entries: [SealedEntry]) throws(MongoError) {
            let those = entries.map { entry in
                var filter = BSONDocument()
                filter.append("_id", entry.origin)
                return (filter: filter, limit: 1)
            }
            _ = try connection.delete(those, in: Collection.auditPending.rawValue, of: database)
        }

        // MARK: Chaining

        func chain(_ entries: [SealedEntry]) throws(MongoError) {
            var rest = entries[...]
            var attempt = 0
            while !rest.isEmpty {
                do throws(MongoError) {
                    rest = rest.dropFirst(try link(rest.prefix(limits.batch)))
                } catch  where Self.isWorthRepeating(error) && attempt < limits.attempts {
                    // Another node was first, or it is not known how far this got: what is chained is found by its origin.
                    pause(attempt)
                    attempt += 1
                    state.withLock { $0.head = nil }
                    let known = try chained(rest)
                    rest = rest.filter { !known.contains($0.origin) }[...]
                }
            }
        }

        /// - Returns: how many were chained: all.
        private func link(_ entries: ArraySlice<SealedEntry>) throws(MongoError) -> Int {
            let known = state.withLock { $0.head }
            var head = if let known { known } else { try lastLink()?.head ?? .empty }
            var documents: [BSONDocument] = []
            for entry in entries {
                let link = AuditLink(entry, after: head)
                documents.append(link.document)
                head = link.head
            }
            try connection.insert(documents, into: Collection.audit.rawValue, in: database)
            let end = head
            state.withLock { $0.head = end }
            return entries.count
        }

        private static func isWorthRepeating(_ error: MongoError) -> Bool {
            error.kind == .duplicateKey || error.asksForRepetition
        }

        private func pause(_ attempt: Int) {
            let longest = min(limits.retryCeilingMilliseconds, limits.retryFloorMilliseconds << min(attempt, 16))
            usleep(UInt32(Int.random(in: longest * 500...longest * 1_000)))
        }

        // MARK: What cannot be taken back any more

        /// By a majority read: a chain continued after an entry that a failover takes back would have a gap for ever.
        private func lastLink() throws(MongoError) -> AuditLink? {
            let found = try majority(BSONDocument()) {
                $0.append("sort", BSONDocument.keys(("_id", -1)))
                $0.append("limit", Int64(1))
            }
            guard let document = found.first else { return nil }
            guard let link = AuditLink(document) else {
                throw .refusal("continue the audit trail: its last entry was altered. Run backchannel audit verify.")
            }
            return link
        }

        private func chained(_ entries: ArraySlice<SealedEntry>) throws(MongoError) -> Set<[UInt8]> {
            var known: Set<[UInt8]> = []
            var rest = entries
            // One answer holds all: an origin is a small document.
            while !rest.isEmpty {
                var filter = BSONDocument()
                filter.append("origin") {
                    $0.append("$in") { (array: inout BSONArray) in
                        for entry in rest.prefix(limits.batch) { array.append(entry.origin) }
                    }
                }
                let found = try majority(filter) {
                    $0.append("projection", BSONDocument.only("origin"))
                    $0.append("batchSize", Int64(limits.batch))
                }
                known.formUnion(found.compactMap { $0.binary("origin") })
                rest = rest.dropFirst(limits.batch)
            }
            return known
        }

        private func majority(
            _ filter: BSONDocument,
            _ options: (inout BSONDocument) -> Void
        ) throws(MongoError) -> [BSONDocument] {
            var command = BSONDocument.command("find", Collection.audit.rawValue)
            command.append("filter", filter)
            options(&command)
            command.append("singleBatch", true)
            command.append("readConcern") { $0.append("level", "majority") }
            let reply = try connection.command(command, on: database)
            return (reply.document("cursor")?.array("firstBatch") ?? []).compactMap(\.document)
        }

        // MARK: The head

        /// Notes how far the chain has come, so that entries missing at its end are missed.
        func noteHead() throws(MongoError) {
            guard let head = state.withLock({ $0.head }) else { return }
            var change = BSONDocument()
            change.append("$max") { $0.append("head", head.document) }
            let update = MongoUpdate(filter: .id(AuditHead.noteID), update: change, upsert: true)
            _ = try connection.update([update], in: Collection.mark.rawValue, of: database)
            state.withLock { $0.noted = .now }
        }
    }
}

extension AuditHead {
    /// In the collection `backchannel`.
    static let noteID = "audit"

    /// Later heads compare as greater, since the place comes first.
    var document: BSONDocument {
        var document = BSONDocument()
        document.append("sequence", sequence)
        document.append("hash", hash)
        return document
    }

    init?(_ document: BSONDocument) {
        guard let sequence = document.int64("sequence"), let hash = document.binary("hash") else { return nil }
        self.init(sequence: sequence, hash: hash)
    }
}
