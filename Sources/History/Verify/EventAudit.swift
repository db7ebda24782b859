import Chat
import Crypto
import Limits
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

    func forEachDifference(_ body: (Difference) -> Void) throws(MongoError) -> Count {
        var count = Count()
        var batch: [Entry] = []
        let most = Limits.Worker().scanDocuments
        let fields = BSONDocument.only("references", "raw", "signature", "api_key")
        try scan.find(.events, BSONDocument(), .init(projection: fields)) {
            (document: BSONDocument) throws(MongoError) in
            guard let id = document.binary("_id") else { return }
            check(document, id, &count, body)
            let references = document.strings("references")
            batch.append(
                Entry(
                    id: Hex.encode(id),
                    messages: references.compactMap(Reference.messageID),
                    users: references.compactMap(Reference.userID),
                    keepsBody: document["raw"] != nil
                )
            )
            guard batch.count == most else { return }
            try checkReferences(of: batch, body)
            batch.removeAll(keepingCapacity: true)
        }
        try checkReferences(of: batch, body)
        return count
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
        guard !entries.isEmpty else { return }
        let isErased = try messages(Set(entries.flatMap(\.messages)))
        for entry in entries {
            for message in entry.messages where isErased[message] == nil {
                body(
                    Difference(
                        .messages,
                        message,
                        "_id",
                        stored: "nothing",
                        expected: "a message: event \(entry.id) refers to it",
                        isMendable: false
                    )
                )
            }
            let leftUsers = entry.users.filter(erasedUsers.contains)
            for user in leftUsers {
                body(Difference(.events, entry.id, "references", stored: user, expected: "the pseudonym: erased"))
            }
            let holdsErased = !leftUsers.isEmpty || entry.messages.contains { isErased[$0] == true }
            if entry.keepsBody, holdsErased {
                body(Difference(.events, entry.id, "raw", stored: "a body", expected: "nothing: erased"))
            }
        }
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
