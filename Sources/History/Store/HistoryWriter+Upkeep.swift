package import Chat
package import MongoDB

extension HistoryWriter {
    /// Keeps dead letters where every node and the dashboard see them.
    ///
    /// Safe to repeat. Of one that names an erased user or message only a tombstone is kept.
    package func keepDeadLetters(_ letters: [DeadLetter]) throws(MongoError) {
        let content = ErasedContent(connection, of: database)
        var updates: [MongoUpdate] = []
        for letter in letters {
            var filter = BSONDocument()
            filter.append("_id", letter.id.bytes)
            let document = letter.document(isErased: try content.isNamed(in: letter.body))
            var fields = BSONDocument(capacity: document.byteCount)
            for (key, value) in document where key != "_id" { fields.append(key, value: value) }
            var change = BSONDocument(capacity: document.byteCount + 64)
            // Not only on insert: whoever retried a letter removes it only if it has not failed again since.
            change.append("$set", fields)
            updates.append(MongoUpdate(filter: filter, update: change, upsert: true))
        }
        _ = try connection.update(updates, in: Collection.deadLetters.rawValue, of: database)
    }

    /// Drops raw bodies that are past their retention; id, digest, type and times remain.
    package func dropBodies(receivedBefore cutoff: Timestamp) throws(MongoError) {
        let from = try retainedSince()
        var filter = BSONDocument()
        filter.append("received") {
            if let from { $0.append("$gte", date: from) }
            $0.append("$lt", date: cutoff.milliseconds)
        }
        var change = BSONDocument()
        change.append("$unset", .ofEventBodies)
        let update = MongoUpdate(filter: filter, update: change, multi: true)
        _ = try connection.update([update], in: Collection.events.rawValue, of: database)
        var note = BSONDocument()
        note.append("$max") { $0.append("dropped_before", date: cutoff.milliseconds) }
        let noted = MongoUpdate(filter: .id(Self.retentionID), update: note, upsert: true)
        _ = try connection.update([noted], in: Collection.mark.rawValue, of: database)
    }

    private static let retentionID = "retention"

    /// Up to where earlier rounds came, so that each looks at what is new alone.
    private func retainedSince() throws(MongoError) -> Int64? {
        var since: Int64?
        try connection.find(Collection.mark.rawValue, .id(Self.retentionID), in: database) {
            (document: BSONDocument) throws(MongoError) in
            since = document.date("dropped_before")
            return false
        }
        return since
    }
}
