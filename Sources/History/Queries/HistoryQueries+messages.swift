package import Chat
import Limits
package import MongoDB

/// A message as it is stored, with who sent it.
package struct StoredMessage: Sendable {
    /// Without stamps.
    package let document: BSONDocument
    /// `nil` where no event told.
    package let sender: MessageSender?
}

package struct MessageSender: Sendable, Equatable {
    /// A pseudonym after an erasure.
    package let id: String
    package let name: String?
    package let image: String?
}

package struct MessagePage: Sendable {
    package let messages: [StoredMessage]
    /// All that match, on whatever page; `nil` when they are too many to be counted, or that would take too long.
    package let total: Int64?
    /// Where the next page begins after; `nil` on the last.
    package let next: MessagePosition?
}

package struct MessageSlice: Sendable {
    package let messages: [StoredMessage]
    /// Where the rest begins after; `nil` when there is none.
    package let next: MessagePosition?
}

package struct MessageDetails: Sendable {
    package let message: StoredMessage
    /// Texts that the message had before, oldest first, each unlike the one after it.
    package let edits: [(at: Timestamp, text: String)]
    /// Those that were not taken back, oldest first.
    package let reactions: [BSONDocument]
}

extension HistoryQueries {
    package func page(_ query: MessageQuery, limit: Int) throws(MongoError) -> MessagePage {
        let query = try narrowed(query)
        let times = try times(of: query)
        let slice = try found(query, times, limit: limit)
        let isWhole = slice.next == nil && query.after == nil
        return MessagePage(
            messages: slice.messages,
            total: isWhole ? Int64(slice.messages.count) : try count(query, times),
            next: slice.next
        )
    }

    /// A page without its total.
    package func slice(_ query: MessageQuery, limit: Int) throws(MongoError) -> MessageSlice {
        let query = try narrowed(query)
        return try found(query, try times(of: query), limit: limit)
    }

    /// `nil` when no event has told of this message itself.
    package func message(_ id: String) throws(MongoError) -> MessageDetails? {
        guard let document = try document(.messages, id), document.date("createdAt") != nil,
            let message = try withSenders([document]).first
        else { return nil }
        return MessageDetails(
            message: message,
            edits: try edits(of: id, now: document.string("text")),
            reactions: try reactions(to: id)
        )
    }

    /// What was written before and after a message in its channel, oldest first, the deleted too, at most `limit` each.
    package func messages(
        around id: String,
        writtenAt created: Timestamp,
        in cid: String,
        limit: Int
    ) throws(MongoError) -> (before: [StoredMessage], after: [StoredMessage]) {
        var query = MessageQuery()
        (query.channel, query.deleted) = (cid, .include)
        query.after = MessagePosition(createdAt: created, id: id)
        func found(_ order: MessageQuery.Order) throws(MongoError) -> [StoredMessage] {
            query.order = order
            let filter = query.filter(after: query.after)
            return try withSenders(
                try documents(.messages, filter, sort: query.sort, projection: .withoutStamps, limit: limit)
            )
        }
        return (before: try found(.newest).reversed(), after: try found(.oldest))
    }

    func withSenders(_ messages: [BSONDocument]) throws(MongoError) -> [StoredMessage] {
        let ids = Set(messages.compactMap { $0.string("sender_id") })
        var senders: [String: MessageSender] = [:]
        if !ids.isEmpty {
            var filter = BSONDocument()
            filter.append("_id") { $0.append("$in", ids.sorted()) }
            let profile = BSONDocument.keys(("name", 1), ("image", 1))
            for user in try documents(.users, filter, projection: profile, limit: ids.count) {
                guard let id = user.string("_id") else { continue }
                senders[id] = MessageSender(id: id, name: user.string("name"), image: user.string("image"))
            }
        }
        return messages.map { message in
            let sender = message.string("sender_id").map { id in
                senders[id] ?? MessageSender(id: id, name: nil, image: nil)
            }
            return StoredMessage(document: message, sender: sender)
        }
    }

    // MARK: Parts

    private func found(_ query: MessageQuery, _ times: TypedTimes?, limit: Int) throws(MongoError) -> MessageSlice {
        var found: [BSONDocument] = []
        let end = end
        for part in times?.parts(of: query) ?? [query] where found.count <= limit {
            found += try until(end).documents(
                .messages,
                part.filter(after: query.after),
                sort: query.sort,
                projection: .withoutStamps,
                hint: times == nil ? query.hint : .messagesInTime,
                limit: limit + 1 - found.count
            )
        }
        let hasMore = found.count > limit
        if hasMore { found.removeLast() }
        return MessageSlice(messages: try withSenders(found), next: hasMore ? found.last.flatMap(Self.position) : nil)
    }

    /// Answers are in the channel of what they answer, and channels have an index.
    private func narrowed(_ query: MessageQuery) throws(MongoError) -> MessageQuery {
        guard let parent = query.parent, query.channel == nil else { return query }
        var query = query
        query.channel = try documents(.messages, .id(parent), projection: .keys(("cid", 1)), limit: 1).first?
            .string("cid")
        return query
    }

    private func count(_ query: MessageQuery, _ times: TypedTimes?) throws(MongoError) -> Int64? {
        guard let times else { return try count(query, hint: query.hint) }
        guard times.messages <= limits.typedMessagesMost else { return nil }
        var whole = query
        whole.after = nil
        var sum: Int64 = 0
        for part in times.parts(of: whole) {
            guard let count = try count(part, hint: .messagesInTime) else { return nil }
            sum += count
        }
        return sum
    }

    private func count(_ query: MessageQuery, hint: Index?) throws(MongoError) -> Int64? {
        let stages = [
            Expression.stage("$match", .document(query.filter)),
            Expression.stage("$limit", .int64(Int64(limits.countMost) + 1)),
            Expression.stage("$count", .string("n")),
        ]
        do throws(MongoError) {
            let answer = try aggregate(.messages, stages, hint: hint, milliseconds: limits.countMilliseconds)
            let count = answer.first?.int64("n") ?? 0
            return count > limits.countMost ? nil : count
        } catch  where error.exceededTime {
            return nil
        }
    }

    private static func position(_ message: BSONDocument) -> MessagePosition? {
        guard let id = message.string("_id"), let createdAt = message.time("createdAt") else { return nil }
        return MessagePosition(createdAt: createdAt, id: id)
    }

    private func edits(of id: String, now text: String?) throws(MongoError) -> [(at: Timestamp, text: String)] {
        let found = try documents(
            .messageEdits,
            .equal("message_id", id),
            sort: .keys(("at", 1), ("_id", 1)),
            limit: limits.detailRows
        )
        var edits: [(at: Timestamp, text: String)] = []
        for edit in found {
            guard let at = edit.time("at"), let text = edit.string("text"), edits.last?.text != text else { continue }
            edits.append((at, text))
        }
        // A change of something else, such as a pin, is a version with the same text.
        if let last = edits.last, last.text == text { edits.removeLast() }
        return edits
    }

    private func reactions(to id: String) throws(MongoError) -> [BSONDocument] {
        var filter = BSONDocument.equal("message_id", id)
        filter.append("present", true)
        return try documents(
            .reactions,
            filter,
            sort: .keys(("createdAt", 1), ("_id", 1)),
            projection: .keys(("_id", 0), ("type", 1), ("user_id", 1), ("score", 1), ("createdAt", 1)),
            limit: limits.detailRows
        )
    }
}
