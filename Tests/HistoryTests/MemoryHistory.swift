import Analytics
import Chat
import History
import MongoDB

/// A history in memory, merged by the same pure code as the stored one: what ``BatchFold`` and ``MessageSweep`` say is
/// kept in dictionaries.
final class MemoryHistory: EntityReader {
    let settings: FoldSettings
    private var events: Set<EventID> = []
    private var records: [Collection: [String: any StoredRecord]] = [:]
    private(set) var versions: Set<MessageVersion> = []
    private var counters: [TallyKey: TallyChange] = [:]
    private var sweeps: Set<SweepKey> = []

    init(settings: FoldSettings) { self.settings = settings }

    func apply(_ batch: [ChatEvent]) throws {
        try apply(batch.map { ReceivedEvent(event: $0, body: [], signature: []) })
    }

    func apply(_ batch: [ReceivedEvent]) throws {
        var fold = BatchFold(batch, settings: settings)
        try fold.run(reading: self)
        events.formUnion(fold.events.map(\.received.id))
        fold.messages.forEachChange(keep)
        fold.users.forEachChange(keep)
        fold.channels.forEachChange(keep)
        fold.members.forEachChange(keep)
        fold.reactions.forEachChange(keep)
        fold.reads.forEachChange(keep)
        fold.readMarks.forEachChange(keep)
        fold.mutes.forEachChange(keep)
        fold.reviewItems.forEachChange(keep)
        fold.threads.forEachChange(keep)
        fold.reviews.forEachChange(keep)
        versions.formUnion(fold.versions)
        count(fold.tallies)
        drop(fold.erasedMessages)
        sweeps.formUnion(fold.sweeps)
    }

    /// Runs every waiting sweep.
    func sweep() {
        while let key = sweeps.popFirst() {
            let states = all(MessageState.self).filter { state in
                switch key {
                case .channel(let cid): state.record.created != nil && state.record.cid == cid
                case .user(let id):
                    state.record.created != nil
                        && [id, Pseudonym.of(id, salt: settings.salt)].contains(state.record.sender)
                }
            }
            resolve(states)
            if case .user(let id) = key, self.load(UserRecord.self, [id]).first?.isErased == true {
                eraseTraces(of: id)
            }
        }
    }

    private func resolve(_ states: [MessageState], rename: (inout MessageRecord) -> Void = { _ in }) {
        let sweep = MessageSweep(
            states,
            channels: Dictionary(uniqueKeysWithValues: all(ChannelRecord.self).map { ($0.cid, $0) }),
            users: Dictionary(uniqueKeysWithValues: all(UserRecord.self).map { ($0.id, $0) }),
            marks: Dictionary(uniqueKeysWithValues: all(ReadMark.self).map { ($0.key, $0) }),
            settings: settings,
            rename: rename
        )
        keep(sweep.changes.map { (before: $0.before, after: $0.after) })
        count(sweep.tallies)
        drop(Set(sweep.erasedMessages))
    }

    /// Everything, in a form that two histories can be compared by.
    func snapshot() -> [String: Snapshot] {
        var result: [String: Snapshot] = [:]
        for (collection, documents) in records {
            for (id, record) in documents { result["\(collection.rawValue) \(id)"] = .document(record.document) }
        }
        for (key, change) in counters where change.isCounted {
            result["counters \(key.scope) \(key.id)"] = .counters(change)
        }
        for version in versions {
            result["version \(version.messageID) \(version.at) \(version.version)"] = .text(version.text)
        }
        return result
    }

    enum Snapshot: Equatable, CustomStringConvertible {
        case document(BSONDocument)
        case counters(TallyChange)
        case text(String)

        var description: String {
            switch self {
            case .document(let document): document.text
            case .counters(let change): "\(change)"
            case .text(let text): text
            }
        }
    }

    /// The counters that the records give: what `verify` compares.
    func recount() -> [TallyKey: TallyChange] {
        var tallies = Tallies(weights: settings.weights)
        for state in all(MessageState.self) { tallies.add(nil, state) }
        for reaction in all(ReactionRecord.self) { tallies.add(nil, reaction) }
        for mark in all(ReadMark.self) { tallies.add(nil, mark) }
        return tallies.changes
    }

    var erasedUsers: [String] { all(UserRecord.self).filter(\.isErased).map(\.id) }

    var counted: [TallyKey: TallyChange] { counters.filter(\.value.isCounted) }

    // MARK: EntityReader

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

    // MARK: Keeping

    func all<Record: StoredRecord>(_: Record.Type) -> [Record] {
        (records[Record.collection] ?? [:]).values.compactMap { $0 as? Record }
    }

    /// Through its document, as a store would: what is lost on the way shows.
    private func keep<Record: StoredRecord>(_: Record?, _ after: Record) {
        records[Record.collection, default: [:]][Record.documentID(of: after.key)] = Record(after.document)
    }

    private func keep<Record: StoredRecord>(_ changes: [(before: Record?, after: Record)]) {
        for change in changes { keep(change.before, change.after) }
    }

    private func count(_ tallies: Tallies) {
        for (key, change) in tallies.changes { counters[key, default: TallyChange()].add(change) }
        let takenBack = tallies.changes.filter(\.value.takesBack).keys
        guard !takenBack.isEmpty else { return }
        let truth = recount()
        for key in takenBack {
            counters[key]?.lastMessageAt = truth[key]?.lastMessageAt
            counters[key]?.lastActivity = truth[key]?.lastActivity
            counters[key]?.takesBack = false
        }
    }

    private func drop(_ erased: Set<String>) { versions = versions.filter { !erased.contains($0.messageID) } }

    private func eraseTraces(of user: String) {
        let erasure = TraceErasure(of: user, settings: settings)
        let reactions = all(ReactionRecord.self).filter { $0.key.userID == user }
        let marks = all(ReadMark.self).filter { $0.key.userID == user }
        let renamed = erasure.rename(
            reactions,
            known: Dictionary(uniqueKeysWithValues: all(ReactionRecord.self).map { ($0.key, $0) })
        )
        let renamedMarks = erasure.rename(
            marks,
            known: Dictionary(uniqueKeysWithValues: all(ReadMark.self).map { ($0.key, $0) })
        )
        for reaction in reactions { records[.reactions]?[ReactionRecord.documentID(of: reaction.key)] = nil }
        for mark in marks { records[.readMarks]?[ReadMark.documentID(of: mark.key)] = nil }
        keep(renamed.changes)
        keep(renamedMarks.changes)
        count(renamed.tallies)
        count(renamedMarks.tallies)
        for collection in [Collection.reads, .members, .mutes] {
            records[collection] = records[collection]?.filter { _, record in
                let document = record.document
                return document.string("user_id") != user && document.string("target_user_id") != user
            }
        }
        keep(erasure.rename(all(ChannelRecord.self)))
        keep(erasure.rename(all(MemberRecord.self)))
        keep(erasure.rename(all(UserRecord.self)))
        keep(erasure.rename(all(ReviewItemRecord.self)))
        keep(erasure.rename(all(ThreadRecord.self)))
        records[.reviewQueue]?[ReviewCaseRecord.Subject.user(user).id] = nil
        keep(erasure.rename(all(ReviewCaseRecord.self)))
        resolve(all(MessageState.self)) { $0.replaceUsers(erasure.name) }
    }
}

extension TallyChange {
    /// Something is left: counters at zero are as good as none.
    var isCounted: Bool { messages != 0 || reactions != 0 || reads != 0 }
}

extension BSONDocument {
    /// Every field, readable in a failure.
    var text: String {
        map { key, value in "\(key)=\(value.document.map(\.text) ?? "\(value)")" }.joined(separator: " ")
    }
}

extension MemoryHistory {
    /// Where an id stands as a whole: as a value, as part of a joined key, or quoted in custom data.
    ///
    /// The tombstone's own key does not count.
    func documents(holding id: String) -> [String] {
        snapshot().compactMap { name, snapshot in
            guard case .document(let document) = snapshot, name != "users \(id)" else {
                return name.hasPrefix("counters") && name.hasSuffix(" \(id)") ? name : nil
            }
            return document.holds(id) ? "\(name): \(document.text)" : nil
        }
    }
}

extension BSONDocument {
    func holds(_ id: String) -> Bool {
        contains { _, value in
            switch value {
            case .string(let text):
                text == id || text.contains("\"\(id)\"") || text.split(separator: "/").contains { $0 == id }
            case .document(let inner), .array(let inner): inner.holds(id)
            default: false
            }
        }
    }
}

extension MessageState {
    fileprivate var createdMilliseconds: Int64 { record.created?.time.milliseconds ?? 0 }
}
