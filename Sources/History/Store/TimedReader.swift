import Chat
import MongoDB

/// Adds up the time that reads take.
final class TimedReader: EntityReader {
    private let reader: MongoEntityReader
    private(set) var elapsed = Duration.zero

    init(_ reader: MongoEntityReader) { self.reader = reader }

    func knownEvents(among ids: [EventID]) throws(MongoError) -> Set<EventID> {
        try timed { () throws(MongoError) in try reader.knownEvents(among: ids) }
    }

    func erasedUsers(among ids: Set<String>) throws(MongoError) -> Set<String> {
        try timed { () throws(MongoError) in try reader.erasedUsers(among: ids) }
    }

    func load<Record: StoredRecord>(_ type: Record.Type, _ keys: Set<Record.Key>) throws(MongoError) -> [Record] {
        try timed { () throws(MongoError) in try reader.load(type, keys) }
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

    private func timed<R>(_ body: () throws(MongoError) -> R) throws(MongoError) -> R {
        let start = ContinuousClock.now
        defer { elapsed += start.duration(to: .now) }
        return try body()
    }
}
