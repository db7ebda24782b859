import Analytics
package import Chat
import MongoDB

/// Which messages, and in which order.
///
/// Messages that only other events point to are none.
package struct MessageQuery: Sendable, Equatable {
    package enum Order: String, Sendable, CaseIterable { case newest, oldest }
    package enum Deleted: String, Sendable, CaseIterable { case exclude, include, only }

    package var channel: String?
    package var user: String?
    package var listing: String?
    /// The message this is an answer to, in a thread.
    package var parent: String?
    /// The business type, else the provider's.
    package var type: String?
    package var isFlagged: Bool?
    /// The first instant that counts, and the first that no longer does; in whole milliseconds.
    package var from: Timestamp?
    package var to: Timestamp?
    package var deleted = Deleted.exclude
    package var order = Order.newest
    /// Where the page before ended.
    package var after: MessagePosition?

    package init() {}
}

/// A message's place in time.
package struct MessagePosition: Sendable, Equatable {
    /// In whole milliseconds.
    package var createdAt: Timestamp
    package var id: String
    package init(createdAt: Timestamp, id: String) { (self.createdAt, self.id) = (createdAt, id) }
}

extension MessageQuery {
    var sort: BSONDocument {
        let direction: Int32 = order == .newest ? -1 : 1
        return .keys(("createdAt", direction), ("_id", direction))
    }

    /// All that match, wherever the page begins.
    var filter: BSONDocument { filter(after: nil) }

    /// - Parameter position: only what comes after it, found by the index that gives the order.
    func filter(after position: MessagePosition?) -> BSONDocument {
        var filter = BSONDocument(capacity: 256)
        filter.append("cid", ifPresent: channel)
        filter.append("sender_id", ifPresent: user)
        filter.append("listing_id", ifPresent: listing)
        filter.append("parent_id", ifPresent: parent)
        switch isFlagged {
        case true?: filter.append("is_flagged", true)
        case false?: filter.append("is_flagged") { $0.append("$ne", true) }
        case nil: break
        }
        if deleted != .include { filter.append("deletedAt") { $0.append("$exists", deleted == .only) } }
        filter.append("createdAt") { appendBounds(to: &$0, after: position) }
        let alternatives = [type.map(typeAlternatives), position.map(positionAlternatives)].compactMap(\.self)
        guard !alternatives.isEmpty else { return filter }
        filter.append("$and") { (array: inout BSONArray) in
            for alternative in alternatives { array.append(alternative) }
        }
        return filter
    }

    /// Also without bounds of its own: comparing with a date leaves out what has no creation time.
    private func appendBounds(to bounds: inout BSONDocument, after position: MessagePosition?) {
        var first = from?.milliseconds ?? .min
        var end = to?.milliseconds
        if let position {
            let time = position.createdAt.milliseconds
            switch order {
            case .newest: end = min(end ?? .max, time + 1)
            case .oldest: first = max(first, time)
            }
        }
        bounds.append("$gte", date: first)
        if let end { bounds.append("$lt", date: end) }
    }

    private func typeAlternatives(_ type: String) -> BSONDocument {
        var provider = BSONDocument.equal("type", type)
        provider.append("message_type") { $0.append("$exists", false) }
        return .anyOf(.equal("message_type", type), provider)
    }

    /// Nothing else finds them as quickly, where there is no such thing as a channel to look in.
    var hint: Index? { deleted == .only && isOfEveryone ? .deletedMessages : nil }

    /// Of no channel, user, listing or thread.
    var isOfEveryone: Bool { channel == nil && user == nil && listing == nil && parent == nil }

    /// What of it lies in some quarter-hours; `nil` where that is nothing, or comes before the page.
    func within(_ span: Range<Quarter>) -> MessageQuery? {
        var part = self
        let (start, end) = (span.lowerBound.start, span.upperBound.start)
        (part.from, part.to) = (max(from ?? start, start), min(to ?? end, end))
        guard let from = part.from, let to = part.to, from < to else { return nil }
        guard let after else { return part }
        return (order == .newest ? from <= after.createdAt : after.createdAt < to) ? part : nil
    }

    /// Within the bounds: another instant, or the same and a later id.
    private func positionAlternatives(_ position: MessagePosition) -> BSONDocument {
        var time = BSONDocument()
        time.append("createdAt") { $0.append("$ne", date: position.createdAt.milliseconds) }
        var id = BSONDocument()
        id.append("_id") { $0.append(order == .newest ? "$lt" : "$gt", position.id) }
        return .anyOf(time, id)
    }
}

extension BSONDocument {
    static func equal(_ field: String, _ value: String) -> BSONDocument {
        var filter = BSONDocument()
        filter.append(field, value)
        return filter
    }

    fileprivate static func anyOf(_ filters: BSONDocument...) -> BSONDocument {
        var document = BSONDocument()
        document.append("$or") { (array: inout BSONArray) in for filter in filters { array.append(filter) } }
        return document
    }
}
