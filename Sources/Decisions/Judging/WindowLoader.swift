import Chat
import History
import JSON
import Limits
import MongoDB
import Rules

/// Reads windows from the history.
///
/// For one thread.
final class WindowLoader {
    let engine: RuleEngine
    /// Most batches need none: what looks at texts takes memory.
    private(set) lazy var examiner = Examiner(engine)
    private let provider: StreamProvider
    let limits: Limits.Rules
    private lazy var parser = JSONParser()

    init(engine: RuleEngine, provider: StreamProvider, limits: Limits.Rules) {
        (self.engine, self.provider, self.limits) = (engine, provider, limits)
    }

    /// All that counts with events from this entry on, as far as `Limits.Rules.windowReach` allows.
    ///
    /// Blocking.
    func load(
        _ key: WindowCache.Key,
        covering entry: WindowEntry,
        _ batch: BatchToJudge,
        _ reader: borrowing some EntityReader
    ) throws(MongoError) -> Window {
        let window = try load(key, batch, reader)
        guard !window.covers(entry, key, engine.windows) else { return window }
        return try load(key, batch, reader, limit: limits.windowReach)
    }

    /// What was made up to a time; of joins all.
    ///
    /// Blocking.
    func load(
        _ key: WindowCache.Key,
        _ batch: BatchToJudge,
        _ reader: borrowing some EntityReader,
        through time: Timestamp = .distantFuture,
        limit: Int? = nil
    ) throws(MongoError) -> Window {
        // Who was not known before this batch has written nothing before it. A channel has members before it is known.
        if key.kind == .messages, key.author.isNew(in: batch) { return Window() }
        let most = limit ?? engine.windows.kept
        switch key.kind {
        case .messages:
            let messages = try reader.lastMessages(of: key.author, through: time, limit: most)
            return Window(try entries(messages, reader), isComplete: messages.count < most)
        case .joins:
            let members = try reader.memberships(of: key.author, limit: limits.joinsRead)
            var window = Window(members.compactMap(\.joinEntry), isComplete: members.count < limits.joinsRead)
            window.keepLast(most)
            return window
        case .onlookers:
            let onlookers = try reader.onlookers(of: key.author, in: .distantPast...time, limit: most)
            return Window(onlookers.compactMap(observe).map(\.place), isComplete: onlookers.count < most)
        }
    }

    /// `nil` for one that the rules do not have look on.
    func observe(_ onlooker: Onlooker) -> Observation? {
        guard let observation = observe(onlooker.stored), observation.isOnlooker else { return nil }
        return observation
    }

    /// What messages are counted as: by the text that they were sent with, whatever became of it later.
    ///
    /// One that was edited, and of whose sending nothing is kept, has no text.
    func entries(
        _ messages: [MessageState],
        _ reader: borrowing some EntityReader
    ) throws(MongoError) -> [WindowEntry] {
        let edited = engine.windows.needsText ? messages.filter(\.isEdited).map(\.record.id) : []
        var sent: [String: WindowEntry] = [:]
        for stored in try reader.bodies(ofMessages: edited, type: RuleEvent.messageNew) {
            guard let observation = observe(stored), let id = observation.subject.messageID else { continue }
            sent[id] = observation.entry
        }
        return messages.compactMap { message in sent[message.record.id] ?? entry(message) }
    }

    /// A stored event, looked at again; `nil` for one that cannot be read, or concerns no rule.
    func observe(_ stored: StoredBody) -> Observation? {
        let decoded = try? provider.decoded(stored.body, id: stored.id, receivedAt: stored.receivedAt, parser: parser)
        return decoded.flatMap { examiner.observe($0.event, $0.body) }
    }

    /// The same, also where it concerns no rule.
    func observeAnyway(_ stored: StoredBody) -> Observation? {
        let decoded = try? provider.decoded(stored.body, id: stored.id, receivedAt: stored.receivedAt, parser: parser)
        return decoded.map { examiner.observation(of: $0.event, $0.body) }
    }

    /// What was asked of a hook, looked at again as the words of the message that its event tells of; `nil` for what cannot be
    /// read.
    ///
    /// It is counted as the message that was sent, which later ones are counted with.
    func observe(
        hook stored: StoredBody,
        at time: Timestamp,
        as subject: Decision.Subject,
        _ entry: WindowEntry?
    ) -> Observation? {
        let type = RuleEvent.messageNew
        let read = try? provider.hook(stored.body, as: type, id: stored.id, receivedAt: time, parser: parser)
        return read.map { examiner.observation(of: $0.event, $0.body).of(subject, countedAs: entry) }
    }

    /// What the author wrote.
    func text(ofHook stored: StoredBody, at time: Timestamp) -> String? {
        let type = RuleEvent.messageNew
        let read = try? provider.hook(stored.body, as: type, id: stored.id, receivedAt: time, parser: parser)
        return read?.event.message?.text
    }

    private func entry(_ message: MessageState) -> WindowEntry? {
        guard let created = message.record.created?.time else { return nil }
        let content = message.isEdited ? nil : message.record.content?.value
        return examiner.windowEntry(
            message.record.id,
            cid: message.record.cid,
            at: created,
            text: content?.text,
            mentions: content?.mentionedUserIDs.count ?? 0
        )
    }
}

extension MessageState {
    fileprivate var isEdited: Bool { record.content?.value.textUpdatedAt != nil }
}

extension MemberRecord {
    /// Whoever has left has joined before.
    var joinEntry: WindowEntry? {
        guard let membership else { return nil }
        let joined = membership.value.joinedAt ?? (membership.value.isMember ? membership.stamp.time : nil)
        return joined.map { .join(of: key.userID, cid: key.cid, at: $0) }
    }
}

extension MessageAuthor {
    fileprivate func isNew(in batch: BatchToJudge) -> Bool {
        switch self {
        case .user(let id): batch.newUsers.contains(id)
        case .channel(let cid): batch.newChannels.contains(cid)
        case .userInChannel(let id, let cid): batch.newUsers.contains(id) || batch.newChannels.contains(cid)
        }
    }
}

extension WindowCache.Key {
    /// The windows that an event is counted in.
    static func all(of message: MessageState, _ subjects: Set<Subject>) -> [WindowCache.Key] {
        guard let user = message.record.sender, let cid = message.record.cid else { return [] }
        return subjects.map { subject in
            switch subject {
            case .user: WindowCache.Key(author: .user(user))
            case .channel: WindowCache.Key(author: .channel(cid))
            case .userInChannel: WindowCache.Key(author: .userInChannel(user, cid: cid))
            }
        }
    }

    static func all(of observation: Observation, _ needs: WindowNeeds) -> [WindowCache.Key] {
        let isOfJoins = observation.subject.type == RuleEvent.memberAdded
        return (isOfJoins ? needs.joins : needs.messages).compactMap { subject in
            MessageAuthor(subject, of: observation.subject).map {
                WindowCache.Key(author: $0, kind: isOfJoins ? .joins : .messages)
            }
        }
    }

    /// The windows that an event is among the onlookers of.
    static func onlooking(_ observation: Observation, _ needs: WindowNeeds) -> Set<WindowCache.Key> {
        guard observation.isOnlooker else { return [] }
        let authors = needs.watched.compactMap { MessageAuthor($0.per, of: observation.subject) }
        return Set(authors.map { WindowCache.Key(author: $0, kind: .onlookers) })
    }

    /// What conditions call it; `nil` where none counts it.
    var counted: InputKey.CountedWindow? {
        kind == .onlookers ? nil : InputKey.CountedWindow(per: author.subject, isOfJoins: kind == .joins)
    }
}

extension MessageAuthor {
    fileprivate var subject: Subject {
        switch self {
        case .user: .user
        case .channel: .channel
        case .userInChannel: .userInChannel
        }
    }

    /// `nil` where the event has no such user or channel.
    init?(_ subject: Subject, of event: Decision.Subject) {
        switch (subject, event.userID, event.cid) {
        case (.user, let id?, _): self = .user(id)
        case (.channel, _, let cid?): self = .channel(cid)
        case (.userInChannel, let id?, let cid?): self = .userInChannel(id, cid: cid)
        default: return nil
        }
    }
}

extension WindowNeeds {
    /// Entries remembered: some more than count, so that events a little out of order find theirs.
    var kept: Int { entries + max(16, entries / 2) }
}

/// Entries for which something is counted otherwise than before.
struct ChangedEntries {
    /// Something that is asked holds now and did not before, or the other way round.
    var turned: Set<WindowEntry> = []
    /// The count alone is another.
    var recounted: Set<WindowEntry> = []

    var isEmpty: Bool { turned.isEmpty && recounted.isEmpty }
    var all: Set<WindowEntry> { turned.union(recounted) }

    mutating func add(_ others: ChangedEntries) {
        turned.formUnion(others.turned)
        recounted.formUnion(others.recounted)
        recounted.subtract(turned)
    }
}

extension Window {
    /// Whether all is here that an entry may have to do with: what counts with it, or all that looks on after it.
    func covers(_ entry: WindowEntry, _ key: WindowCache.Key, _ needs: WindowNeeds) -> Bool {
        covers(entry, most: key.kind == .onlookers ? 1 : needs.entries)
    }

    func after(_ entry: WindowEntry) -> some Sequence<WindowEntry> { entries.reversed().prefix { entry < $0 } }

    /// Of its own entries after new ones.
    func changed(
        from before: Window,
        by new: [WindowEntry],
        _ key: WindowCache.Key,
        _ needs: WindowNeeds
    ) -> ChangedEntries {
        guard let first = new.min() else { return ChangedEntries() }
        let isNew = Set(new)
        return changed(from: before, for: before.after(first).filter { !isNew.contains($0) }, key, needs)
    }

    /// Of entries that are in it, or would be.
    func changed(
        from before: Window,
        for entries: some Sequence<WindowEntry>,
        _ key: WindowCache.Key,
        _ needs: WindowNeeds
    ) -> ChangedEntries {
        var changed = ChangedEntries()
        let questions = key.counted.flatMap { needs.questions[$0] } ?? []
        for entry in entries {
            for (key, bounds) in questions {
                let old = before.answer(key, for: entry, most: needs.entries)
                let new = answer(key, for: entry, most: needs.entries)
                guard old != new else { continue }
                changed.recounted.insert(entry)
                if bounds.truth(old) != bounds.truth(new) { changed.turned.insert(entry) }
            }
        }
        changed.recounted.subtract(changed.turned)
        return changed
    }
}
