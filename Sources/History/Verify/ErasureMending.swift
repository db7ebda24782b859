import Analytics
import Chat
import Crypto
import Limits
import MongoDB

/// Removes what erasures should have removed.
///
/// Blocking.
struct ErasureMending {
    let store: HistoryStore
    let patient: PatientWriter
    let erasedUsers: Set<String>
    let each: (Difference) -> Void

    // MARK: Tombstones

    /// - Returns: how many fields were mended.
    func mendTombstones() throws(MongoError) -> Int {
        var mended = 0
        for user in erasedUsers.sorted() {
            let differences = try patient.run { (writer) throws(MongoError) in
                try writer.withTransaction { session throws(MongoError) in
                    try mendTombstone(user, HistoryScan(store, writer.connection, session))
                }
            }
            differences.forEach(each)
            mended += differences.count
        }
        return mended
    }

    private func mendTombstone(_ user: String, _ scan: HistoryScan) throws(MongoError) -> [Difference] {
        var stored: BSONDocument?
        try scan.find(.users, .id(user)) { (document: BSONDocument) throws(MongoError) in stored = document }
        guard let stored, let tombstone = UserRecord(tombstone: stored) else { return [] }
        let counters = Set(TallyFields(.user).names)
        let differences = DocumentComparison(collection: .users, id: user, ignored: counters)
            .differences(stored: stored, expected: tombstone.document)
        guard !differences.isEmpty else { return [] }
        var plan = WritePlan()
        plan.mend(.users, user, stored, tombstone.document, except: counters)
        try plan.execute(scan.connection, scan.session, scan.database)
        return differences
    }

    // MARK: Leftovers

    private struct Leftovers {
        /// Whose earlier texts are still there.
        var messages: Set<String> = []
        /// Which still have their bodies; ids in hex.
        var events: Set<String> = []
        /// Whom the log or the review queue still names.
        var users: Set<String> = []
        var count = 0
    }

    /// Texts, bodies and references that are still there are removed the usual way.
    ///
    /// - Returns: how many there were.
    func mendLeftovers() throws(MongoError) -> Int {
        let left = try leftovers()
        for user in left.users.sorted() { try store.sweepAgain(user, patient) }
        let limit = Limits.Worker().sweepMessages
        for chunk in left.messages.sorted().chunks(of: limit) {
            try commit { plan in for id in chunk { plan.purge(message: id) } }
        }
        for chunk in left.events.sorted().chunks(of: limit) {
            try commit { plan in for id in chunk { plan.purgeBody(ofEvent: id) } }
        }
        return left.count
    }

    private func leftovers() throws(MongoError) -> Leftovers {
        var left = Leftovers()
        func note(_ difference: Difference) {
            left.count += 1
            each(difference)
        }
        try store.pool.withConnection { connection throws(MongoError) in
            let moments = Moments(store: store, connection: connection, inSnapshot: false)
            var (edits, log) = (0, EventAudit.Count())
            try moments.pages { (scan, position) throws(MongoError) in
                try ErasureAudit(scan: scan).pageOfEdits(after: position, &edits) { difference, message in
                    left.messages.insert(message)
                    note(difference)
                }
            }
            var reviews = 0
            try moments.pages { (scan, position) throws(MongoError) in
                try ErasureAudit(scan: scan).pageOfReviews(after: position, erasedUsers, &reviews) { difference, user in
                    guard !difference.isPending else { return }
                    left.users.insert(user)
                    note(difference)
                }
            }
            try moments.pages { (scan, position) throws(MongoError) in
                try EventAudit(scan: scan, secrets: [], erasedUsers: erasedUsers).page(after: position, &log) {
                    guard $0.isMendable, !$0.isPending else { return }
                    if $0.field == "references" { left.users.insert($0.stored) } else { left.events.insert($0.id) }
                    note($0)
                }
            }
        }
        return left
    }

    private func commit(_ fill: (inout WritePlan) -> Void) throws(MongoError) {
        var plan = WritePlan()
        fill(&plan)
        try patient.run { (writer) throws(MongoError) in
            _ = try writer.withTransaction { session throws(MongoError) in
                try plan.execute(writer.connection, session, store.database)
            }
        }
    }
}

extension UserRecord {
    /// What a tombstone may hold of what is stored.
    init?(tombstone document: BSONDocument) {
        guard let record = UserRecord(document), record.isErased else { return nil }
        self = record
        // Merging drops what an erased user must not have.
        merge(UserRecord(id: record.id))
    }
}

extension WritePlan {
    /// - Parameter id: in hex.
    fileprivate mutating func purgeBody(ofEvent id: String) {
        var filter = BSONDocument()
        filter.append("_id", Hex.decode(id) ?? [])
        purgeBodies(of: filter)
    }
}

extension Array {
    /// Neighbours in groups of `size`, the last one smaller.
    fileprivate func chunks(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
