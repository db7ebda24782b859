import Chat
import History
import Limits
import MongoDB
import Rules

/// Which decisions have to be made again: of stored events for which something is counted otherwise now.
extension RuleJudge {
    /// Stored events that this batch makes come out otherwise.
    func late(
        _ counted: Counted,
        _ batch: BatchToJudge,
        _ loader: WindowLoader,
        _ reader: borrowing some EntityReader
    ) throws(MongoError) -> [Question] {
        var observations: [Observation] = []
        if !counted.changed.isEmpty { observations += try bodies(counted.changed, reader).compactMap(loader.observe) }
        for (author, changed) in counted.onlookers where observations.count < limits.rejudgedPerBatch {
            observations += try changedOnlookers(of: author, changed.all, loader, reader)
        }
        if loader.engine.asksRemovals {
            for (user, time) in batch.deletions where observations.count < limits.rejudgedPerBatch {
                observations += try judgedByRemovals(ofMessagesBy: user, since: time, loader, reader)
            }
        }
        var asked: Set<EventID> = []
        return observations.filter { asked.insert($0.subject.event).inserted }.map {
            Question($0, batch.pseudonyms, isAgain: true)
        }
    }

    private func changedOnlookers(
        of author: MessageAuthor,
        _ changed: Set<WindowEntry>,
        _ loader: WindowLoader,
        _ reader: borrowing some EntityReader
    ) throws(MongoError) -> [Observation] {
        guard let first = changed.min(), let last = changed.max() else { return [] }
        // Stored are whole milliseconds.
        let times = Timestamp(milliseconds: first.time.milliseconds)...last.time
        let found = try reader.onlookers(of: author, in: times, limit: limits.rejudgedPerBatch)
        return found.compactMap(loader.observe).filter { observation in
            changed.contains { WindowEntry.isSame($0, observation.place) }
        }
    }

    private func judgedByRemovals(
        ofMessagesBy user: String,
        since time: Timestamp,
        _ loader: WindowLoader,
        _ reader: borrowing some EntityReader
    ) throws(MongoError) -> [Observation] {
        let author = MessageAuthor.user(user)
        let messages = try reader.lastMessages(of: author, through: .distantFuture, limit: limits.windowReach)
        let later = messages.filter { $0.record.created.map { $0.time >= time } ?? false }.map(\.record.id)
        let bodies = try reader.bodies(ofMessages: later, type: RuleEvent.messageNew)
        let times = Timestamp(milliseconds: time.milliseconds) ... .distantFuture
        let onlookers = try reader.onlookers(of: author, in: times, limit: limits.rejudgedPerBatch)
        return (bodies + onlookers.map(\.stored)).compactMap(loader.observe).filter(\.asksRemovals)
    }

    /// Of the events that left these entries: those that may be decided otherwise, and those of which a decision tells
    /// the count.
    private func bodies(
        _ changed: [WindowCache.Key: ChangedEntries],
        _ reader: borrowing some EntityReader
    ) throws(MongoError) -> [StoredBody] {
        var (turned, recounted, joins): (Set<String>, Set<String>, Set<Int64>) = ([], [], [])
        for (key, entries) in changed {
            if key.kind == .joins {
                joins.formUnion(try Self.joins(entries.all, of: key.author, reader, limits))
            } else {
                let found = try messages(entries.all, of: key.author, reader)
                turned.formUnion(found.filter { id in entries.turned.contains { $0.isOf(id) } })
                recounted.formUnion(found)
            }
        }
        let ids = Dictionary(
            uniqueKeysWithValues: recounted.subtracting(turned).map { (Self.decisionID(ofMessage: $0), $0) }
        )
        let decided = try reader.load(DecisionRecord.self, Set(ids.keys)).compactMap { ids[$0.id] }
        let again = turned.sorted() + decided.sorted()
        return try reader.bodies(
            ofMessages: Array(again.prefix(limits.rejudgedPerBatch)),
            type: RuleEvent.messageNew
        ) + reader.bodies(beginning: Array(joins.sorted().prefix(limits.rejudgedPerBatch)), type: RuleEvent.memberAdded)
    }

    /// Ids of the messages that left these entries.
    private func messages(
        _ entries: Set<WindowEntry>,
        of author: MessageAuthor,
        _ reader: borrowing some EntityReader
    ) throws(MongoError) -> [String] {
        guard let last = entries.max() else { return [] }
        let places = Dictionary(grouping: entries) { $0.time.milliseconds }
        let most = limits.windowReach + limits.sameInstant
        return try reader.lastMessages(of: author, through: last.time, limit: most).compactMap { state in
            let near = (state.record.created?.time.milliseconds).flatMap { places[$0] } ?? []
            return near.contains { $0.isOf(state.record.id) } ? state.record.id : nil
        }
    }

    /// What the ids of the events begin with that left these entries.
    private static func joins(
        _ entries: Set<WindowEntry>,
        of author: MessageAuthor,
        _ reader: borrowing some EntityReader,
        _ limits: Limits.Rules
    ) throws(MongoError) -> [Int64] {
        try reader.memberships(of: author, limit: limits.joinsRead).compactMap { member in
            guard let entry = member.joinEntry, entries.contains(entry) else { return nil }
            return member.membership?.stamp.tieBreak
        }
    }

    static func decisionID(ofMessage id: String) -> String {
        Decision.Subject(
            event: EventID(bytes: []),
            type: RuleEvent.messageNew,
            time: .distantPast,
            messageID: id
        ).decisionID
    }
}
