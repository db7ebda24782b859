import Chat
import History
import JSON
import Limits
import MongoDB
import Rules

/// What synchronous hooks have decided on a batch's messages.
extension RuleJudge {
    struct Hooked {
        /// Decisions that events of this batch tell of, and those on messages that rest on them: as they were, and are now.
        var records: [(before: DecisionRecord?, after: DecisionRecord)] = []
        /// Events whose message is decided on already.
        var settled: Set<EventID> = []
        /// What was done already about the author of a message, by event.
        var done: [EventID: (decision: Decision, mark: String)] = [:]
    }

    func hooked(_ batch: BatchToJudge, _ reader: borrowing some EntityReader) throws(MongoError) -> Hooked {
        let events = batch.events.filter { $0.hook != nil }
        guard !events.isEmpty else { return Hooked() }
        let told = told(by: events, batch)
        let ids = Set(told.keys).union(events.flatMap { $0.hook?.decisionIDs ?? [] })
        let stored = Dictionary(try reader.load(DecisionRecord.self, ids).map { ($0.id, $0) }) { first, _ in first }
        let known = told.merging(stored) { $1 }
        var hooked = Hooked()
        for (id, record) in told.sorted(by: { $0.key < $1.key }) where stored[id] == nil {
            hooked.records.append((nil, record))
        }
        var messages: [(subject: Decision.Subject, mark: String, decision: Decision)] = []
        for event in events {
            switch event.hook {
            case .rewritten(let mark):
                guard let decision = known[HookEvent.rewritten.decisionID(mark)]?.decision,
                    let subject = event.messageSubject(by: decision.subject.userID)
                else { continue }
                messages.append((subject, mark, decision))
                hooked.settled.insert(event.id)
            case .letThrough(let marks):
                for mark in marks {
                    guard let decision = known[HookEvent.refused.decisionID(mark)]?.decision else { continue }
                    hooked.done[event.id] = (decision, mark)
                }
            case .decided, .pending, nil: continue
            }
        }
        for (_, record) in hooked.records {
            guard let decision = record.decision, decision.subject.type == HookEvent.rewritten else { continue }
            messages += try messagesStored(restingOn: decision, reader).map {
                ($0, decision.subject.messageID ?? "", decision)
            }
        }
        try add(messages, to: &hooked, reader)
        return hooked
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

    /// Messages that came before the decision that they rest on.
    private func messagesStored(
        restingOn decision: Decision,
        _ reader: borrowing some EntityReader
    ) throws(MongoError) -> [Decision.Subject] {
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
        return try reader.bodies(ofMessages: marked, type: RuleEvent.messageNew).compactMap { body in
            let event = try? provider.decode(body.body, id: body.id, receivedAt: body.receivedAt, parser: JSONParser())
            return event.map { Decision.Subject($0) }
        }
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

extension RuleJudge {
    /// Takes out what was decided on messages that wait at the provider.
    ///
    /// One that is refused is never sent: what is to be done about its author is done from here. The others are judged when
    /// they have been sent.
    ///
    /// - Returns: those that are not to be let through, as they are written down.
    func takePending(
        from decided: inout [(Question, Decision?)],
        _ batch: BatchToJudge
    ) -> [(message: String, record: DecisionRecord)] {
        var pending: [EventID: String] = [:]
        for event in batch.events { if case .pending(let id) = event.hook { pending[event.id] = id } }
        guard !pending.isEmpty else { return [] }
        var refused: [(String, DecisionRecord)] = []
        for (question, decision) in decided {
            guard let id = pending[question.observation.subject.event], let decision,
                decision.actions.contains(where: { ["refuse", "delete"].contains($0.name) })
            else { continue }
            let isLate = decision.subject.time.isOlder(than: limits.lateSeconds, at: now())
            var record = DecisionRecord(decision, as: HookEvent.refused, mark: "pending-\(id)", at: now())
            record.isLate = isLate
            refused.append((id, record))
        }
        decided.removeAll { pending[$0.0.observation.subject.event] != nil }
        return refused
    }
}

extension EventType {
    /// The decision of a hook by its mark.
    fileprivate func decisionID(_ mark: String) -> String {
        Decision.Subject(event: EventID(bytes: []), type: self, time: .distantPast, messageID: mark).decisionID
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

extension ReceivedEvent {
    /// - Parameter user: the author.
    fileprivate func messageSubject(by user: String?) -> Decision.Subject? {
        if let subject = observation?.subject { return subject }
        guard let messageID else { return nil }
        return Decision.Subject(event: id, type: type, time: time, messageID: messageID, cid: cid, userID: user)
    }
}
