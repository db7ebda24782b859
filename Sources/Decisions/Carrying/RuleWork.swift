import Chat
import Crypto
import Facts
import History
import JSON
import MongoDB
import Outbox
import Provider
import Rules
import Templates

/// One decided action being made up.
///
/// Blocking.
struct RuleWork {
    let effect: PendingEffect
    let order: RuleOrder
    let engine: RuleEngine
    let store: HistoryStore
    let queries: HistoryQueries
    let facts: FactStore
    let provider: StreamProvider
    let now: Timestamp

    /// The decision still wants the action.
    func checkDecision() throws(NotDue) { _ = try standing() }

    // MARK: Replies

    /// The answer, if what it answers still is as it was when the rule fired.
    func reply() throws(NotDue) -> ProviderCall {
        let (decision, _) = try standing()
        guard case .reply(let reply)? = try action(of: decision)?.action else {
            throw .needless("the rule no longer replies")
        }
        let message = try message(of: decision)
        let subject = decision.subject
        guard let author = reply.by ?? engine.ownUserID, let cid = subject.cid else {
            throw .impossible("nobody is named who replies: set RULES_USER, or `by` in the rule")
        }
        try checkStillSo(decision)
        try take(reply.once, named: "reply \(order.index)", of: subject, for: effect.key.description)
        let rule = engine.ruleSet.rules.first { $0.id == order.rule }
        try take(rule?.cooldown, named: "", of: subject, for: order.decision)
        var call = NewMessage(cid: cid, id: replyID, sender: author, text: try text(reply.template, decision))
        if reply.isInThread { call.parentID = message?.record.parentID ?? subject.messageID }
        if reply.isQuoting { call.quotedMessageID = subject.messageID }
        if reply.isPrivate { call.visibleTo = [subject.userID].compactMap(\.self) }
        call.custom = JSONObjectText { $0.field("backchannel_rule", order.rule) }
        return .sendMessage(call)
    }

    /// The same for every attempt, so that the provider takes it once.
    private var replyID: String {
        "rule-" + Hex.encode(Array(SHA256.digest(Array(effect.key.description.utf8)).prefix(16)))
    }

    /// The rule's conditions, with what is known now; what was counted stands.
    private func checkStillSo(_ decision: Decision) throws(NotDue) {
        if decision.subject.type == RuleEvent.channelSilent { return try checkStillSilent(decision) }
        guard let looked = try look(atWordsOf: decision) else { throw .needless("the event is no longer kept") }
        let answers = try answers(for: looked, decision)
        let again = looked.observation?.decide(answers)
        guard again?.fired.contains(where: { $0.id == order.rule && !$0.isShadow }) == true else {
            throw .needless("what the rule asks for is no longer so")
        }
    }

    /// What the service noticed by itself has no event to look at again.
    private func checkStillSilent(_ decision: Decision) throws(NotDue) {
        guard let cid = decision.subject.cid else { return }
        let last = try asking { () throws(MongoError) in try queries.lastMessageTime(inChannel: cid) }
        let since = Timestamp(nanoseconds: decision.subject.version).roundedDownToMilliseconds
        guard last.map({ $0 <= since }) ?? true else { throw .needless("somebody has written meanwhile") }
    }

    private func take(
        _ occasion: Occasion?,
        named name: String,
        of subject: Decision.Subject,
        for holder: String
    ) throws(NotDue) {
        guard let mark = occasion.flatMap({ OccasionMark($0, of: order.rule + name, subject) }) else { return }
        let isFirst = try asking { () throws(MongoError) in
            try OccasionMarks(store).take(mark, for: holder, at: now)
        }
        guard isFirst else { throw .needless("the rule has done so within the time it sets") }
    }

    private func text(_ name: String, _ decision: Decision) throws(NotDue) -> String {
        guard let template = engine.ruleSet.templates[name] else { throw .impossible("there is no template \(name)") }
        let values = try templateValues(template.paths, decision)
        do throws(TemplateRenderError) { return try template.render(values) } catch {
            throw .impossible("template \(name): \(error.description)")
        }
    }

    // MARK: Texts

    /// The message's text with all that the decision masks, removes or replaces.
    func textChange() throws(NotDue) -> ProviderCall {
        let (decision, _) = try standing()
        guard let message = try message(of: decision), let text = message.record.content?.value.text,
            let cid = decision.subject.cid, let id = decision.subject.messageID, let author = engine.ownUserID
        else { throw .needless("the message has no text any more") }
        let changed = try decision.changed(text, by: engine.ruleSet) { (template) throws(NotDue) in
            try self.text(template, decision)
        }
        guard changed != text else { throw .needless("the text is as it should be") }
        let fields = JSONObjectText { $0.field("text", changed) }
        return .updateMessagePartially(MessageChange(cid: cid, id: id, set: fields, by: author))
    }

    // MARK: Facts

    func setFact() throws(NotDue) -> EffectOutcome {
        let (decision, record) = try standing()
        guard case .setFact(let fact)? = try action(of: decision)?.action else {
            throw .needless("the rule no longer sets a fact")
        }
        let looked = try look(at: decision.subject.event)
        let context = try context(of: decision, looked)
        guard case .fact(let key, let field)? = FactQuestion(fact.path, decision.subject, context) else {
            throw .needless("the channel names no such thing")
        }
        guard let value = try value(of: fact.value, decision, looked) else {
            throw .needless("the value is not one of those allowed")
        }
        try asking { () throws(MongoError) in
            try PushedFacts(store).set(field, of: key, to: value, at: record.decidedAt)
        }
        facts.forget([key], from: .pushed)
        return .done(answer: "\(key.kind).\(field) is set")
    }

    private func value(
        of source: FactOrder.Source,
        _ decision: Decision,
        _ looked: Looked?
    ) throws(NotDue) -> FactValue? {
        switch source {
        case .literal(let value): return FactValue(value)
        case .path(let path, let allowed):
            let answers = try answers(for: looked, decision)
            guard case .value(let value) = looked?.event.answer(path) ?? answers(.value(path)) else { return nil }
            guard !allowed.isEmpty else { return FactValue(value) }
            guard case .text(let text) = value,
                let match = allowed.first(where: { $0.lowercased() == text.lowercased() })
            else { return nil }
            return .string(match)
        }
    }

    // MARK: What it rests on

    /// The decision, if it still wants this action.
    private func standing() throws(NotDue) -> (decision: Decision, record: DecisionRecord) {
        let record = try asking { () throws(MongoError) in try queries.record(DecisionRecord.self, order.decision) }
        guard let record, let decision = record.decision,
            decision.actions.contains(where: { $0.rule == order.rule && $0.index == order.index })
        else { throw .needless("a late event has taken the decision back") }
        return (decision, record)
    }

    /// As the rules have it now: whoever changes a rule means it.
    private func action(of decision: Decision) throws(NotDue) -> (action: Action, rule: Rule?)? {
        let planned = decision.actions.first { $0.rule == order.rule && $0.index == order.index }
        let found = planned.flatMap { engine.ruleSet.action($0, scoring: decision.enforced.score) }
        return found?.action.name == planned?.name ? found : nil
    }

    /// `nil` where the decision is about none.
    private func message(of decision: Decision) throws(NotDue) -> MessageState? {
        guard let id = decision.subject.messageID else { return nil }
        let message = try asking { () throws(MongoError) in try queries.record(MessageState.self, id) }
        guard let message, message.isVisible else { throw .needless("the message is gone") }
        // To the millisecond: no more of it is stored.
        let version = message.record.content?.value.textUpdatedAt?.milliseconds ?? 0
        guard version != Timestamp(nanoseconds: decision.subject.version).milliseconds else { return message }
        guard try isMade(message.record.content?.value.text, by: decision) else {
            throw .needless("the text was changed meanwhile")
        }
        return message
    }

    /// Whether a text is what the decision itself makes of what it was about: its mask may go out before its reply.
    private func isMade(_ text: String?, by decision: Decision) throws(NotDue) -> Bool {
        guard decision.changesText, let looked = try look(at: decision.subject.event),
            case .value(.text(let words))? = looked.event.answer(ValuePath(.message, ["text"]))
        else { return false }
        let changed = try decision.changed(words, by: engine.ruleSet) { (template) throws(NotDue) in
            try self.text(template, decision)
        }
        return changed == text
    }

    /// The event, looked at with the rules there are now.
    private struct Looked {
        let event: ObservedEvent
        /// `nil` where it concerns no rule any more.
        let observation: Observation?
    }

    private func look(at id: EventID) throws(NotDue) -> Looked? {
        let stored = try asking { () throws(MongoError) in try queries.event(id) }
        guard let stored, let bytes = stored.body,
            let (event, body) = try? provider.decoded(bytes, id: id, receivedAt: stored.at, parser: JSONParser())
        else { return nil }
        return Looked(event: ObservedEvent(event, body), observation: Examiner(engine).observe(event, body))
    }

    /// What was judged: of a message that a hook has rewritten, what its author wrote.
    private func look(atWordsOf decision: Decision) throws(NotDue) -> Looked? {
        guard let mark = decision.hookMark else { return try look(at: decision.subject.event) }
        let id = HookEvent.rewritten.decisionID(mark)
        let record = try asking { () throws(MongoError) in try queries.record(DecisionRecord.self, id) }
        guard let hook = record?.decision?.subject else { return try look(at: decision.subject.event) }
        let stored = try asking { () throws(MongoError) in try queries.event(hook.event) }
        let (type, parser) = (RuleEvent.messageNew, JSONParser())
        guard let bytes = stored?.body,
            let (event, body) = try? provider.hook(
                bytes,
                as: type,
                id: hook.event,
                receivedAt: hook.time,
                parser: parser
            )
        else { return nil }
        return Looked(event: ObservedEvent(event, body), observation: Examiner(engine).observe(event, body))
    }

    private func context(of decision: Decision, _ looked: Looked?) throws(NotDue) -> BusinessContext {
        let own = looked?.observation?.context ?? BusinessContext()
        guard let cid = decision.subject.cid else { return own }
        let channel = try asking { () throws(MongoError) in try queries.record(ChannelRecord.self, cid) }
        return own.completed(by: channel?.effectiveContext(store.settings.patterns) ?? BusinessContext())
    }

    /// Facts as they are now, and what was counted as it was.
    private func answers(for looked: Looked?, _ decision: Decision) throws(NotDue) -> (InputKey) -> RuleAnswer {
        let context = try context(of: decision, looked)
        let (subject, facts) = (decision.subject, facts)
        return { key in
            guard case .value(let path) = key, path != .removedMessages, path != .blockedHere else {
                return decision.inputs.first { $0.name == key.name }?.answer ?? .missing
            }
            switch FactQuestion(path, subject, context) {
            case .known(let text)?: return .value(.text(text))
            case .fact(let key, let field)?: return RuleAnswer(facts.load([key])[key, field])
            case nil: return .missing
            }
        }
    }

    private func templateValues(_ paths: [[String]], _ decision: Decision) throws(NotDue) -> TemplateValue {
        let looked = try look(at: decision.subject.event)
        let answers = try answers(for: looked, decision)
        var values = TemplateTree()
        for path in paths {
            guard let value = ValuePath(names: path) else { continue }
            if case .value(let found) = looked?.event.answer(value) ?? answers(.value(value)) {
                values.set(path, TemplateValue(found))
            }
        }
        return values.value
    }

    func asking<Value>(_ body: () throws(MongoError) -> Value) throws(NotDue) -> Value {
        do throws(MongoError) { return try body() } catch { throw .mongo(error) }
    }
}
