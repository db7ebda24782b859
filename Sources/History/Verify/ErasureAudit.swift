import Analytics
import Chat
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

    /// Some of the texts that messages had before; those of erased ones should be gone.
    ///
    /// - Parameter body: also told the message's id.
    /// - Returns: where the next ones begin after; `nil` when there are no more.
    func pageOfEdits(
        after position: BSONDocument?,
        _ count: inout Int,
        _ body: (Difference, _ message: String) -> Void
    ) throws(MongoError) -> BSONDocument? {
        var edits: [(id: String, message: String)] = []
        let next = try scan.page(.messageEdits, by: ["_id"], after: position, projection: .only("message_id")) {
            (document: BSONDocument) throws(MongoError) in
            guard let id = document.string("_id"), let message = document.string("message_id") else { return }
            edits.append((id, message))
        }
        count += edits.count
        let erased = try scan.reader.erasedMessages(among: Set(edits.map(\.message)))
        for edit in edits where erased.contains(edit.message) {
            let difference = Difference(
                .messageEdits,
                edit.id,
                "text",
                stored: "a text",
                expected: "nothing: erased"
            )
            body(difference, edit.message)
        }
        return next
    }

    /// Some items of the review queue; those who are erased should be named in none.
    ///
    /// - Parameter body: also told whom it names.
    /// - Returns: where the next ones begin after; `nil` when there are no more.
    func pageOfReviews(
        after position: BSONDocument?,
        _ erasedUsers: Set<String>,
        _ count: inout Int,
        _ body: (Difference, _ user: String) -> Void
    ) throws(MongoError) -> BSONDocument? {
        let waiting = erasedUsers.isEmpty ? [] : Set(try scan.waitingSweeps())
        return try scan.page(.reviewQueue, by: ["_id"], after: position) {
            (document: BSONDocument) throws(MongoError) in
            count += 1
            guard let id = document.string("_id"), !erasedUsers.isEmpty else { return }
            var named: Set<String> = []
            let stored = StoredReview(document)
            stored?.record.forEachUser { named.insert($0) }
            stored?.desk.forEachUser { named.insert($0) }
            for user in named.intersection(erasedUsers).sorted() {
                var difference = Difference(
                    .reviewQueue,
                    id,
                    "by",
                    stored: user,
                    expected: Pseudonym.of(user, salt: scan.settings.salt)
                )
                difference.isPending = waiting.contains(SweepKey.user(user).documentID)
                body(difference, user)
            }
        }
    }
}
