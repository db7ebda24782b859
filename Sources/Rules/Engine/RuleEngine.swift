package import Chat
package import Limits

/// A rule set made ready to judge: every pattern in one table, every question once.
///
/// Immutable, so that any number of threads judge by it at once; each has an ``Examiner`` of its own.
package final class RuleEngine: Sendable {
    package let ruleSet: RuleSet
    let settings: Settings
    let limits: Limits.Rules
    /// In the order in which they are asked.
    let rules: [CompiledRule]
    /// Of each rule.
    let traits: [RuleTraits]
    let conditions: ConditionProgram
    let leaves: [ConditionLeaf]
    /// The same, to be asked.
    let askedLeaves: BorrowedObjects<ConditionLeaf>
    /// Of each leaf.
    let kept: [ConditionLeaf.Kept]
    /// What leaves ask beyond texts, each once.
    let keys: [InputKey]
    let patterns: CompiledPatterns
    /// What has to be remembered of events for conditions on later ones.
    package let windows: WindowNeeds
    /// Whether any event may be an onlooker: see ``Observation/isOnlooker``.
    let hasOnlookers: Bool
    /// How long the silences are that rules ask for, each once.
    package let silences: [Duration]
    private let byType: [EventType: RuleSelection]
    private let places: [String: Int]

    /// What is not in rule files.
    package struct Settings: Sendable {
        package var context: ContextPatterns
        /// Under whose name replies are written, unless the rule says.
        package var ownUserID: String?
        /// Answers conditions on spam; `nil`: they are unknown.
        package var spam: (any SpamSource)?

        package init(context: ContextPatterns, ownUserID: String? = nil, spam: (any SpamSource)? = nil) {
            (self.context, self.ownUserID, self.spam) = (context, ownUserID, spam)
        }
    }

    /// - Throws: ``PatternFault`` of an expression that cannot be compiled.
    package init(
        _ ruleSet: RuleSet,
        settings: Settings,
        limits: Limits.Rules = Limits.Rules()
    ) throws(PatternFault) {
        (self.ruleSet, self.settings, self.limits) = (ruleSet, settings, limits)
        let ordered = ruleSet.rules.filter { $0.mode != .off }.enumerated().sorted { left, right in
            let (a, b) = (left.element, right.element)
            return (a.phase, -a.priority, left.offset) < (b.phase, -b.priority, right.offset)
        }
        var compiler = ConditionCompiler(ruleSet, limits)
        var (rules, conditions): ([CompiledRule], ConditionProgram) = ([], ConditionProgram())
        for (_, rule) in ordered {
            let condition = try compiler.node(rule.condition)
            var windows: Set<InputKey.CountedWindow> = []
            var asksRemovals = false
            condition.forEachLeaf { place in
                let leaf = compiler.leaves[place]
                if let window = leaf.window { windows.insert(window) }
                asksRemovals = asksRemovals || leaf.keys.contains { compiler.keys[$0] == .value(.removedMessages) }
            }
            rules.append(CompiledRule(rule, condition, windows, asksRemovals: asksRemovals))
            conditions.append(condition)
        }
        (self.rules, self.conditions, traits) = (rules, conditions, rules.map(\.traits))
        (leaves, places, keys) = (compiler.leaves, compiler.places, compiler.keys)
        (askedLeaves, kept) = (BorrowedObjects(leaves), leaves.map(\.kept))
        patterns = try CompiledPatterns(compiler.patterns, limits)
        silences = Self.silences(rules, leaves)
        windows = WindowNeeds(rules, leaves, most: limits.windowEntries)
        hasOnlookers = !windows.watched.isEmpty || traits.contains { $0.contains(.asksRemovals) }
        var byType: [EventType: RuleSelection] = [:]
        let counted = [RuleEvent.messageNew, RuleEvent.memberAdded].filter(windows.counts)
        for type in Set(rules.flatMap(\.rule.events) + counted) {
            byType[type] = RuleSelection(
                rules.indices.filter { rules[$0].rule.events.contains(type) },
                of: rules,
                leaves,
                isCounted: windows.counts(type)
            )
        }
        self.byType = byType
    }

    /// Of rules about silent channels.
    private static func silences(_ rules: [CompiledRule], _ leaves: [ConditionLeaf]) -> [Duration] {
        var seconds: Set<Double> = []
        for rule in rules where rule.rule.events.contains(RuleEvent.channelSilent) {
            rule.condition.forEachLeaf { leaf in
                if case .input(.silence, let bounds, _) = leaves[leaf].question, let lowest = bounds.lowest {
                    seconds.insert(lowest)
                }
            }
        }
        return seconds.sorted().map { .seconds($0) }
    }

    /// The question of this number: see ``Observation/attempt(_:)``.
    package func key(_ number: Int) -> InputKey { keys[number] }

    /// Where the condition's answer is found; `nil` for one of a rule that is off.
    func place(of condition: Condition) -> Int? { places[condition.key] }

    /// Whether any rule asks for ``ValuePath/removedMessages``.
    package var asksRemovals: Bool { traits.contains { $0.contains(.asksRemovals) } }

    /// Kinds of things whose facts conditions may ask for.
    package var factKinds: Set<String> {
        Set(
            keys.compactMap { key in
                guard case .value(let path) = key else { return nil }
                return switch path.root {
                case .user, .seller, .buyer: "user"
                case .channel: "channel"
                case .thing(let kind): kind
                case .event, .message, .command: nil
                }
            }
        )
    }

    /// Earlier messages that conditions look back on at most.
    package var windowEntries: Int { limits.windowEntries }

    /// Under whose name the service writes, unless a rule says.
    package var ownUserID: String? { settings.ownUserID }

    /// Rules that an event of this type concerns; `nil` where there is none, and nothing of it is counted.
    func selection(for type: EventType) -> RuleSelection? { byType[type] }

    /// Events that some rule asks about, or that are counted.
    package var eventTypes: Set<EventType> { Set(byType.keys) }

    /// Whether any rule asks about events of this type, or counts them.
    package func concerns(_ type: EventType) -> Bool { byType[type] != nil }
}

/// A rule with its condition over numbered leaves.
final class CompiledRule: Sendable {
    let rule: Rule
    let condition: ConditionNode
    /// Leaves of the condition, each once.
    let leaves: [Int]
    let traits: RuleTraits

    /// - Parameter windows: that the condition looks into.
    init(_ rule: Rule, _ condition: ConditionNode, _ windows: Set<InputKey.CountedWindow>, asksRemovals: Bool) {
        var leaves: [Int] = []
        condition.forEachLeaf { if !leaves.contains($0) { leaves.append($0) } }
        (self.rule, self.condition, self.leaves) = (rule, condition, leaves)
        traits = RuleTraits(rule, windows, asksRemovals: asksRemovals)
    }
}

/// What judging asks about every rule.
struct RuleTraits: OptionSet, Sendable {
    let rawValue: UInt8

    /// It may leave somebody alone, or hold at some times only.
    static let isRestricted = RuleTraits(rawValue: 1)
    static let isShadow = RuleTraits(rawValue: 2)
    static let responds = RuleTraits(rawValue: 4)
    /// It responds, and does not ask by itself what was decided: on what is blocked it says nothing.
    static let isSilencedByBlock = RuleTraits(rawValue: 8)
    /// Some action depends on whether a person wrote.
    static let replies = RuleTraits(rawValue: 16)
    static let countsMessages = RuleTraits(rawValue: 32)
    static let countsJoins = RuleTraits(rawValue: 64)
    static let countsEarlier: RuleTraits = [.countsMessages, .countsJoins]
    /// See ``ValuePath/removedMessages``.
    static let asksRemovals = RuleTraits(rawValue: 128)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(_ rule: Rule, _ windows: Set<InputKey.CountedWindow>, asksRemovals: Bool) {
        self = asksRemovals ? .asksRemovals : []
        for window in windows { insert(window.isOfJoins ? .countsJoins : .countsMessages) }
        if !rule.exceptions.isEmpty || rule.active != ActiveTime() { insert(.isRestricted) }
        if rule.mode == .shadow { insert(.isShadow) }
        if rule.phase == .respond {
            formUnion(rule.condition.asksVerdict ? .responds : [.responds, .isSilencedByBlock])
        }
        if rule.actions.contains(where: { if case .reply = $0 { true } else { false } }) { insert(.replies) }
    }
}

extension Condition {
    fileprivate var asksVerdict: Bool {
        switch self {
        case .all(let conditions), .any(let conditions), .none(let conditions):
            conditions.contains(where: \.asksVerdict)
        case .verdict: true
        default: false
        }
    }
}

/// The rules of one event type: those that only some term or expression can set off are not asked without it.
final class RuleSelection: Sendable {
    /// Asked about every event of the type, in order.
    let always: [Int]
    /// By term, and by expression.
    let byTerm: [Int: [Int]]
    let byExpression: [Int: [Int]]
    /// Later events are counted against those of this type.
    let isCounted: Bool

    init(_ selected: [Int], of rules: [CompiledRule], _ leaves: [ConditionLeaf], isCounted: Bool) {
        var (always, byTerm, byExpression): ([Int], [Int: [Int]], [Int: [Int]]) = ([], [:], [:])
        for index in selected {
            guard let triggers = rules[index].condition.triggers(leaves) else {
                always.append(index)
                continue
            }
            for trigger in triggers {
                switch trigger {
                case .term(let id): byTerm[id, default: []].append(index)
                case .expression(let id): byExpression[id, default: []].append(index)
                }
            }
        }
        (self.always, self.byTerm, self.byExpression) = (always, byTerm, byExpression)
        self.isCounted = isCounted
    }

    var usesText: Bool { !byTerm.isEmpty || !byExpression.isEmpty }
}

private enum Trigger: Hashable {
    case term(Int)
    case expression(Int)
}

extension ConditionNode {
    /// Patterns of which at least one has to be found; `nil` where it can hold without.
    fileprivate func triggers(_ leaves: [ConditionLeaf]) -> Set<Trigger>? {
        switch self {
        case .leaf(let leaf):
            switch leaves[leaf].question {
            case .terms(let ids): return Set(ids.map(Trigger.term))
            case .expressions(let ids, _): return Set(ids.map(Trigger.expression))
            default: return nil
            }
        case .all(let nodes): return nodes.compactMap { $0.triggers(leaves) }.min { $0.count < $1.count }
        case .any(let nodes):
            var all: Set<Trigger> = []
            for node in nodes {
                guard let triggers = node.triggers(leaves) else { return nil }
                all.formUnion(triggers)
            }
            return all
        case .none: return nil
        }
    }
}

/// Which windows the conditions look into.
package struct WindowNeeds: Sendable {
    /// Of messages.
    package var messages: Set<Subject> = []
    /// Of `member.added`.
    package var joins: Set<Subject> = []
    /// What is asked of each, and when it holds.
    package private(set) var questions: [InputKey.CountedWindow: [(key: InputKey, bounds: Bounds)]] = [:]
    /// Windows that are asked about events which are not counted there: see ``Observation/isOnlooker``.
    package private(set) var watched: Set<InputKey.CountedWindow> = []
    /// Entries before an event that can change its judgement.
    package var entries = 0
    /// Whether texts have to be told apart, links or mentions counted.
    package var needsText = false

    init(_ rules: [CompiledRule], _ leaves: [ConditionLeaf], most: Int) {
        for rule in rules where rule.rule.events != [RuleEvent.channelSilent] {
            rule.condition.forEachLeaf { leaf in
                guard case .input(let key, let bounds, _) = leaves[leaf].question, let window = key.window else {
                    return
                }
                questions[window, default: []].append((key, bounds))
                if rule.rule.events.contains(where: { $0 != window.counted && $0 != RuleEvent.channelSilent }) {
                    watched.insert(window)
                }
                switch key {
                case .rate(.joins, _, let subject):
                    joins.insert(subject)
                    entries = max(entries, Int(bounds.lowest ?? 0) + 1)
                case .rate(.messages, _, let subject):
                    messages.insert(subject)
                    entries = max(entries, Int(bounds.lowest ?? 0) + 1)
                case .rate(_, _, let subject):
                    messages.insert(subject)
                    (needsText, entries) = (true, most)
                case .first(let subject), .silence(let subject):
                    messages.insert(subject)
                    entries = max(entries, 1)
                case .value, .spam, .spamModel: return
                }
            }
        }
        entries = min(entries, most)
    }

    package var isEmpty: Bool { messages.isEmpty && joins.isEmpty }

    package func counts(_ type: EventType) -> Bool {
        type == RuleEvent.messageNew ? !messages.isEmpty : type == RuleEvent.memberAdded ? !joins.isEmpty : false
    }
}

extension InputKey.CountedWindow {
    /// Events of which it is made.
    fileprivate var counted: EventType { isOfJoins ? RuleEvent.memberAdded : RuleEvent.messageNew }
}
