import Analytics
import Chat
import MongoDB

/// Reads for one batch in one snapshot: channels' documents once, of which conversations are a part.
final class BatchReader: EntityReader {
    private let reader: MongoEntityReader
    /// The conversations of the channels that were read, in documents of their own; `nil` where there is no channel.
    private var conversations: [String: BSONDocument?] = [:]
    /// What reads took, together.
    private(set) var elapsed = Duration.zero

    init(_ reader: MongoEntityReader) { self.reader = reader }

    func knownEvents(among ids: [EventID]) throws(MongoError) -> Set<EventID> {
        try timed { () throws(MongoError) in try reader.knownEvents(among: ids) }
    }

    func erasedUsers(among ids: Set<String>) throws(MongoError) -> Set<String> {
        try timed { () throws(MongoError) in try reader.erasedUsers(among: ids) }
    }

    func load<Record: StoredRecord>(_ type: Record.Type, _ keys: Set<Record.Key>) throws(MongoError) -> [Record] {
        try timed { () throws(MongoError) in
            switch Record.self {
            case is ChannelRecord.Type: try loadChannels(type, keys)
            case is ConversationRecord.Type: try loadConversations(type, keys)
            default: try reader.load(type, keys)
            }
        }
    }

    func lastMessages(
        of author: MessageAuthor,
        through: Timestamp,
        limit: Int
    ) throws(MongoError) -> [MessageState] {
        try timed { () throws(MongoError) in try reader.lastMessages(of: author, through: through, limit: limit) }
    }

    func memberships(of owner: MessageAuthor, limit: Int) throws(MongoError) -> [MemberRecord] {
        try timed { () throws(MongoError) in try reader.memberships(of: owner, limit: limit) }
    }

    func bodies(ofMessages ids: [String], type: EventType) throws(MongoError) -> [StoredBody] {
        try timed { () throws(MongoError) in try reader.bodies(ofMessages: ids, type: type) }
    }

    func bodies(beginning: [Int64], type: EventType) throws(MongoError) -> [StoredBody] {
        try timed { () throws(MongoError) in try reader.bodies(beginning: beginning, type: type) }
    }

    func onlookers(
        of author: MessageAuthor,
        in times: ClosedRange<Timestamp>,
        limit: Int
    ) throws(MongoError) -> [Onlooker] {
        try timed { () throws(MongoError) in try reader.onlookers(of: author, in: times, limit: limit) }
    }

    private func loadChannels<Record: StoredRecord>(
        _ type: Record.Type,
        _ keys: Set<Record.Key>
    ) throws(MongoError) -> [Record] {
        for key in keys { conversations[Record.documentID(of: key)] = .some(nil) }
        return try reader.load(type, keys) { document in
            guard let id = document.string("_id") else { return }
            var part = BSONDocument.id(id)
            if let conversation = document[ConversationRecord.field] {
                part.append(ConversationRecord.field, value: conversation)
            }
            conversations[id] = part
        }
    }

    private func loadConversations<Record: StoredRecord>(
        _ type: Record.Type,
        _ keys: Set<Record.Key>
    ) throws(MongoError) -> [Record] {
        var (records, others) = ([Record](), Set<Record.Key>())
        for key in keys {
            guard let known = conversations[Record.documentID(of: key)] else {
                others.insert(key)
                continue
            }
            if let record = known.flatMap(Record.init) { records.append(record) }
        }
        return records + (try reader.load(type, others))
    }

    private func timed<R>(_ body: () throws(MongoError) -> R) throws(MongoError) -> R {
        let start = ContinuousClock.now
        defer { elapsed += start.duration(to: .now) }
        return try body()
    }
}
