import Chat
import History
import Limits
import MongoDB
import Rules

/// What synchronous hooks have decided on a batch's messages.
extension RuleJudge {
    struct Hooked {
        /// Decisions that events of this batch tell of, and those on messages that rest on them: as they were, and are now.
        var records: [(before: DecisionRecord?, after: DecisionRecord)] = []
    }

    /// What a hook has decided on a message before it was sent.
    struct HookBasis {
        let decision: Decision
        let mark: String

        /// What the hook knew stands, but for what is counted; what it did not know is asked.
        func answer(to key: InputKey) -> RuleAnswer? {
            guard decision.subject.type == HookEvent.rewritten, let answer = decision.answerThatStands(to: key),
                case .value = answer
            else { return nil }
            return answer
        }
    }

    /// Has messages on which a hook has decided judged as that: by the words that their authors wrote, and without what was done
    /// already.
    ///
    /// - Parameter questions: those of the batch's events, and of stored ones that are judged again.
    func hooked(
        _ questions: inout [Question],
        _ batch: BatchToJudge,
        _ loader: WindowLoader,
        _ reader: borrowing some EntityReader
    ) throws(MongoError) -> Hooked {
        let events = batch.events.filter { $0.hook != nil }
        let again = try marks(of: questions.filter(\.isAgain), reader)
        guard !events.isEmpty || !again.isEmpty else { return Hooked() }
        let told = told(by: events, batch)
        let ids = Set(told.keys).union(events.flatMap { $0.hook?.decisionIDs ?? [] })
            .union(again.values.flatMap(HookEvent.decisionIDs))
        let stored = Dictionary(try reader.load(DecisionRecord.self, ids).map { ($0.id, $0) }) { first, _ in first }
        let known = told.merging(stored) { $1 }
        var hooked = Hooked()
        for (id, var record) in told.sorted(by: { $0.key < $1.key }) where stored[id] == nil {
            try leaveOutWhatWasDone(&record, events, loader, reader)
            hooked.records.append((nil, record))
        }
        var sent = sent(by: events, known)
        for (event, mark) in again {
            sent[event] = HookEvent.decisionIDs(mark).lazy.compactMap { known[$0]?.decision }.first
                .map { HookBasis(decision: $0, mark: mark) }
        }
        try addEarlier(of: hooked.records.map(\.after), to: &questions, &sent, batch, loader, reader)
        try rest(&questions, on: sent, events, &hooked, batch, loader, reader)
        return hooked
    }

    /// By event, what a hook has decided on the message that it tells of.
    private func sent(by events: [ReceivedEvent], _ known: [String: DecisionRecord]) -> [EventID: HookBasis] {
        var sent: [EventID: HookBasis] = [:]
        for event in events {
            let marks: [(id: String, mark: String)] =
                switch event.hook {
                case .rewritten(let mark): [(HookEvent.rewritten.decisionID(mark), mark)]
                case .letThrough(let marks): marks.map { (HookEvent.refused.decisionID($0), $0) }
                case .decided, .pending, nil: []
                }
            for (id, mark) in marks {
                if let decision = known[id]?.decision { sent[event.id] = HookBasis(decision: decision, mark: mark) }
            }
        }
        return sent
    }

    /// The marks of stored messages that rest on a hook's decision, by event.
    private func marks(
        of questions: [Question],
        _ reader: borrowing some EntityReader
    ) throws(MongoError) -> [EventID: String] {
        guard !questions.isEmpty else { return [:] }
        let stored = try reader.load(DecisionRecord.self, Set(questions.map(\.id)))
        let marks = Dictionary(stored.map { ($0.id, $0.decision?.hookMark) }) { first, _ in first }
        var found: [EventID: String] = [:]
        for question in questions { found[question.observation.subject.event] = marks[question.id] ?? nil }
        return found
    }

    /// Messages that came before the decision that they rest on are judged again.
    private func addEarlier(
        of told: [DecisionRecord],
        to questions: inout [Question],
        _ sent: inout [EventID: HookBasis],
        _ batch: BatchToJudge,
        _ loader: WindowLoader,
        _ reader: borrowing some EntityReader
    ) throws(MongoError) {
        for record in told {
            guard let decision = record.decision, decision.subject.type == HookEvent.rewritten,
                let mark = decision.subject.messageID
            else { continue }
            for message in try messagesStored(restingOn: decision, loader, reader) {
                sent[message.subject.event] = HookBasis(decision: decision, mark: mark)
                questions.removeAll { $0.observation.subject.event == message.subject.event }
                questions.append(Question(message, batch.pseudonyms, isAgain: true))
            }
        }
    }

    /// Where the words that an author wrote are no longer kept, what the hook has decided on them stands as it is.
    private func rest(
        _ questions: inout [Question],
        on sent: [EventID: HookBasis],
        _ events: [ReceivedEvent],
        _ hooked: inout Hooked,
        _ batch: BatchToJudge,
        _ loader: WindowLoader,
        _ reader: borrowing some EntityReader
    ) throws(MongoError) {
        let rewritten = sent.values.filter { $0.decision.subject.type == HookEvent.rewritten }
        let asked = try requests(of: rewritten.map(\.decision.subject.event), events, reader)
        var resting: [Question] = []
        var adopted: [(subject: Decision.Subject, mark: String, decision: Decision)] = []
        let known = Set(questions.map(\.observation.subject.event))
        // Of messages that concern no rule by the words that were sent, too.
        let others = events.filter { sent[$0.id] != nil && !known.contains($0.id) }
            .compactMap { loader.observeAnyway(StoredBody(id: $0.id, receivedAt: $0.receivedAt, body: $0.body)) }
        for question in questions + others.map({ Question($0, batch.pseudonyms) }) {
            let (subject, entry) = (question.observation.subject, question.observation.entry)
            guard let hook = sent[subject.event] else { continue }
            guard hook.decision.subject.type == HookEvent.rewritten else {
                resting.append(question.resting(on: hook))
                continue
            }
            let words = asked[hook.decision.subject.event].flatMap {
                loader.observe(hook: $0, at: hook.decision.subject.time, as: subject, entry)
            }
            if let words {
                resting.append(question.resting(on: hook, words: words))
            } else {
                adopted.append((subject, hook.mark, hook.decision))
            }
        }
        questions.removeAll { sent[$0.observation.subject.event] != nil }
        questions += resting
        try add(adopted, to: &hooked, reader)
    }

    /// What hooks were asked, by the event that tells of it.
    private func requests(
        of ids: [EventID],
        _ events: [ReceivedEvent],
        _ reader: borrowing some EntityReader
    ) throws(MongoError) -> [EventID: StoredBody] {
        guard !ids.isEmpty else { return [:] }
        let wanted = Set(ids)
        var found: [EventID: StoredBody] = [:]
        for event in events where wanted.contains(event.id) {
            found[event.id] = StoredBody(id: event.id, receivedAt: event.receivedAt, body: event.body)
        }
        let missing = wanted.subtracting(found.keys)
        guard !missing.isEmpty else { return found }
        for stored in try reader.bodies(beginning: missing.map(\.tieBreak), type: HookEvent.rewritten)
        where missing.contains(stored.id) { found[stored.id] = stored }
        return found
    }

    /// Decisions that these events tell of, by id.
    private func told(by events: [ReceivedEvent], _ batch: BatchToJudge) -> [String: DecisionRecord] {
        var told: [String: DecisionRecord] = [:]
        for event in events {
            guard case .decided(var record) = event.hook, let subject = record.decision?.subject,
                subject.userID.map({ batch.pseudonyms.name($0) == $0 }) ?? true
            else { continue }
            // The same text again within the two minutes: the first time counts.
            if let other = told[record.id]?.decision?.subject, other.time <= subject.time { continue }
            record.isLate = subject.time.isOlder(than: limits.lateSeconds, at: now())
            told[record.id] = record
        }
        return told
    }

    /// Takes out of a refusal what was done about its author already because the provider sent the message all the same, of which
    /// an event told first.
    private func leaveOutWhatWasDone(
        _ record: inout DecisionRecord,
        _ events: [ReceivedEvent],
        _ loader: WindowLoader,
        _ reader: borrowing some EntityReader
    ) throws(MongoError) {
        guard let subject = record.decision?.subject, subject.type == HookEvent.refused, let user = subject.userID,
            let cid = subject.cid, let told = events.first(where: { $0.id == subject.event })
        else { return }
        let request = StoredBody(id: told.id, receivedAt: told.receivedAt, body: told.body)
        let reach = 2 * HookMarks.seconds * 1_000
        let last = try reader.lastMessages(
            of: .userInChannel(user, cid: cid),
            through: Timestamp(milliseconds: subject.time.milliseconds + reach),
            limit: limits.hookedMessages
        )
        let near = last.filter { message in
            let content = message.record.content?.value
            let time = message.record.created?.time.milliseconds ?? 0
            return content?.beforeSendFailed == true && time >= subject.time.milliseconds - reach
        }
        guard !near.isEmpty, let text = loader.text(ofHook: request, at: subject.time) else { return }
        let same = near.filter { $0.record.content?.value.text == text }.map(\.record.id)
        let done = try reader.load(DecisionRecord.self, Set(same.map(Self.decisionID(ofMessage:))))
            .flatMap { $0.decision?.actions ?? [] }
        record.decision?.actions.removeAll(where: done.contains)
    }

    /// Messages that came before the decision that they rest on.
    private func messagesStored(
        restingOn decision: Decision,
        _ loader: WindowLoader,
        _ reader: borrowing some EntityReader
    ) throws(MongoError) -> [Observation] {
        let subject = decision.subject
        guard let user = subject.userID, let cid = subject.cid, let mark = subject.messageID else { return [] }
        let through = Timestamp(milliseconds: subject.time.milliseconds + 2 * HookMarks.seconds * 1_000)
        let last = try reader.lastMessages(
            of: .userInChannel(user, cid: cid),
            through: through,
            limit: limits.hookedMessages
        )
        let marked = last.filter { $0.record.content?.value.custom?.contains(mark) ?? false }.map(\.record.id)
        guard !marked.isEmpty else { return [] }
        return try reader.bodies(ofMessages: marked, type: RuleEvent.messageNew).compactMap(loader.observeAnyway)
    }

    private func add(
        _ messages: [(subject: Decision.Subject, mark: String, decision: Decision)],
        to hooked: inout Hooked,
        _ reader: borrowing some EntityReader
    ) throws(MongoError) {
        guard !messages.isEmpty else { return }
        let ids = Set(messages.map(\.subject.decisionID))
        let stored = Dictionary(try reader.load(DecisionRecord.self, ids).map { ($0.id, $0) }) { first, _ in first }
        var added: Set<String> = []
        for (subject, mark, decision) in messages where added.insert(subject.decisionID).inserted {
            let before = stored[subject.decisionID]
            guard before?.decision?.hookMark != mark else { continue }
            let adopted = decision.adopted(by: subject, mark: mark)
            let isLate = subject.time.isOlder(than: limits.lateSeconds, at: now())
            var after =
                before ?? DecisionRecord(id: subject.decisionID, decision: adopted, decidedAt: now(), isLate: isLate)
            if let standing = before?.decision { after.superseded.append(standing) }
            after.superseded = Array(after.superseded.suffix(limits.supersededKept))
            after.decision = adopted
            hooked.records.append((before, after))
        }
    }
}

extension EventType {
    /// The decision of a hook by its mark.
    func decisionID(_ mark: String) -> String {
        Decision.Subject(event: EventID(bytes: []), type: self, time: .distantPast, messageID: mark).decisionID
    }
}

extension HookEvent {
    /// The decisions that a hook may have made under a mark.
    fileprivate static func decisionIDs(_ mark: String) -> [String] {
        [rewritten.decisionID(mark), refused.decisionID(mark)]
    }
}

extension HookTrace {
    fileprivate var decisionIDs: [String] {
        switch self {
        case .decided, .pending: []
        case .rewritten(let mark): [HookEvent.rewritten.decisionID(mark)]
        case .letThrough(let marks): marks.map(HookEvent.refused.decisionID)
        }
    }
}
