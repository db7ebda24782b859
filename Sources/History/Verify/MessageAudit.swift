import Chat
import Limits
import MongoDB

/// Every message beside what its channel, sender and the seller's reads make of it now.
///
/// Blocking.
struct MessageAudit {
    let scan: HistoryScan
    /// Erased users by their pseudonyms.
    let erasedUsers: [String: String]

    /// A message as stored and as it should be.
    struct Finding {
        let stored: BSONDocument
        let before: MessageState
        let after: MessageState

        var differences: [Difference] {
            DocumentComparison(collection: .messages, id: before.record.id)
                .differences(stored: stored, expected: after.document)
        }
    }

    /// Messages as the server gives them, a bounded number at a time.
    ///
    /// - Returns: how many there are.
    func forEachDifference(_ body: (Difference) -> Void) throws(MongoError) -> Int {
        var batch: [BSONDocument] = []
        var count = 0
        let most = Limits.Worker().scanDocuments
        try scan.find(.messages, BSONDocument(), .init(batchSize: most)) {
            (document: BSONDocument) throws(MongoError) in
            batch.append(document)
            count += 1
            guard batch.count == most else { return }
            for difference in try differences(in: batch) { body(difference) }
            batch.removeAll(keepingCapacity: true)
        }
        for difference in try differences(in: batch) { body(difference) }
        return count
    }

    private func differences(in documents: [BSONDocument]) throws(MongoError) -> [Difference] {
        let unreadable = documents.filter { MessageState($0) == nil }.map {
            Difference(
                .messages,
                $0.string("_id") ?? "?",
                "v",
                stored: "unreadable",
                expected: "the stamps of its fields",
                isMendable: false
            )
        }
        return try unreadable + findings(in: documents).flatMap(\.differences)
    }

    /// What each of these messages should be.
    func findings(in documents: [BSONDocument]) throws(MongoError) -> [Finding] {
        let known = documents.compactMap { document in MessageState(document).map { (document, $0) } }
        let states = known.map(\.1)
        let hidden = Set(states.compactMap { $0.record.sender.flatMap { erasedUsers[$0] } })
        let sweep = try Surroundings(of: states, users: hidden, scan.settings, scan.reader).sweep(states)
        let changed = Dictionary(sweep.changes.map { ($0.after.record.id, $0.after) }) { first, _ in first }
        return known.map { document, state in
            Finding(stored: document, before: state, after: changed[state.record.id] ?? state)
        }
    }
}
