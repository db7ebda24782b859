import Analytics
import Chat
import Limits
import MongoDB

/// Brings every message in line with its channel, sender and the seller's reads, page by page.
///
/// Each page is read and mended in one transaction. Blocking.
struct MessageMending {
    let store: HistoryStore
    let patient: PatientWriter
    /// By their pseudonyms.
    let erasedUsers: [String: String]
    let each: (Difference) -> Void

    private struct Page {
        /// Where the next one begins after; `nil` when this was the last.
        var last: String?
        var differences: [Difference]
    }

    /// - Returns: how many fields were mended.
    func mend() throws(MongoError) -> Int {
        var mended = 0
        var last: String? = ""
        while let after = last {
            let page = try patient.run { (writer) throws(MongoError) in
                try writer.withTransaction { session throws(MongoError) in
                    try mendPage(after: after, HistoryScan(store, writer.connection, session), session)
                }
            }
            page.differences.forEach(each)
            mended += page.differences.count
            last = page.last
        }
        return mended
    }

    private func mendPage(
        after id: String,
        _ scan: HistoryScan,
        _ session: MongoSession
    ) throws(MongoError) -> Page {
        let limit = Limits.Worker().sweepMessages
        let documents = try documents(after: id, limit, scan)
        var plan = WritePlan()
        var tallies = Tallies(store.settings)
        var differences: [Difference] = []
        for finding in try MessageAudit(scan: scan, erasedUsers: erasedUsers).findings(in: documents) {
            let found = finding.differences
            guard !found.isEmpty else { continue }
            differences += found
            plan.mend(.messages, finding.after.record.id, finding.stored, finding.after.document)
            tallies.add(finding.before, finding.after)
            if finding.after.record.isErased { plan.purge(message: finding.after.record.id) }
        }
        if !differences.isEmpty {
            let sweeper = Sweeper(
                connection: scan.connection,
                session: session,
                database: scan.database,
                settings: scan.settings
            )
            try sweeper.commit(plan, tallies)
        }
        return Page(last: documents.count < limit ? nil : documents.last?.string("_id"), differences: differences)
    }

    private func documents(after id: String, _ limit: Int, _ scan: HistoryScan) throws(MongoError) -> [BSONDocument] {
        var filter = BSONDocument()
        filter.append("_id") { $0.append("$gt", id) }
        var documents: [BSONDocument] = []
        try scan.find(.messages, filter, .init(sort: .keys(("_id", 1)), limit: limit)) {
            (document: BSONDocument) throws(MongoError) in documents.append(document)
        }
        return documents
    }
}

extension WritePlan {
    /// Sets what differs and removes what should not be there, but for some fields.
    mutating func mend(
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
