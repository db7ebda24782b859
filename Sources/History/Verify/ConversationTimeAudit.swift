import Analytics
import MongoDB

/// Finds times of conversations that no conversation has; those that are missing are found with their channels
/// (``ConversationAudit``).
///
/// Blocking.
struct ConversationTimeAudit {
    let scan: HistoryScan

    /// - Parameter each: is given the document as stored.
    /// - Returns: where the next page begins after; `nil` when this was the last.
    func page(
        after position: BSONDocument?,
        _ each: (BSONDocument, Difference) -> Void
    ) throws(MongoError) -> BSONDocument? {
        var documents: [BSONDocument] = []
        let last = try scan.page(ConversationTime.collection, by: ["_id"], after: position) { documents.append($0) }
        let times = documents.map(ConversationTime.init)
        let records = try scan.reader.load(ConversationRecord.self, Set(times.compactMap { $0?.cid }))
        let known = Set(records.flatMap(\.times))
        for (document, time) in zip(documents, times) {
            if let time, known.contains(time) { continue }
            let (kind, cid) = (time?.kind.rawValue ?? "what cannot be read", time?.cid ?? "")
            each(document, Difference(ConversationTime.collection, cid, "_id", stored: kind, expected: "nothing"))
        }
        return last
    }
}
