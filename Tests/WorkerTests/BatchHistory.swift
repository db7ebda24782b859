import Analytics
import Chat
import Crypto
import History
import JSON
import Limits
import MongoDB

/// Folds batches one after the other, each into what the ones before it left, without a database.
struct BatchHistory: EntityReader {
    private let settings: FoldSettings
    private var events: Set<EventID> = []
    private var records: [Collection: [String: any StoredRecord]] = [:]

    init() throws {
        settings = FoldSettings(
            patterns: try ContextPatterns(),
            weights: EngagementWeights(),
            salt: Array("a salt of tests".utf8)
        )
    }

    mutating func apply(_ bodies: [[UInt8]]) throws -> BatchFold {
        let parser = JSONParser()
        let received = try bodies.enumerated().map { index, body in
            let event = try StreamProvider().decode(
                body,
                id: EventID(bytes: SHA256.digest(body)),
                receivedAt: Timestamp(milliseconds: 1_779_278_400_000 + Int64(index)),
                parser: parser
            )
            return ReceivedEvent(event: event, body: body, signature: [1])
        }
        var fold = BatchFold(received, settings: settings)
        try fold.run(reading: self)
        events.formUnion(fold.events.map(\.received.id))
        keep(fold.messages)
        keep(fold.users)
        keep(fold.channels)
        keep(fold.reads)
        keep(fold.reviewItems)
        return fold
    }

    private mutating func keep<Record: StoredRecord>(_ table: Table<Record>) {
        for (key, record) in table.after {
            records[Record.collection, default: [:]][Record.documentID(of: key)] = record
        }
    }

    func knownEvents(among ids: [EventID]) -> Set<EventID> { events.intersection(ids) }

    func erasedUsers(among ids: Set<String>) -> Set<String> {
        ids.filter { (records[.users]?[$0] as? UserRecord)?.isErased == true }
    }

    func load<Record: StoredRecord>(_: Record.Type, _ keys: Set<Record.Key>) -> [Record] {
        keys.compactMap { records[Record.collection]?[Record.documentID(of: $0)] as? Record }
    }

    func lastMessages(of author: MessageAuthor, through: Timestamp, limit: Int) -> [MessageState] {
        let messages = all(MessageState.self).filter {
            author.wrote($0) && $0.createdMilliseconds <= through.milliseconds
        }
        return Array(messages.sorted { $0.createdMilliseconds > $1.createdMilliseconds }.prefix(limit))
    }

    func memberships(of owner: MessageAuthor, limit: Int) -> [MemberRecord] {
        Array(all(MemberRecord.self).filter(owner.owns).prefix(limit))
    }

    /// Bodies are not kept.
    func bodies(ofMessages: [String], type: EventType) -> [StoredBody] { [] }
    func bodies(beginning: [Int64], type: EventType) -> [StoredBody] { [] }
    func onlookers(of: MessageAuthor, in: ClosedRange<Timestamp>, limit: Int) -> [Onlooker] { [] }

    private func all<Record: StoredRecord>(_: Record.Type) -> [Record] {
        (records[Record.collection] ?? [:]).values.compactMap { $0 as? Record }
    }
}

extension MessageState {
    fileprivate var createdMilliseconds: Int64 { record.created?.time.milliseconds ?? 0 }
}
