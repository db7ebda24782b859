package import Chat
package import MongoDB

/// Reads records as they are now, one question after the other, outside of any transaction.
///
/// Every call blocks.
package struct HistoryReader: EntityReader {
    private let store: HistoryStore

    package init(_ store: HistoryStore) { self.store = store }

    package func knownEvents(among ids: [EventID]) throws(MongoError) -> Set<EventID> {
        try read { (reader) throws(MongoError) in try reader.knownEvents(among: ids) }
    }

    package func erasedUsers(among ids: Set<String>) throws(MongoError) -> Set<String> {
        try read { (reader) throws(MongoError) in try reader.erasedUsers(among: ids) }
    }

    package func load<Record: StoredRecord>(
        _ type: Record.Type,
        _ keys: Set<Record.Key>
    ) throws(MongoError) -> [Record] {
        try read { (reader) throws(MongoError) in try reader.load(type, keys) }
    }

    package func lastMessages(
        of author: MessageAuthor,
        through: Timestamp,
        limit: Int
    ) throws(MongoError) -> [MessageState] {
        try read { (reader) throws(MongoError) in try reader.lastMessages(of: author, through: through, limit: limit) }
    }

    package func memberships(of owner: MessageAuthor, limit: Int) throws(MongoError) -> [MemberRecord] {
        try read { (reader) throws(MongoError) in try reader.memberships(of: owner, limit: limit) }
    }

    package func bodies(ofMessages ids: [String], type: EventType) throws(MongoError) -> [StoredBody] {
        try read { (reader) throws(MongoError) in try reader.bodies(ofMessages: ids, type: type) }
    }

    package func bodies(beginning: [Int64], type: EventType) throws(MongoError) -> [StoredBody] {
        try read { (reader) throws(MongoError) in try reader.bodies(beginning: beginning, type: type) }
    }

    package func onlookers(
        of author: MessageAuthor,
        in times: ClosedRange<Timestamp>,
        limit: Int
    ) throws(MongoError) -> [Onlooker] {
        try read { (reader) throws(MongoError) in try reader.onlookers(of: author, in: times, limit: limit) }
    }

    /// What is known of the business of these channels, by `cid`.
    package func contexts(ofChannels ids: Set<String>) throws(MongoError) -> [String: BusinessContext] {
        let patterns = store.settings.patterns
        let channels = try load(ChannelRecord.self, ids)
        return Dictionary(channels.map { ($0.cid, $0.effectiveContext(patterns)) }) { first, _ in first }
    }

    private func read<Result>(
        _ body: (MongoEntityReader) throws(MongoError) -> Result
    ) throws(MongoError) -> Result {
        try store.pool.withConnection { connection throws(MongoError) in
            try body(MongoEntityReader(connection: connection, session: nil, database: store.database))
        }
    }
}
