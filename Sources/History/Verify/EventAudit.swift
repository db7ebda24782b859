import Chat
import Crypto
import MongoDB

/// The log: that ids are digests, that signatures verify, and that what events refer to is there.
///
/// Blocking.
struct EventAudit {
    let scan: HistoryScan
    /// By API key, where the pair is known; without any, signatures are not checked.
    let secrets: [(key: String?, code: HMACSHA256)]
    /// Ids, not pseudonyms.
    let erasedUsers: Set<String>

    struct Count {
        var events = 0
        /// Bodies that are still kept and were hashed.
        var bodies = 0
        var signatures = 0
    }

    /// An event without its body.
    private struct Entry {
        var id: String
        var messages: [String]
        var users: [String]
        var keepsBody: Bool
    }

    /// Some of the events, in the order of receipt.
    ///
    /// - Returns: where the next ones begin after; `nil` when there are no more.
    func page(
        after position: BSONDocument?,
        _ count: inout Count,
        _ body: (Difference) -> Void
    ) throws(MongoError) -> BSONDocument? {
        var entries: [Entry] = []
        let fields = BSONDocument.only("received", "references", "raw", "signature", "api_key")
        let next = try scan.page(.events, by: ["received", "_id"], after: position, projection: fields) {
            (document: BSONDocument) throws(MongoError) in
            guard let id = document.binary("_id") else { return }
            check(document, id, &count, body)
            let references = document.strings("references")
            entries.append(
                Entry(
                    id: Hex.encode(id),
                    messages: references.compactMap(Reference.messageID),
                    users: references.compactMap(Reference.userID),
                    keepsBody: document["raw"] != nil
                )
            )
        }
        try checkReferences(of: entries, body)
        return next
    }

    // MARK: Body and signature

    private func check(_ document: BSONDocument, _ id: [UInt8], _ count: inout Count, _ body: (Difference) -> Void) {
        count.events += 1
        guard let raw = document.binary("raw") else { return }
        count.bodies += 1
        let digest = SHA256.digest(raw)
        if digest != id {
            report(Hex.encode(id), "_id", "digest of another body", "digest \(Hex.encode(digest))", body)
        }
        guard !secrets.isEmpty, let signature = document.binary("signature"), !signature.isEmpty else { return }
        count.signatures += 1
        if !verifies(signature, of: raw, key: document.string("api_key")) {
            report(Hex.encode(id), "signature", "by no configured secret", "by one of the configured secrets", body)
        }
    }

    /// The named key's secrets first.
    private func verifies(_ signature: [UInt8], of raw: [UInt8], key: String?) -> Bool {
        let named = secrets.filter { $0.key == key }
        let others = secrets.filter { $0.key != key }
        return (named + others).contains { constantTimeEquals($0.code.sign(raw), signature) }
    }

    private func report(
        _ id: String,
        _ field: String,
        _ stored: String,
        _ expected: String,
        _ body: (Difference) -> Void
    ) {
        body(Difference(.events, id, field, stored: stored, expected: expected, isMendable: false))
    }

    // MARK: References

    private func checkReferences(of entries: [Entry], _ body: (Difference) -> Void) throws(MongoError) {
        let isErased = try messages(Set(entries.flatMap(\.messages)))
        for entry in entries {
            for message in entry.messages where isErased[message] == nil { body(missing(message, entry)) }
            let left = entry.users.filter(erasedUsers.contains)
            for user in left { body(try leftover("references", user, "the pseudonym: erased", entry, left)) }
            guard entry.keepsBody, !left.isEmpty || entry.messages.contains(where: { isErased[$0] == true }) else {
                continue
            }
            body(try leftover("raw", "a body", "nothing: erased", entry, left))
        }
    }

    private func missing(_ message: String, _ entry: Entry) -> Difference {
        Difference(
            .messages,
            message,
            "_id",
            stored: "nothing",
            expected: "a message: event \(entry.id) refers to it",
            isMendable: false
        )
    }

    /// - Parameter users: erased ones whom the event still names; the sweep of one of them may be about to come by.
    private func leftover(
        _ field: String,
        _ stored: String,
        _ expected: String,
        _ entry: Entry,
        _ users: [String]
    ) throws(MongoError) -> Difference {
        var difference = Difference(.events, entry.id, field, stored: stored, expected: expected)
        let waiting = Set(try scan.waitingSweeps())
        difference.isPending = users.contains { waiting.contains(SweepKey.user($0).documentID) }
        return difference
    }

    /// Which of these messages exist, and whether they are erased.
    private func messages(_ ids: Set<String>) throws(MongoError) -> [String: Bool] {
        var found: [String: Bool] = [:]
        var filter = BSONDocument()
        filter.append("_id", in: ids)
        try scan.find(.messages, filter, .init(projection: .only("erased"))) {
            (document: BSONDocument) throws(MongoError) in
            if let id = document.string("_id") { found[id] = document.bool("erased") ?? false }
        }
        return found
    }
}
