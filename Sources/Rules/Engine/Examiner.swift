package import Chat
package import JSON
import Limits

/// Looks at events with a rule engine, reusing its memory from one to the next.
///
/// For one thread.
package final class Examiner {
    package let engine: RuleEngine
    private let conditions: ConditionProgram
    private let leaves: BorrowedObjects<ConditionLeaf>
    private let traits: [RuleTraits]
    private let kept: [ConditionLeaf.Kept]
    private let examined: ExaminedText
    /// Of the event being looked at, by leaf.
    private let truths: ConditionProgram.Truths
    /// What is looked at of a leaf before the leaf itself is, by leaf.
    private let glances: UnsafeMutableBufferPointer<LeafGlance>
    /// What the event answers itself, by key; the same value is compared by many rules.
    private let states: UnsafeMutableBufferPointer<AnswerState>
    private var answers: [RuleAnswer?]
    private var answered: [Int] = []
    /// Leaves and keys that an observation holds already.
    private var notedLeaves: [Bool]
    private var notedKeys: [Bool]
    private var places: [Int] = []
    private var keys: [Int] = []
    private var marks: [Bool]
    /// Made when the first text is scored: most rule sets ask about spam seldom or never.
    private lazy var spamExtractor = SpamExtractor(limits: engine.limits)

    package init(_ engine: RuleEngine) {
        self.engine = engine
        (conditions, leaves) = (engine.conditions, engine.askedLeaves)
        (traits, kept) = (engine.traits, engine.kept)
        examined = ExaminedText(engine.patterns, engine.limits)
        // Behind a pointer, since a thousand checked accesses to a class's array for every message cost more than the rest.
        truths = .allocate(capacity: engine.leaves.count)
        truths.initialize(repeating: .unasked)
        glances = .allocate(capacity: engine.leaves.count)
        _ = glances.initialize(from: engine.leaves.lazy.map(LeafGlance.init))
        states = .allocate(capacity: engine.keys.count)
        states.initialize(repeating: .unasked)
        answers = [RuleAnswer?](repeating: nil, count: engine.keys.count)
        marks = [Bool](repeating: false, count: engine.rules.count)
        notedLeaves = [Bool](repeating: false, count: engine.leaves.count)
        notedKeys = [Bool](repeating: false, count: engine.keys.count)
    }

    deinit {
        truths.deallocate()
        glances.deallocate()
        states.deallocate()
    }

    /// What the event answers about a key.
    private enum AnswerState: UInt8 {
        case unasked
        /// Facts may know more.
        case open
        /// It is not there, or nobody can tell.
        case absent
        case present
    }

    /// What the event says to the rules; `nil` where it concerns none, and nothing of it has to be remembered.
    package func observe(_ event: borrowing ChatEvent, _ body: JSONValue) -> Observation? {
        guard let selection = engine.selection(for: event.type) else { return nil }
        let observed = ObservedEvent(event, body)
        begin(event)
        let candidates = candidates(selection, observed)
        let entry = selection.isCounted ? windowEntry(of: event) : nil
        guard !candidates.isEmpty || entry != nil else { return nil }
        return observation(event, observed, candidates, entry)
    }

    /// The same, also where it concerns no rule: for whoever shows what every rule would ask.
    package func observation(of event: ChatEvent, _ body: JSONValue) -> Observation {
        let found =
            observe(event, body)
            ?? Observation(
                engine: engine,
                subject: Decision.Subject(event),
                entry: windowEntry(of: event),
                ownContext: event.ownContext,
                candidates: [],
                truths: [],
                findings: NumberedValues([]),
                values: NumberedValues([]),
                isOfMachine: false
            )
        return found.spam == nil && engine.keys.contains(.spam) ? found.of(spam: spam(event)) : found
    }

    /// What was found of the event before is forgotten.
    func begin(_ event: borrowing ChatEvent) {
        examined.begin(event.message?.text ?? "")
        truths.update(repeating: .unasked)
        for key in answered { (states[key], answers[key]) = (.unasked, nil) }
        answered.removeAll(keepingCapacity: true)
    }

    // MARK: Which rules

    private func candidates(_ selection: RuleSelection, _ observed: ObservedEvent) -> [Int] {
        var candidates: [Int] = []
        candidates.reserveCapacity(16)
        func consider(_ indices: [Int]) {
            for index in indices where mayFire(index, observed) { candidates.append(index) }
        }
        consider(selection.always)
        let triggered = selection.usesText ? triggered(selection) : []
        guard !triggered.isEmpty else { return candidates }
        consider(triggered)
        return candidates.sorted()
    }

    private func mayFire(_ index: Int, _ observed: ObservedEvent) -> Bool {
        let answer = conditions.answer(ofRule: index, truths, asking: Asked(examiner: self, observed: observed))
        guard answer.truth.mayBeYes else { return false }
        guard traits[index].contains(.isRestricted) else { return true }
        let rule = engine.rules[index].rule
        return rule.active.contains(observed.time) && !isExcepted(rule.exceptions, observed)
    }

    /// Rules that something found in the text sets off.
    private func triggered(_ selection: RuleSelection) -> [Int] {
        var triggered: [Int] = []
        func mark(_ rules: [Int]) {
            for rule in rules where !marks[rule] {
                marks[rule] = true
                triggered.append(rule)
            }
        }
        if !selection.byTerm.isEmpty { for id in examined.foundTerms { mark(selection.byTerm[id] ?? []) } }
        if !selection.byExpression.isEmpty {
            for id in examined.foundExpressions { mark(selection.byExpression[id] ?? []) }
        }
        for rule in triggered { marks[rule] = false }
        return triggered
    }

    func isExcepted(_ exceptions: Exceptions, _ observed: ObservedEvent) -> Bool {
        guard !exceptions.isEmpty else { return false }
        if let user = observed.actingUserID, exceptions.users.contains(user) { return true }
        if let cid = observed.cid,
            exceptions.channels.contains(cid) || exceptions.channels.contains(Channel.parts(ofCID: cid).type)
        {
            return true
        }
        return !exceptions.roles.isEmpty && observed.roles.contains(where: exceptions.roles.contains)
    }

    // MARK: Leaves

    private func truth(_ leaf: Int, _ observed: ObservedEvent) -> Truth {
        truths[leaf] == .unasked ? ask(leaf, observed) : truths[leaf]
    }

    /// The leaves of one event.
    private struct Asked: LeafSource {
        let examiner: Examiner
        let observed: ObservedEvent

        func truth(ofLeaf leaf: Int) -> Truth { examiner.ask(leaf, observed) }
    }

    private func ask(_ leaf: Int, _ observed: ObservedEvent) -> Truth {
        let truth = glance(glances[leaf], observed) ?? leaves.with(leaf) { asked($0, observed) }
        truths[leaf] = truth
        return truth
    }

    /// `nil` where the leaf itself has to be looked at.
    private func glance(_ glance: LeafGlance, _ observed: ObservedEvent) -> Truth? {
        switch glance.kind {
        case .terms: examined.hasTerms ? nil : .no
        case .expressions: examined.hasExpressions ? nil : .no
        case .measure: Truth(glance.bounds.contains(measure(glance.measure, observed)))
        case .value:
            switch state(ofKey: glance.key, observed) {
            case .open: .pending
            case .absent: .unknown
            case .present, .unasked: nil
            }
        case .presence: state(ofKey: glance.key, observed) == .open ? .pending : nil
        case .pending: .pending
        case .other: nil
        }
    }

    private func asked(_ leaf: ConditionLeaf, _ observed: ObservedEvent) -> Truth {
        switch leaf.question {
        case .terms(let ids): examined.has(oneOf: ids)
        case .expressions(let ids, _): Truth(ids.contains(where: examined.has(expression:)))
        case .links(let question): Truth(examined.has(question))
        case .hours(let hours): Truth(hours.contains(observed.time))
        case .changed(let parts): Truth(!observed.changes.isDisjoint(with: parts))
        case .value(_, let question, let key, let other): value(key, question, other, observed)
        // Answered at a glance.
        case .measure, .input, .spam, .labelled, .score, .verdict: .pending
        }
    }

    private func value(
        _ key: Int,
        _ question: ValueQuestion,
        _ other: Int?,
        _ observed: ObservedEvent
    ) -> Truth {
        guard let answer = answer(key, observed) else { return .pending }
        guard let other else { return question.truth(answer, other: nil, at: observed.time) }
        guard let answerOther = self.answer(other, observed) else { return .pending }
        return question.truth(answer, other: answerOther, at: observed.time)
    }

    /// What the event says; `nil` where facts may know more.
    private func answer(_ key: Int, _ observed: ObservedEvent) -> RuleAnswer? {
        state(ofKey: key, observed) == .open ? nil : answers[key]
    }

    private func state(ofKey key: Int, _ observed: ObservedEvent) -> AnswerState {
        if states[key] != .unasked { return states[key] }
        guard case .value(let path) = engine.keys[key] else { return .open }
        let answer = observed.answer(path)
        answers[key] = answer
        answered.append(key)
        states[key] =
            switch answer {
            case .value: .present
            case .missing, .unavailable: .absent
            case nil: .open
            }
        return states[key]
    }

    private func measure(_ measure: Measure, _ observed: ObservedEvent) -> Double {
        switch measure {
        case .attachments: Double(observed.attachmentCount)
        case .mentions: Double(observed.mentionCount)
        default: examined.measure(measure)
        }
    }

    // MARK: What is kept

    private func observation(
        _ event: borrowing ChatEvent,
        _ observed: ObservedEvent,
        _ candidates: [Int],
        _ entry: WindowEntry?
    ) -> Observation {
        var (findings, values): ([(number: Int, value: LeafFinding)], [(number: Int, value: RuleAnswer)]) = ([], [])
        var (replies, asksSpam) = (false, false)
        for index in candidates {
            replies = replies || traits[index].contains(.replies)
            conditions.forEachLeaf(ofRule: index) { place in
                let truth = truth(place, observed)
                if case .spam = engine.leaves[place].question { asksSpam = true }
                guard kept[place] != .nothing, !notedLeaves[place] else { return }
                notedLeaves[place] = true
                places.append(place)
                if kept[place] == .findings {
                    if truth == .yes { findings.append((place, finding(place, observed))) }
                } else {
                    note(leaves.with(place) { $0.keys }, observed, in: &values)
                }
            }
        }
        for place in places { notedLeaves[place] = false }
        for key in keys { notedKeys[key] = false }
        places.removeAll(keepingCapacity: true)
        keys.removeAll(keepingCapacity: true)
        return Observation(
            engine: engine,
            subject: Decision.Subject(event),
            entry: entry,
            ownContext: event.ownContext,
            candidates: candidates,
            truths: candidates.isEmpty ? [] : Array(truths),
            findings: NumberedValues(findings),
            values: NumberedValues(values),
            isOfMachine: replies && observed.isOfMachine,
            spam: asksSpam ? spam(event) : nil
        )
    }

    /// What the model in force says; `nil` where there is none, or no text.
    private func spam(_ event: borrowing ChatEvent) -> SpamAnswer? {
        guard let model = engine.settings.spam?.current, let text = event.message?.text, !text.isEmpty else {
            return nil
        }
        spamExtractor.extract(text)
        return model.answer(spamExtractor, in: event.cid.map { Channel.parts(ofCID: $0).type })
    }

    /// What the event holds of these keys, each once.
    private func note(
        _ numbers: [Int],
        _ observed: ObservedEvent,
        in values: inout [(number: Int, value: RuleAnswer)]
    ) {
        for key in numbers where !notedKeys[key] {
            notedKeys[key] = true
            keys.append(key)
            if let answer = answer(key, observed) { values.append((key, answer)) }
        }
    }

    /// How one of the engine's questions comes out, with what was found.
    func finding(_ place: Int, _ observed: ObservedEvent) -> LeafFinding {
        let leaf = engine.leaves[place]
        var finding = LeafFinding(truth: truth(place, observed))
        if finding.truth == .unknown, case .terms = leaf.question { finding.note = examined.floodNote }
        guard finding.truth == .yes else { return finding }
        switch leaf.question {
        case .terms(let ids): finding.matches = examined.matches(oneOf: ids)
        case .expressions(let ids, _): finding.matches = ids.flatMap(examined.matches(expression:))
        case .measure(let measure, _):
            finding.matches = examined.parts(measure)
            let count = RuleAnswer.value(.number(self.measure(measure, observed)))
            finding.value = Decision.Input(name: "text.\(measure.rawValue)", answer: count)
        case .links(let question): finding.matches = examined.matches(question)
        default: break
        }
        finding.matches = Array(finding.matches.prefix(engine.limits.matchesPerLeaf))
        return finding
    }

    /// What a stored message counts as against later ones.
    package func windowEntry(_ id: String, cid: String?, at time: Timestamp, text: String?, mentions: Int)
        -> WindowEntry
    {
        guard engine.windows.needsText, let words = text, !words.isEmpty else {
            return WindowEntry(time: time, id: id, cid: cid, mentions: mentions)
        }
        examined.begin(words)
        let likeness = examined.likeness
        return WindowEntry(
            time: time,
            id: id,
            cid: cid,
            digest: likeness.digest,
            likeness: likeness.sketch,
            links: Int(examined.measure(.links)),
            mentions: mentions
        )
    }

    /// What an event counts as against later ones.
    package func windowEntry(of event: borrowing ChatEvent) -> WindowEntry {
        if event.type == RuleEvent.memberAdded {
            let joined = event.member?.createdAt ?? event.time
            return .join(of: event.actingUserID ?? "", cid: event.cid, at: joined)
        }
        return windowEntry(
            event.messageID ?? event.id.description,
            cid: event.cid,
            at: event.judgedTime,
            text: event.message?.text,
            mentions: event.message?.mentionedUserIDs.count ?? 0
        )
    }
}

extension RuleEngine {
    /// What an event tells of the business its channel is about, with what the channel's id says.
    func completed(_ context: BusinessContext, ofChannel cid: String?) -> BusinessContext {
        guard let cid else { return context }
        return context.completed(by: settings.context.context(ofChannelID: Channel.parts(ofCID: cid).id))
    }
}

extension ChatEvent {
    /// What the event itself tells of the business its channel is about.
    fileprivate var ownContext: BusinessContext {
        var context = channel?.context ?? BusinessContext()
        guard let message else { return context }
        if let id = message.listingID { context[.listing] = id }
        if let id = message.orderID { context[.order] = id }
        if let id = message.offerID { context[.offer] = id }
        return context
    }

    /// Who wrote, joined or did it.
    package var actingUserID: String? { message?.sender?.id ?? member?.userID ?? user?.id }

    /// A message is judged at its own time, so that every event that tells of it agrees.
    package var judgedTime: Timestamp { type == RuleEvent.messageNew ? message?.createdAt ?? time : time }
}

extension Decision.Subject {
    package init(_ event: borrowing ChatEvent) {
        self.init(
            event: event.id,
            type: event.type,
            time: event.judgedTime,
            messageID: event.messageID ?? event.message?.id,
            version: event.message?.textUpdatedAt?.nanoseconds ?? 0,
            cid: event.cid,
            userID: event.actingUserID
        )
    }
}
