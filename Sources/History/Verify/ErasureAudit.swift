import Analytics
import Chat
import Limits
import MongoDB

/// That nothing of an erased user or message is left where nobody would look for it.
///
/// Blocking.
struct ErasureAudit {
    let scan: HistoryScan

    /// Erased users by their pseudonyms; their tombstones hold nothing but watermarks and counters.
    ///
    /// Takes memory for every erased user.
    func erasedUsers(_ body: (Difference) -> Void) throws(MongoError) -> [String: String] {
        var users: [String: String] = [:]
        var filter = BSONDocument()
        filter.append("erased", true)
        try scan.find(.users, filter) { (document: BSONDocument) throws(MongoError) in
            guard let id = document.string("_id"), let tombstone = UserRecord(tombstone: document) else { return }
            users[Pseudonym.of(id, salt: scan.settings.salt)] = id
            let comparison = DocumentComparison(
                collection: .users,
                id: id,
                ignored: Set(TallyFields(.user).names)
            )
            comparison.differences(stored: document, expected: tombstone.document).forEach(body)
        }
        return users
    }

    /// Texts that an erased message had before, with the message's id.
    ///
    /// - Returns: how many earlier texts there are.
    func forEachEdit(_ body: (Difference, _ message: String) -> Void) throws(MongoError) -> Int {
        var batch: [(id: String, message: String)] = []
        var count = 0
        let most = Limits.Worker().scanDocuments
        try scan.find(.messageEdits, BSONDocument(), .init(projection: .only("message_id"), batchSize: most)) {
            (document: BSONDocument) throws(MongoError) in
            guard let id = document.string("_id"), let message = document.string("message_id") else { return }
            count += 1
            batch.append((id, message))
            guard batch.count == most else { return }
            try report(batch, body)
            batch.removeAll(keepingCapacity: true)
        }
        try report(batch, body)
        return count
    }

    private func report(_ edits: [(id: String, message: String)], _ body: (Difference, String) -> Void)
        throws(MongoError)
    {
        let erased = try scan.reader.erasedMessages(among: Set(edits.map(\.message)))
        for edit in edits where erased.contains(edit.message) {
            body(
                Difference(.messageEdits, edit.id, "text", stored: "a text", expected: "nothing: erased"),
                edit.message
            )
        }
    }
}
