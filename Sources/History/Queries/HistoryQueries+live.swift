package import Chat
import Limits
package import MongoDB

/// What readers of the live feed are told of an event beside the log's entry.
package struct LiveDetails: Sendable {
    /// Of the message.
    package var sender: String?
    /// What message or channel are about.
    package var listing: String?
    /// As the message reads by now; `nil` without one, or when it was deleted.
    package var text: String?
}

extension HistoryQueries {
    /// In the order of `entries`: two queries, however many they are.
    package func liveDetails(of entries: [LogEntry]) throws(MongoError) -> [LiveDetails] {
        let messages = try byID(
            .messages,
            Set(entries.compactMap(\.messageID)),
            .only("sender_id", "listing_id", "text", "deletedAt")
        )
        let unknown = entries.filter { entry in
            entry.messageID.flatMap { messages[$0]?.string("listing_id") } == nil
        }
        let channels = try byID(.channels, Set(unknown.compactMap(\.cid)), .only("listing_id"))
        return entries.map { entry in
            let message = entry.messageID.flatMap { messages[$0] }
            var details = LiveDetails()
            details.sender = message?.string("sender_id")
            details.listing =
                message?.string("listing_id") ?? entry.cid.flatMap { channels[$0]?.string("listing_id") }
            if message?.date("deletedAt") == nil { details.text = message?.string("text") }
            return details
        }
    }

    /// Events received from an instant on, as the log stands at a moment, which must be the last of its time.
    ///
    /// - Throws: also when that takes longer than counting may.
    package func eventCount(since: Timestamp, at moment: LogMoment) throws(MongoError) -> Int64 {
        var match = BSONDocument()
        match.append("$match") { $0.append("received") { $0.append("$gte", date: since.milliseconds) } }
        var count = BSONDocument()
        count.append("$count", "n")
        var command = BSONDocument.command("aggregate", Collection.events.rawValue)
        command.append("pipeline") { (stages: inout BSONArray) in
            for stage: BSONDocument in [match, count] { stages.append(stage) }
        }
        command.append("cursor", BSONDocument())
        command.append("maxTimeMS", Int64(limits.countMilliseconds))
        command.append("readConcern") {
            $0.append("level", "snapshot")
            $0.append("atClusterTime", value: .timestamp(moment.time))
        }
        let request = command
        return try store.pool.withConnection { connection throws(MongoError) in
            let reply = try connection.command(request, on: store.database)
            return reply.document("cursor")?.array("firstBatch")?.first?.document?.int64("n") ?? 0
        }
    }

    /// What waits for moderators, counted up to `most`.
    package func openReviews(most: Int) throws(MongoError) -> Int64 {
        var match = BSONDocument()
        match.append("$match") { $0.append("open", true) }
        var limit = BSONDocument()
        limit.append("$limit", Int64(most))
        var count = BSONDocument()
        count.append("$count", "n")
        return try aggregate(.reviewQueue, [match, limit, count], milliseconds: limits.countMilliseconds)
            .first?.int64("n") ?? 0
    }

    private func byID(
        _ collection: Collection,
        _ ids: Set<String>,
        _ fields: BSONDocument
    ) throws(MongoError) -> [String: BSONDocument] {
        guard !ids.isEmpty else { return [:] }
        var filter = BSONDocument()
        filter.append("_id", in: ids.sorted())
        var found: [String: BSONDocument] = [:]
        for document in try documents(collection, filter, projection: fields, limit: ids.count) {
            if let id = document.string("_id") { found[id] = document }
        }
        return found
    }
}
