import Chat
import Limits

/// Turns conditions into nodes over numbered leaves, each question once, with every pattern in one table.
struct ConditionCompiler {
    private(set) var leaves: [ConditionLeaf] = []
    private(set) var patterns = PatternTable()
    /// Everything that is asked beyond texts, each once.
    private(set) var keys: [InputKey] = []
    private var keyNumbers: [InputKey: Int] = [:]
    private let ruleSet: RuleSet
    private let limits: Limits.Rules
    /// The same, with what the expressions of one value may keep.
    private let valueLimits: Limits.Rules
    /// Leaves by what they ask, as text.
    private(set) var places: [String: Int] = [:]

    init(_ ruleSet: RuleSet, _ limits: Limits.Rules) {
        (self.ruleSet, self.limits) = (ruleSet, limits)
        let count = Int64(ruleSet.rules.reduce(0) { $0 + $1.condition.valueExpressions })
        var share = limits
        share.expressionSetBytes = max(limits.valueExpressionBytesLeast, limits.valueExpressionsBytes / max(1, count))
        valueLimits = share
    }

    mutating func node(_ condition: Condition) throws(PatternFault) -> ConditionNode {
        switch condition {
        case .all(let conditions): return .all(try nodes(conditions))
        case .any(let conditions): return .any(try nodes(conditions))
        case .none(let conditions): return .none(try nodes(conditions))
        default:
            let key = condition.key
            if let place = places[key] { return .leaf(place) }
            leaves.append(ConditionLeaf(try question(of: condition)))
            places[key] = leaves.count - 1
            return .leaf(leaves.count - 1)
        }
    }

    /// The cheap ones first: within a group the order decides nothing but the cost.
    private mutating func nodes(_ conditions: [Condition]) throws(PatternFault) -> [ConditionNode] {
        var nodes: [(node: ConditionNode, cost: Int)] = []
        for condition in conditions {
            let node = try node(condition)
            var cost = 0
            node.forEachLeaf { cost += leaves[$0].cost }
            nodes.append((node, cost))
        }
        return nodes.enumerated().sorted { ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset) }
            .map(\.element.node)
    }

    private mutating func question(of condition: Condition) throws(PatternFault) -> ConditionLeaf.Question {
        switch condition {
        case .text(let test): try text(test)
        case .measure(let measure, let bounds): .measure(measure, bounds)
        case .links(let test): .links(LinkQuestion(test) { ruleSet.lists[$0]?.terms ?? [] })
        case .value(let path, let test): try value(path, test)
        case .rate(let rate):
            input(
                .rate(rate.counted, within: rate.within, per: rate.per),
                Bounds(lowest: Double(rate.moreThan), isLowestIncluded: false)
            )
        case .first(let subject): input(.first(subject), Bounds(lowest: 1))
        case .silence(let subject, let bounds): input(.silence(subject), bounds)
        case .spam(let bounds): .spam(bounds, key: number(of: .spam), model: number(of: .spamModel))
        case .hours(let hours): .hours(hours)
        case .changed(let parts): .changed(parts)
        case .labelled(let labels): .labelled(labels)
        case .score(let bounds): .score(bounds)
        case .verdict(let verdicts): .verdict(verdicts)
        case .all, .any, .none: preconditionFailure("groups are no leaves")
        }
    }

    private mutating func value(_ path: ValuePath, _ test: ValueTest) throws(PatternFault) -> ConditionLeaf.Question {
        let question = try question(test)
        return .value(
            path,
            question,
            key: number(of: .value(path)),
            other: question.other.map { number(of: .value($0)) }
        )
    }

    private mutating func input(_ key: InputKey, _ bounds: Bounds) -> ConditionLeaf.Question {
        .input(key, bounds, key: number(of: key))
    }

    /// Its place among the keys.
    private mutating func number(of key: InputKey) -> Int {
        if let number = keyNumbers[key] { return number }
        keys.append(key)
        keyNumbers[key] = keys.count - 1
        return keys.count - 1
    }

    private mutating func text(_ test: TextTest) throws(PatternFault) -> ConditionLeaf.Question {
        switch test.pattern {
        case .contains(let terms): .terms(distinct(terms, isWord: false, test))
        case .words(let terms): .terms(distinct(terms, isWord: true, test))
        case .lists(let names):
            .terms(distinct(names.flatMap { ruleSet.lists[$0]?.terms ?? [] }, isWord: true, test))
        case .matches(let expressions):
            .expressions(expressions.map { patterns.expression($0, isRaw: test.isRaw) }, isRaw: test.isRaw)
        }
    }

    /// Numbers of terms, each once, in ascending order.
    private mutating func distinct(_ terms: [String], isWord: Bool, _ test: TextTest) -> [Int] {
        Set(terms.map { patterns.term($0, isWord: isWord, isRaw: test.isRaw) }).sorted()
    }

    private func question(_ test: ValueTest) throws(PatternFault) -> ValueQuestion {
        switch test {
        case .isOne(let values): .isOne(values)
        case .isNone(let values): .isNone(values)
        case .equals(let path): .equals(path)
        case .differs(let path): .differs(path)
        case .isIn(let lists): .isIn(terms(of: lists))
        case .isNotIn(let lists): .isNotIn(terms(of: lists))
        case .bounds(let bounds): .bounds(bounds)
        case .contains(let texts): .contains(texts.map { $0.lowercased() })
        case .startsWith(let texts): .startsWith(texts.map { $0.lowercased() })
        case .endsWith(let texts): .endsWith(texts.map { $0.lowercased() })
        case .matches(let expressions):
            .matches(
                try ExpressionSet(compiling: expressions.map { RuleExpression($0) }, valueLimits),
                most: limits.expressionTextBytes
            )
        case .age(let bounds): .age(bounds)
        case .exists: .exists
        case .missing: .missing
        }
    }

    private func terms(of lists: [String]) -> Set<String> {
        Set(lists.flatMap { ruleSet.lists[$0]?.terms ?? [] }.map(ValueQuestion.folded))
    }
}

extension Condition {
    /// How many sets of expressions its values are compared with.
    fileprivate var valueExpressions: Int {
        switch self {
        case .all(let conditions), .any(let conditions), .none(let conditions):
            conditions.reduce(0) { $0 + $1.valueExpressions }
        case .value(_, .matches): 1
        default: 0
        }
    }

    /// The same for conditions that ask the same.
    var key: String { "\(self)" }
}

/// Every term and expression of a rule set, each once.
struct PatternTable {
    struct Term: Hashable {
        var text: String
        var isWord: Bool
        var isRaw: Bool
    }

    struct Expression: Hashable {
        var source: String
        var isRaw: Bool
    }

    private(set) var terms: [Term] = []
    private(set) var expressions: [Expression] = []
    private var termPlaces: [Term: Int] = [:]
    private var expressionPlaces: [Expression: Int] = [:]

    mutating func term(_ text: String, isWord: Bool, isRaw: Bool) -> Int {
        let term = Term(text: text, isWord: isWord, isRaw: isRaw)
        if let place = termPlaces[term] { return place }
        terms.append(term)
        termPlaces[term] = terms.count - 1
        return terms.count - 1
    }

    mutating func expression(_ source: String, isRaw: Bool) -> Int {
        let expression = Expression(source: source, isRaw: isRaw)
        if let place = expressionPlaces[expression] { return place }
        expressions.append(expression)
        expressionPlaces[expression] = expressions.count - 1
        return expressions.count - 1
    }
}
