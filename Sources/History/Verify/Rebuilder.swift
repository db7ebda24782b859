import Analytics
import Chat
import Crypto
import Limits
package import MongoDB

/// Replaces everything derived by what the history gives: messages first, then what erasures left, then counters.
///
/// Every step is a transaction of a bounded size and mends what it finds wrong in it, so that a rebuild may run beside
/// the service, be interrupted, and be run again: what is right is left alone. Blocking.
package struct Rebuilder {
    private let store: HistoryStore
    private let patient: PatientWriter
    private let each: (Difference) -> Void

    /// - Parameter each: told of every difference that was mended.
    package init(_ store: HistoryStore, each: @escaping (Difference) -> Void) {
        (self.store, self.each) = (store, each)
        patient = PatientWriter(store)
    }

    /// - Returns: how many fields were mended.
    package func run() throws(MongoError) -> Int {
        let erasedUsers = try store.pool.withConnection { connection throws(MongoError) in
            try ErasureAudit(connection: connection, session: nil, database: store.database, settings: store.settings)
                .erasedUsers { _ in }
        }
        var mended = try mendTombstones(erasedUsers)
        mended += try mendMessages(erasedUsers)
        mended += try mendLeftovers(erasedUsers)
        for scope in TallyKey.Scope.allCases { mended += try mendCounters(of: scope) }
        return mended
    }

    // MARK: Messages

    private func mendMessages(_ erasedUsers: [String: String]) throws(MongoError) -> Int {
        var mended = 0
        var last: String? = ""
        while let after = last {
            let page = try patient.run { (writer) throws(MongoError) in
                try writer.withTransaction { session throws(MongoError) in
                    try mendPage(after: after, writer, session, erasedUsers)
                }
            }
            page.differences.forEach(each)
            mended += page.differences.count
            last = page.last
        }
        return mended
    }

    private struct Page {
        var last: String?
        var differences: [Difference]
    }

    private func mendPage(
        after id: String,
        _ writer: HistoryWriter,
        _ session: MongoSession,
        _ erasedUsers: [String: String]
    ) throws(MongoError) -> Page {
        let limit = Limits.Worker().sweepMessages
        let documents = try page(after: id, limit, writer, session)
        let audit = MessageAudit(
            connection: writer.connection,
            session: session,
            database: store.database,
            settings: store.settings,
            erasedUsers: erasedUsers
        )
        var plan = WritePlan()
        var tallies = Tallies(weights: store.settings.weights)
        var differences: [Difference] = []
        for finding in try audit.findings(in: documents) {
            let found = finding.differences
            guard !found.isEmpty else { continue }
            differences += found
            plan.mend(.messages, finding.after.record.id, finding.stored, finding.after.document)
            tallies.add(finding.before, finding.after)
            if finding.after.record.isErased { plan.purge(message: finding.after.record.id) }
        }
        if !differences.isEmpty { try sweeper(writer, session).commit(plan, tallies) }
        return Page(last: documents.count < limit ? nil : documents.last?.string("_id"), differences: differences)
    }

    private func page(
        after id: String,
        _ limit: Int,
        _ writer: HistoryWriter,
        _ session: MongoSession
    ) throws(MongoError) -> [BSONDocument] {
        var filter = BSONDocument()
        filter.append("_id") { $0.append("$gt", id) }
        var sort = BSONDocument()
        sort.append("_id", Int32(1))
        var documents: [BSONDocument] = []
        try writer.connection.find(
            Collection.messages.rawValue,
            filter,
            in: store.database,
            options: .init(sort: sort, limit: limit),
            session: session
        ) { (document: BSONDocument) throws(MongoError) in
            documents.append(document)
            return true
        }
        return documents
    }

    private func sweeper(_ writer: HistoryWriter, _ session: MongoSession) -> Sweeper {
        Sweeper(connection: writer.connection, session: session, database: store.database, settings: store.settings)
    }

    // MARK: Erasures

    private func mendTombstones(_ erasedUsers: [String: String]) throws(MongoError) -> Int {
        var mended = 0
        for user in erasedUsers.values.sorted() {
            let differences = try patient.run { (writer) throws(MongoError) in
                try writer.withTransaction { session throws(MongoError) in try mendTombstone(user, writer, session) }
            }
            differences.forEach(each)
            mended += differences.count
        }
        return mended
    }

    private func mendTombstone(
        _ user: String,
        _ writer: HistoryWriter,
        _ session: MongoSession
    ) throws(MongoError) -> [Difference] {
        var stored: BSONDocument?
        try writer.connection.find(Collection.users.rawValue, .id(user), in: store.database, session: session) {
            (document: BSONDocument) throws(MongoError) in
            stored = document
            return false
        }
        guard let stored, let tombstone = UserRecord(tombstone: stored) else { return [] }
        let counters = Set(TallyFields(.user).names)
        let differences = DocumentComparison(collection: .users, id: user, ignored: counters)
            .differences(stored: stored, expected: tombstone.document)
        guard !differences.isEmpty else { return [] }
        var plan = WritePlan()
        plan.mend(.users, user, stored, tombstone.document, except: counters)
        try plan.execute(writer.connection, session, store.database)
        return differences
    }

    /// What an erasure should have removed is found again, and removed the usual way.
    private func mendLeftovers(_ erasedUsers: [String: String]) throws(MongoError) -> Int {
        var messages: Set<String> = []
        var events: Set<String> = []
        var users: Set<String> = []
        var mended = 0
        try store.pool.withConnection { connection throws(MongoError) in
            let (database, settings) = (store.database, store.settings)
            _ = try ErasureAudit(connection: connection, session: nil, database: database, settings: settings)
                .forEachEdit { difference, message in
                    messages.insert(message)
                    each(difference)
                    mended += 1
                }
            let audit = EventAudit(
                connection: connection,
                session: nil,
                database: database,
                secrets: [],
                erasedUsers: Set(erasedUsers.values)
            )
            _ = try audit.forEachDifference { difference in
                guard difference.isMendable else { return }
                if difference.field == "references" {
                    users.insert(difference.stored)
                } else {
                    events.insert(difference.id)
                }
                each(difference)
                mended += 1
            }
        }
        for user in users.sorted() { try store.sweepAgain(user, patient) }
        try purge(messages, events)
        return mended
    }

    private func purge(_ messages: Set<String>, _ events: Set<String>) throws(MongoError) {
        let limit = Limits.Worker().sweepMessages
        for chunk in messages.sorted().chunks(of: limit) {
            try commit { plan in for id in chunk { plan.purge(message: id) } }
        }
        for chunk in events.sorted().chunks(of: limit) {
            try commit { plan in
                for id in chunk {
                    var filter = BSONDocument()
                    filter.append("_id", Hex.decode(id) ?? [])
                    plan.purgeBodies(of: filter)
                }
            }
        }
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

    // MARK: Counters

    private func mendCounters(of scope: TallyKey.Scope) throws(MongoError) -> Int {
        var mended = 0
        var wrong: [String] = []
        try store.pool.withConnection { connection throws(MongoError) in
            let audit = CounterAudit(
                connection: connection,
                session: nil,
                database: store.database,
                weights: store.settings.weights
            )
            _ = try audit.forEachRow(of: scope) { (row) throws(MongoError) in
                guard !row.differences(scope).isEmpty else { return }
                wrong.append(row.id)
                guard wrong.count == Limits.Worker().rebuildCounters else { return }
                mended += try mendCounters(of: scope, wrong)
                wrong.removeAll(keepingCapacity: true)
            }
        }
        return try mended + mendCounters(of: scope, wrong)
    }

    /// Counted again in a transaction: a batch that changes one of these counters meanwhile makes it start over.
    private func mendCounters(of scope: TallyKey.Scope, _ ids: [String]) throws(MongoError) -> Int {
        guard !ids.isEmpty else { return 0 }
        let differences = try patient.run { (writer) throws(MongoError) in
            try writer.withTransaction { session throws(MongoError) in
                try CounterMending(scope: scope, store: store, connection: writer.connection, session: session)
                    .mend(ids)
            }
        }
        differences.forEach(each)
        return differences.count
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
    fileprivate mutating func mend(
        _ collection: Collection,
        _ id: String,
        _ stored: BSONDocument,
        _ expected: BSONDocument,
        except kept: Set<String> = []
    ) {
        var before = BSONDocument(capacity: stored.byteCount)
        for (key, value) in stored where !kept.contains(key) { before.append(key, value: value) }
        var change = BSONDocument(capacity: 512)
        change.appendDifference(from: before, to: expected)
        if !change.isEmpty { update(MongoUpdate(filter: .id(id), update: change), in: collection) }
    }
}

extension Array {
    /// Neighbours in groups of `size`, the last one smaller.
    fileprivate func chunks(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
