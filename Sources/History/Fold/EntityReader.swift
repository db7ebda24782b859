package import Chat
package import MongoDB

/// Reads what a batch has to know.
///
/// Blocking; within one call of ``BatchFold`` all answers come from one snapshot.
package protocol EntityReader {
    /// Those of these events that are in the log already.
    func knownEvents(among ids: [EventID]) throws(MongoError) -> Set<EventID>
    /// Those of these users whose profile and content are erased for ever.
    func erasedUsers(among ids: Set<String>) throws(MongoError) -> Set<String>
    /// The records stored under these keys; missing ones are left out.
    func load<Record: StoredRecord>(_ type: Record.Type, _ keys: Set<Record.Key>) throws(MongoError) -> [Record]
    /// The last messages made up to a time, newest first.
    func lastMessages(
        of author: MessageAuthor,
        through: Timestamp,
        limit: Int
    ) throws(MongoError) -> [MessageState]
    /// Memberships of a channel, or of a user, in no order.
    func memberships(of owner: MessageAuthor, limit: Int) throws(MongoError) -> [MemberRecord]
    /// Bodies of stored events that tell of these messages, with their ids, those of this type.
    func bodies(ofMessages ids: [String], type: EventType) throws(MongoError) -> [StoredBody]
    /// Bodies of stored events of this type by what their ids begin with: see ``EventID/tieBreak``.
    func bodies(beginning: [Int64], type: EventType) throws(MongoError) -> [StoredBody]
    /// The last events that were judged by an author's messages or joins without being one of them, newest first: see
    /// `Observation.isOnlooker`.
    ///
    /// - Parameter times: those they were judged at, to the millisecond.
    func onlookers(
        of author: MessageAuthor,
        in times: ClosedRange<Timestamp>,
        limit: Int
    ) throws(MongoError) -> [Onlooker]
}

/// Whose messages are looked for.
package enum MessageAuthor: Sendable, Hashable {
    case user(String)
    case channel(String)
    case userInChannel(String, cid: String)
}

/// An event's body as it is in the log.
package struct StoredBody: Sendable {
    package var id: EventID
    package var receivedAt: Timestamp
    package var body: [UInt8]

    package init(id: EventID, receivedAt: Timestamp, body: [UInt8]) {
        (self.id, self.receivedAt, self.body) = (id, receivedAt, body)
    }
}

/// An event of the log that was judged by what it is not counted with.
package struct Onlooker: Sendable {
    /// When it was judged, in whole milliseconds.
    package var time: Timestamp
    package var stored: StoredBody

    package init(time: Timestamp, stored: StoredBody) { (self.time, self.stored) = (time, stored) }
}

/// Records of one kind as a batch found them and as it leaves them.
package struct Table<Record: StoredRecord>: Sendable {
    package private(set) var before: [Record.Key: Record] = [:]
    package private(set) var after: [Record.Key: Record] = [:]

    /// Loads those of the keys that are not loaded yet.
    mutating func load(_ keys: Set<Record.Key>, from reader: borrowing some EntityReader) throws(MongoError) {
        let missing = after.isEmpty ? keys : keys.subtracting(after.keys)
        guard !missing.isEmpty else { return }
        after.reserveCapacity(after.count + missing.count)
        for record in try reader.load(Record.self, missing) {
            before[record.key] = record
            after[record.key] = record
        }
    }

    package init() {}

    /// Records as a batch leaves them.
    init(_ records: [Record]) { for record in records { after[record.key] = record } }

    package subscript(key: Record.Key) -> Record? { after[key] }

    /// Changes one record in place, made by `empty` where there is none.
    mutating func update(_ key: Record.Key, _ empty: @autoclosure () -> Record, _ change: (inout Record) -> Void) {
        change(&after[key, default: empty()])
    }

    /// Changes every record in place.
    mutating func updateAll(_ change: (inout Record) -> Void) {
        var index = after.startIndex
        while index != after.endIndex {
            change(&after.values[index])
            after.formIndex(after: &index)
        }
    }

    /// What the batch made or changed.
    package func forEachChange(_ body: (_ before: Record?, _ after: Record) -> Void) {
        for (key, record) in after {
            let before = before[key]
            if before != record { body(before, record) }
        }
    }

    /// The same by key: neighbours in an index are cheaper to write one after the other.
    func forEachChangeInOrder(
        _ body: (_ before: Record?, _ after: Record) -> Void
    ) where Record.Key: Comparable {
        for (key, index) in zip(after.keys, after.indices).sorted(by: { $0.0 < $1.0 }) {
            let (record, before) = (after.values[index], before[key])
            if before != record { body(before, record) }
        }
    }
}
