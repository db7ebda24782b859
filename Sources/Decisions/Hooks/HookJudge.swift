package import Blocking
package import Chat
import Facts
import History
import JSON
import MongoDB
package import Rules
import Templates

/// Decides on what the provider's hooks ask, from memory alone.
package actor HookJudge {
    /// A task that prefers it is not handed from thread to thread on its way to the judge and back.
    package nonisolated var executor: ThreadExecutor { memory.executor }
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let rules: any RuleSource
    private let memory: HookMemory
    private let provider: StreamProvider
    private let marks: HookMarks?
    private let parser = JSONParser()
    private var examiner: Examiner?

    /// - Parameter marks: by which messages are recognised when their events come; `nil` without a secret to make them with.
    package init(rules: any RuleSource, memory: HookMemory, provider: StreamProvider, marks: HookMarks?) {
        (self.rules, self.memory, self.marks) = (rules, memory, marks)
        self.provider = provider.withoutUserIDs
    }

    /// What is to be answered.
    ///
    /// - Parameter isOver: whether it has been answered already, because it took too long.
    /// - Returns: `nil` where it is over.
    package func decide(_ request: HookRequest, unless isOver: @Sendable () -> Bool) -> HookDecision? {
        guard !isOver() else { return nil }
        defer { memory.ring() }
        let read = try? provider.hook(
            request.body,
            as: request.type,
            id: request.id,
            receivedAt: request.receivedAt,
            parser: parser
        )
        guard let (event, body) = read, let user = event.actingUserID, let cid = event.cid else {
            return HookDecision(answer: .accept, reason: .unreadable)
        }
        let ban = memory.ban(of: user, in: cid, at: request.receivedAt)
        if ban.isKnown, !event.fromServer {
            let text = HookTexts(rules.engine?.ruleSet).banned(until: ban.until, at: request.receivedAt)
            return HookDecision(answer: .refuse(text: text), reason: .banned)
        }
        guard let engine = useCurrentRules(), let examiner, let observation = examiner.observe(event, body) else {
            return .accept
        }
        let answers = MemoryAnswers(memory: memory, engine: engine, now: request.receivedAt)
        let matter = Matter(
            user: user,
            cid: cid,
            text: event.message?.text ?? "",
            event: event,
            body: body,
            observation: observation,
            engine: engine,
            now: request.receivedAt
        )
        return conclude(matter, answers)
    }

    /// A new rule set takes over between two requests.
    private func useCurrentRules() -> RuleEngine? {
        let current = rules.engine
        if examiner?.engine !== current { examiner = current.map(Examiner.init) }
        if let current { memory.use(current) }
        return current
    }

    /// One message being decided on.
    private struct Matter {
        let user: String
        let cid: String
        let text: String
        let event: ChatEvent
        let body: JSONValue
        let observation: Observation
        let engine: RuleEngine
        let now: Timestamp
    }

    private func conclude(_ matter: Matter, _ answers: MemoryAnswers) -> HookDecision {
        var source = answers
        // From memory: nothing is asked that could fail.
        let decided = try? Inquiry(engine: matter.engine).decide(
            [RuleJudge.Question(matter.observation)],
            from: &source
        )
        guard let decision = decided?[0] else {
            noteSent(matter, text: matter.text)
            return .accept
        }
        if let refusal = refusal(decision, matter, source) { return refusal }
        guard decision.changesText, let marks, matter.event.type == RuleEvent.messageNew,
            let text = try? decision.changed(
                matter.text,
                by: matter.engine.ruleSet,
                rendering: { try render($0, matter, source) }
            ), text != matter.text
        else {
            noteSent(matter, text: matter.text)
            return .accept
        }
        noteSent(matter, text: text)
        let mark = marks.mark(user: matter.user, cid: matter.cid, text: text, at: matter.now)
        return HookDecision(
            answer: .rewrite(text: text, mark: mark),
            reason: .rule,
            record: DecisionRecord(decision, as: HookEvent.rewritten, mark: mark, at: matter.now)
        )
    }

    /// `nil` where the message may be sent.
    private func refusal(_ decision: Decision, _ matter: Matter, _ source: MemoryAnswers) -> HookDecision? {
        let planned = decision.actions.first { $0.name == "refuse" } ?? decision.actions.first { $0.name == "delete" }
        guard let planned, let marks else { return nil }
        noteBans(decision, matter)
        let mark = marks.mark(user: matter.user, cid: matter.cid, text: matter.text, at: matter.now)
        return HookDecision(
            answer: .refuse(text: text(of: planned, decision, matter, source)),
            reason: .rule,
            record: DecisionRecord(decision, as: HookEvent.refused, mark: mark, at: matter.now)
        )
    }

    private func text(
        of planned: Decision.PlannedAction,
        _ decision: Decision,
        _ matter: Matter,
        _ source: MemoryAnswers
    ) -> String {
        let standard = HookTexts(matter.engine.ruleSet).refused
        guard
            case .refuse(let template?)? = matter.engine.ruleSet.action(planned, scoring: decision.enforced.score)?
                .action
        else { return standard }
        // What cannot be filled in from memory is not worth letting the message through for.
        return (try? render(template, matter, source)) ?? standard
    }

    private struct Unknown: Error {}

    private func render(_ name: String, _ matter: Matter, _ source: MemoryAnswers) throws -> String {
        guard let template = matter.engine.ruleSet.templates[name] else { throw Unknown() }
        let observed = ObservedEvent(matter.event, matter.body)
        let question = RuleJudge.Question(matter.observation)
        var (source, values) = (source, TemplateTree())
        for path in template.paths {
            guard let value = ValuePath(names: path) else { continue }
            let inquiry = Inquiry(engine: matter.engine)
            let answer = try observed.answer(value) ?? inquiry.answer(.value(value), of: question, from: &source)
            if case .value(let found) = answer { values.set(path, TemplateValue(found)) }
        }
        return try template.render(values.value)
    }

    // MARK: What is remembered

    private func noteSent(_ matter: Matter, text: String) {
        guard let entry = matter.observation.entry else { return }
        memory.noteSent(entry, by: matter.user, in: matter.cid, text: text)
    }

    /// Until the provider's event tells of them.
    private func noteBans(_ decision: Decision, _ matter: Matter) {
        for planned in decision.actions {
            switch matter.engine.ruleSet.action(planned, scoring: decision.enforced.score)?.action {
            case .mute(let duration): note(duration, in: matter.cid, matter)
            case .ban(let order) where !order.isShadow:
                note(order.duration, in: order.isOfChannel ? matter.cid : nil, matter)
            default: continue
            }
        }
    }

    private func note(_ duration: Duration?, in cid: String?, _ matter: Matter) {
        let until = duration.map { Timestamp(nanoseconds: matter.now.nanoseconds &+ $0.nanoseconds) }
        memory.noteBan(of: matter.user, in: cid, until: until ?? .distantFuture)
    }
}

/// A question answered by what a node remembers.
private struct MemoryAnswers: AnswerSource {
    let memory: HookMemory
    let engine: RuleEngine
    let now: Timestamp

    func known(_: InputKey, _: RuleJudge.Question) -> RuleAnswer? { nil }

    func contexts(ofChannels ids: Set<String>) -> [String: BusinessContext] {
        memory.contexts(ofChannels: ids, at: now)
    }

    func facts(_ wanted: Set<FactKey>) -> FactTable? { memory.facts(wanted, at: now) }

    func window(_ window: WindowCache.Key, for key: InputKey, of _: RuleJudge.Question) -> Window? {
        let found = memory.window(window, engine.windows, at: now)
        // Whether somebody has ever written before is known only from all that is stored.
        if case .first = key, !found.isComplete, found.entries.isEmpty { return nil }
        return found
    }

    func removedMessages(of _: Decision.Subject) -> Int? { nil }

    func blockedHere(_: Decision.Subject) -> Int? { nil }
}
