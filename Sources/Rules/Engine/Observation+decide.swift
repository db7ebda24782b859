package import Chat
import Limits

extension Observation {
    /// What the rules come to, once what they ask is answered.
    ///
    /// - Parameter ask: called once for each question that matters.
    /// - Returns: `nil` where no rule fires.
    package func decide(_ ask: (InputKey) -> RuleAnswer) -> Decision? {
        guard case .decided(let decision) = attempt({ ask(engine.keys[$0]) }) else { return nil }
        return decision
    }

    package enum Attempt: Sendable {
        /// `nil` where no rule fires.
        case decided(Decision?)
        /// What has to be known first, by number: of each rule that may fire the next question, so that what the answer
        /// makes needless is not asked.
        case asks([Int])
    }

    /// What the rules come to by what is known so far.
    ///
    /// - Parameter known: given the number of a question, see ``RuleEngine/key(_:)``; `nil` where it is not known yet; called
    ///   once for each question that matters.
    package func attempt(_ known: (Int) -> RuleAnswer?) -> Attempt {
        guard mayFire else { return .decided(nil) }
        return withoutActuallyEscaping(known) { known in
            let deciding = Deciding(self, known)
            let decision = deciding.decision()
            return deciding.wanted.isEmpty ? .decided(decision) : .asks(deciding.wanted)
        }
    }

    /// What rules found when their turns came, by id: of those that the event does not rule out.
    func turns(_ ask: (InputKey) -> RuleAnswer) -> [String: RuleTurn] {
        guard mayFire else { return [:] }
        return withoutActuallyEscaping(ask) { ask in
            let deciding = Deciding(self, { ask(self.engine.keys[$0]) }, keepsTurns: true)
            _ = deciding.decision()
            return deciding.turns
        }
    }
}

/// What a rule found when its turn came.
struct RuleTurn {
    /// Of the rules before it that count for it.
    let outcome: Decision.Outcome
    /// Why it was not asked.
    let skipped: RuleTrace.Outcome?
}

/// One observation being decided on: rules in their order, each seeing what those before it left.
///
/// For one thread.
private final class Deciding: LeafSource {
    private let observation: Observation
    private let engine: RuleEngine
    private let conditions: ConditionProgram
    private let leaves: BorrowedObjects<ConditionLeaf>
    /// By leaf, as far as they are known and no rule before can change them.
    private let truths: ConditionProgram.Truths
    private let known: (Int) -> RuleAnswer?
    /// In the order asked, by number among the engine's keys; their names are made where something is decided.
    private var answers: [(key: Int, answer: RuleAnswer)] = []
    /// By key, where its answer is; -1 where it is not known.
    private var places: [Int32]
    /// What is not known yet, each once.
    private(set) var wanted: [Int] = []
    /// Of rules in force.
    private var enforced = Standing()
    /// Of all rules, as if those in shadow mode were in force.
    private var shadow = Standing()
    /// Whether the rule whose turn it is sees what those in shadow mode have come to.
    private var isInShadow = false
    private var fired: [Decision.FiredRule] = []
    /// Kept where a trace is asked for.
    private(set) var turns: [String: RuleTurn] = [:]
    private let keepsTurns: Bool

    /// What rules have come to so far.
    private struct Standing {
        var outcome = Decision.Outcome()
        /// Places among the engine's rules.
        var fired: [Int] = []
        var isStopped = false
        /// What the sum of scores brings about.
        var threshold: Action?

        mutating func add(_ index: Int, _ rule: Rule) {
            fired.append(index)
            if rule.stops { isStopped = true }
            for action in rule.actions {
                outcome.verdict = max(outcome.verdict, action.verdict)
                switch action {
                case .score(let score): outcome.score += score
                case .label(let label) where !outcome.labels.contains(label): outcome.labels.append(label)
                default: break
                }
            }
        }

        func has(_ label: String) -> Bool { outcome.labels.contains(label) }

        /// Why the rule is not asked; `nil` where it is.
        ///
        /// - Parameter isSilenced: by what takes the message away.
        @inline(__always)
        func skips(isSilencedByBlock isSilenced: Bool) -> RuleTrace.Outcome? {
            if isStopped { return .stopped }
            // What is taken away is not answered, unless the rule says so.
            return isSilenced && outcome.verdict >= .block ? .silenced : nil
        }

        /// The verdict by the sum of scores.
        mutating func close(_ thresholds: Thresholds) {
            guard let action = thresholds.action(for: outcome.score) else { return }
            threshold = action
            outcome.verdict = max(outcome.verdict, action.verdict)
        }
    }

    init(_ observation: Observation, _ known: @escaping (Int) -> RuleAnswer?, keepsTurns: Bool = false) {
        (self.observation, self.known, self.keepsTurns) = (observation, known, keepsTurns)
        engine = observation.engine
        (conditions, leaves) = (engine.conditions, engine.askedLeaves)
        places = [Int32](repeating: -1, count: engine.keys.count)
        truths = .allocate(capacity: observation.truths.count)
        _ = truths.initialize(from: observation.truths)
        // Whatever is open is asked again when its rule's turn comes.
        for leaf in truths.indices { truths[leaf] = truths[leaf].ifSettled }
    }

    deinit { truths.deallocate() }

    func decision() -> Decision? {
        var isClosed = false
        for index in observation.candidates {
            if !isClosed, engine.traits[index].contains(.responds) {
                isClosed = true
                close()
            }
            consider(index)
        }
        if !isClosed { close() }
        guard !fired.isEmpty else { return nil }
        return Decision(
            subject: observation.subject,
            ruleSet: engine.ruleSet.version,
            enforced: enforced.outcome,
            shadow: shadow.outcome,
            fired: fired,
            inputs: answers.map { Decision.Input(name: engine.keys[$0.key].name, answer: $0.answer) },
            actions: plannedActions()
        )
    }

    private func close() {
        enforced.close(engine.ruleSet.thresholds)
        shadow.close(engine.ruleSet.thresholds)
    }

    private func consider(_ index: Int) {
        isInShadow = engine.traits[index].contains(.isShadow)
        let isSilenced = engine.traits[index].contains(.isSilencedByBlock)
        let skipped =
            isInShadow ? shadow.skips(isSilencedByBlock: isSilenced) : enforced.skips(isSilencedByBlock: isSilenced)
        if keepsTurns {
            let outcome = isInShadow ? shadow.outcome : enforced.outcome
            turns[engine.rules[index].rule.id] = RuleTurn(outcome: outcome, skipped: skipped)
        }
        guard skipped == nil, fires(index) else { return }
        let rule = engine.rules[index]
        fired.append(record(of: rule))
        shadow.add(index, rule.rule)
        if !isInShadow { enforced.add(index, rule.rule) }
    }

    /// Asks one question after the other, until the rule cannot fire any more or is known to.
    private func fires(_ index: Int) -> Bool {
        while true {
            let answer = conditions.answer(ofRule: index, truths, asking: self)
            guard answer.truth.mayBeYes else { return false }
            guard let open = answer.open else { return true }
            guard findOut(open) else { return false }
        }
    }

    // MARK: Leaves

    func truth(ofLeaf place: Int) -> Truth { leaves.with(place) { truth(of: $0, at: place) } }

    private func truth(of leaf: ConditionLeaf, at place: Int) -> Truth {
        switch leaf.question {
        case .value(_, let question, let key, let other):
            guard let answer = value(key) else { return .pending }
            guard let other else {
                truths[place] = question.truth(answer, other: nil, at: observation.subject.time)
                return truths[place]
            }
            guard let otherAnswer = value(other) else { return .pending }
            truths[place] = question.truth(answer, other: otherAnswer, at: observation.subject.time)
            return truths[place]
        case .input(_, let bounds, let key), .spam(let bounds, let key, _):
            guard let answer = answer(key) else { return .pending }
            truths[place] = bounds.truth(answer)
            return truths[place]
        case .labelled(let labels):
            return Truth(labels.contains { isInShadow ? shadow.has($0) : enforced.has($0) })
        case .score(let bounds):
            return Truth(bounds.contains(isInShadow ? shadow.outcome.score : enforced.outcome.score))
        case .verdict(let verdicts):
            return Truth(verdicts.contains(isInShadow ? shadow.outcome.verdict : enforced.outcome.verdict))
        default: return .unknown
        }
    }

    /// `nil` where it has not been asked.
    private func value(_ key: Int) -> RuleAnswer? { observation.values[key] ?? answer(key) }

    private func answer(_ key: Int) -> RuleAnswer? { places[key] < 0 ? nil : answers[Int(places[key])].answer }

    /// Asks the next thing that the leaf compares; false where it is not known yet.
    private func findOut(_ leaf: Int) -> Bool {
        guard let key = engine.leaves[leaf].keys.first(where: { value($0) == nil }) else { return false }
        guard let answer = known(key) else {
            if !wanted.contains(key) { wanted.append(key) }
            return false
        }
        // At once: growing by steps costs more than all that is asked.
        if answers.isEmpty { answers.reserveCapacity(16) }
        places[key] = Int32(answers.count)
        answers.append((key, answer))
        return true
    }

    // MARK: Records

    private func record(of rule: CompiledRule) -> Decision.FiredRule {
        var record = Decision.FiredRule(
            id: rule.rule.id,
            isShadow: rule.traits.contains(.isShadow),
            actions: rule.rule.actions.map(\.name)
        )
        for place in rule.leaves {
            if case .value(let path, _, let key, _) = engine.leaves[place].question, let answer = value(key) {
                let answer = answer.shortened(to: engine.limits.recordedBytes)
                let input = Decision.Input(name: path.description, answer: answer)
                if !record.values.contains(input) { record.values.append(input) }
            }
            guard let finding = observation.findings[place] else { continue }
            record.matches += finding.matches
            if let value = finding.value { record.values.append(value) }
        }
        return record
    }

    // MARK: Actions

    /// Those that stand once the strongest has won, and that change something.
    private func plannedActions() -> [Decision.PlannedAction] {
        var plan = ActionPlan()
        for place in enforced.fired {
            let rule = engine.rules[place].rule
            for (index, action) in rule.actions.enumerated() where isAllowed(action) {
                plan.add(
                    action,
                    .init(rule: rule.id, index: index, name: action.name),
                    priority: rule.priority
                )
            }
        }
        if let action = enforced.threshold {
            let planned = Decision.PlannedAction(rule: Decision.PlannedAction.thresholds, index: 0, name: action.name)
            plan.add(action, planned, priority: .min)
        }
        return plan.actions
    }

    /// A reply answers no machine unless asked to, and nobody answers themselves.
    private func isAllowed(_ action: Action) -> Bool {
        guard case .reply(let reply) = action else { return true }
        guard let author = reply.by ?? engine.settings.ownUserID else { return false }
        if author == observation.subject.userID { return false }
        return reply.answersMachines || !observation.isOfMachine
    }
}

extension Bounds {
    package func truth(_ answer: RuleAnswer) -> Truth {
        switch answer {
        case .value(.number(let number)): Truth(contains(number))
        case .value(.flag(let flag)): Truth(contains(flag ? 1 : 0))
        case .value, .missing, .unavailable: .unknown
        }
    }
}

extension Thresholds {
    /// What is done at this sum of scores.
    package func action(for score: Double) -> Action? {
        if let block, score >= block { return .delete(isHard: false) }
        if let hold, score >= hold { return .hold(reason: nil, .medium) }
        if let mask, score >= mask { return .mask([.matches], with: "•") }
        return nil
    }
}
