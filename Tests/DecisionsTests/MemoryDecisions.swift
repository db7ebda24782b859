import Analytics
import Chat
import MongoDB
import Rules

@testable import History

/// A history in memory with what was decided about it: merged, judged and read back by the same code as the stored one.
final class MemoryDecisions: EntityReader {
    let settings: FoldSettings
    private let judge: any BatchJudge
    private var events: [EventID: ReceivedEvent] = [:]
    private var records: [Collection: [String: any StoredRecord]] = [:]
    /// Everything that was to be carried out, by key.
    private(set) var effects: [Effect.EffectKey: Effect] = [:]
    /// Raised whenever somebody else has written.
    var epoch: Int64 = 1

    init(judge: any BatchJudge) throws {
        self.judge = judge
        settings = FoldSettings(patterns: try ContextPatterns(), weights: EngagementWeights(), salt: [1, 2, 3])
    }

    /// A batch that is folded and not kept yet.
    struct Ahead {
        let fold: BatchFold
    }

    func prepare(_ batch: [ReceivedEvent], after previous: Ahead?) throws -> Ahead {
        var fold = BatchFold(batch, settings: settings, judge: judge, epoch: epoch)
        try fold.run(reading: OverlaidReader(reader: self, overlay: previous?.fold))
        return Ahead(fold: fold)
    }

    func apply(_ batch: [ReceivedEvent]) throws { keep(try prepare(batch, after: nil)) }

    func keep(_ ahead: Ahead) {
        let fold = ahead.fold
        for logged in fold.events { events[logged.received.id] = logged.received }
        fold.messages.forEachChange(keep)
        fold.users.forEachChange(keep)
        fold.channels.forEachChange(keep)
        fold.members.forEachChange(keep)
        for (before, after) in fold.judgement.decisions { keep(before, after) }
        for effect in fold.judgement.effects where effects[effect.key] == nil { effects[effect.key] = effect }
    }

    var decisions: [DecisionRecord] { all(DecisionRecord.self).sorted { $0.id < $1.id } }

    /// Those that stand, by id.
    var standing: [String: Decision] {
        Dictionary(uniqueKeysWithValues: decisions.compactMap { record in record.decision.map { (record.id, $0) } })
    }

    /// Flagged messages, with the rule that flagged them.
    var flagged: [String: String] {
        let flags = all(MessageState.self).compactMap { state in
            state.record.flag.map { (state.record.id, $0.value.by ?? "") }
        }
        return Dictionary(uniqueKeysWithValues: flags)
    }

    func event(_ id: EventID) -> ReceivedEvent? { events[id] }

    // MARK: EntityReader

    func knownEvents(among ids: [EventID]) -> Set<EventID> { Set(ids.filter { events[$0] != nil }) }

    func erasedUsers(among ids: Set<String>) -> Set<String> {
        ids.filter { (records[.users]?[$0] as? UserRecord)?.isErased == true }
    }

    func load<Record: StoredRecord>(_: Record.Type, _ keys: Set<Record.Key>) -> [Record] {
        keys.compactMap { records[Record.collection]?[Record.documentID(of: $0)] as? Record }
    }

    func lastMessages(of author: MessageAuthor, through: Timestamp, limit: Int) -> [MessageState] {
        let messages = all(MessageState.self).filter { author.wrote($0) && $0.milliseconds <= through.milliseconds }
        let sorted = messages.sorted { ($0.milliseconds, $0.record.id) > ($1.milliseconds, $1.record.id) }
        return Array(sorted.prefix(limit))
    }

    func memberships(of owner: MessageAuthor, limit: Int) -> [MemberRecord] {
        Array(all(MemberRecord.self).filter(owner.owns).prefix(limit))
    }

    func bodies(ofMessages ids: [String], type: EventType) -> [StoredBody] {
        bodies(type) { ids.contains($0.messageID ?? "") }
    }

    func bodies(beginning: [Int64], type: EventType) -> [StoredBody] {
        bodies(type) { beginning.contains($0.id.tieBreak) }
    }

    func onlookers(of author: MessageAuthor, in times: ClosedRange<Timestamp>, limit: Int) -> [Onlooker] {
        let found = events.values.compactMap { $0.onlooker(of: author, in: times) }
        return Array(found.sorted { $0.time > $1.time }.prefix(limit))
    }

    private func bodies(_ type: EventType, _ isWanted: (ReceivedEvent) -> Bool) -> [StoredBody] {
        events.values.filter { $0.type == type && isWanted($0) }.map {
            StoredBody(id: $0.id, receivedAt: $0.receivedAt, body: $0.body)
        }
    }

    // MARK: Keeping

    private func all<Record: StoredRecord>(_: Record.Type) -> [Record] {
        (records[Record.collection] ?? [:]).values.compactMap { $0 as? Record }
    }

    /// Through its document, as a store would: what is lost on the way shows.
    private func keep<Record: StoredRecord>(_: Record?, _ after: Record) {
        records[Record.collection, default: [:]][Record.documentID(of: after.key)] = Record(after.document)
    }
}

extension MessageState {
    fileprivate var milliseconds: Int64 { record.created?.time.milliseconds ?? 0 }
}
