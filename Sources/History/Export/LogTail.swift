package import Chat
import Crypto
package import MongoDB

/// An event of the log, without its body.
package struct LogEntry: Sendable, Equatable {
    /// In hex.
    package let id: String
    package let type: String
    package let cid: String?
    /// The provider's time, and ours, in whole milliseconds.
    package let at: Timestamp
    package let received: Timestamp
    package let messageID: String?
    /// Users and threads that it names: see ``Reference``.
    package let references: [String]
    package let isErased: Bool

    /// What it is read of.
    static let fields = ["_id", "type", "cid", "at", "received", "message_id", "references", "erased"]

    init?(_ document: BSONDocument) {
        guard let id = document.binary("_id"), let received = document.time("received") else { return nil }
        self.id = Hex.encode(id)
        (type, cid) = (document.string("type") ?? "", document.string("cid"))
        (at, self.received) = (document.time("at") ?? received, received)
        (messageID, references) = (document.string("message_id"), document.strings("references"))
        isErased = document.bool("erased") ?? false
    }
}

/// Follows the log: gives every event once, in the order of receipt as far as nodes store in that order.
///
/// Each look goes back a little, ``windowSeconds`` or ``windowEvents``: an event stored later than others that were
/// received after it is still found within that.
package struct LogTail {
    package static let windowSeconds: Int64 = 60
    package static let windowEvents = 5_000

    private let store: HistoryStore
    /// Nothing received before is looked for again.
    private var from: Timestamp
    /// What was given lately, by the order of giving.
    private var recent: [LogEntry] = []

    package init(_ store: HistoryStore, since: Timestamp) { (self.store, from) = (store, since) }

    /// What is new, at most `limit` of it; blocking.
    package mutating func next(limit: Int) throws(MongoError) -> [LogEntry] {
        let known = Set(recent.map(\.id))
        var entries: [LogEntry] = []
        try store.pool.withConnection { connection throws(MongoError) in
            var filter = BSONDocument()
            filter.append("received") { $0.append("$gte", date: from.milliseconds) }
            let fields = BSONDocument.only("type", "cid", "at", "received", "message_id", "references", "erased")
            try connection.find(
                Collection.events.rawValue,
                filter,
                in: store.database,
                options: .init(sort: .keys(("received", 1), ("_id", 1)), projection: fields)
            ) { (document: BSONDocument) throws(MongoError) in
                if let entry = LogEntry(document), !known.contains(entry.id) { entries.append(entry) }
                return entries.count < limit
            }
        }
        forget(after: entries)
        return entries
    }

    private mutating func forget(after entries: [LogEntry]) {
        guard let last = entries.last else { return }
        recent += entries
        let start = Timestamp(milliseconds: last.received.milliseconds - Self.windowSeconds * 1_000)
        recent.removeAll { $0.received < start }
        from = max(from, start)
        guard recent.count > Self.windowEvents else { return }
        // Whatever was received in the same millisecond as the first one kept has to be known still.
        let first = recent[recent.count - Self.windowEvents].received
        recent.removeAll { $0.received < first }
        from = max(from, first)
    }
}
