import Chat

/// A condition over numbered questions, the cheap ones first.
indirect enum ConditionNode: Sendable {
    case all([ConditionNode])
    case any([ConditionNode])
    case none([ConditionNode])
    /// A place in ``RuleEngine/leaves``.
    case leaf(Int)

    func forEachLeaf(_ body: (Int) -> Void) {
        switch self {
        case .leaf(let leaf): body(leaf)
        case .all(let nodes), .any(let nodes), .none(let nodes): for node in nodes { node.forEachLeaf(body) }
        }
    }
}

/// One question of a condition, made ready to be asked.
///
/// A class, since a value would be copied with all that it holds whenever it is asked.
final class ConditionLeaf: Sendable {
    let question: Question
    /// Numbers, among ``RuleEngine/keys``, of what it compares.
    let keys: [Int]

    init(_ question: Question) {
        self.question = question
        keys =
            switch question {
            case .value(_, _, let key, let other): [key] + [other].compactMap(\.self)
            case .input(_, _, let key): [key]
            // The model is asked first: once the probability is known nothing more is.
            case .spam(_, let key, let model): [model, key]
            default: []
            }
    }

    enum Question: Sendable {
        /// One of these terms was found; in ascending order.
        case terms([Int])
        /// One of these expressions was found in the folded text, or the raw one.
        case expressions([Int], isRaw: Bool)
        case measure(Measure, Bounds)
        case links(LinkQuestion)
        /// With the numbers, among ``RuleEngine/keys``, of the value and of the one that it is compared with.
        case value(ValuePath, ValueQuestion, key: Int, other: Int?)
        case hours(WeeklyHours)
        case changed(Set<EditedPart>)
        /// A number or flag that the event does not hold.
        case input(InputKey, Bounds, key: Int)
        /// The probability that the text is spam, with the numbers of it and of the model's version.
        case spam(Bounds, key: Int, model: Int)
        case labelled([String])
        case score(Bounds)
        case verdict(Set<Verdict>)
    }

    /// Where it counts events before the one that it is asked about.
    var window: InputKey.CountedWindow? {
        guard case .input(let key, _, _) = question else { return nil }
        return key.window
    }

    /// What an observation has to hold of it.
    enum Kept: UInt8 {
        case nothing
        /// The values that it compares.
        case values
        /// What was found in the text, where it holds.
        case findings
    }

    var kept: Kept {
        switch question {
        case .value: .values
        case .terms, .expressions, .measure, .links: .findings
        case .hours, .changed, .input, .spam, .labelled, .score, .verdict: .nothing
        }
    }

    /// About what asking costs, in nanoseconds.
    var cost: Int {
        switch question {
        case .terms, .expressions: 5
        case .labelled, .score, .verdict: 10
        case .hours: 200
        case .changed: 100
        case .measure: 50
        case .value: 150
        case .links: 2_000
        case .spam: 10_000
        case .input: 100_000
        }
    }
}

/// What of a leaf is enough for most events: asked first, without a look at all that the leaf holds.
struct LeafGlance {
    enum Kind: UInt8 {
        case terms, expressions, measure, value
        /// Of a value that is not there something else than unknown.
        case presence
        /// Not the event's to answer.
        case pending
        /// The leaf has to be looked at.
        case other
    }

    let kind: Kind
    var measure = Measure.length
    var bounds = Bounds()
    var key = 0

    init(_ leaf: ConditionLeaf) {
        switch leaf.question {
        case .terms: kind = .terms
        case .expressions: kind = .expressions
        case .measure(let measure, let bounds): (kind, self.measure, self.bounds) = (.measure, measure, bounds)
        case .value(_, .exists, let key, _), .value(_, .missing, let key, _): (kind, self.key) = (.presence, key)
        case .value(_, _, let key, _): (kind, self.key) = (.value, key)
        case .input, .spam, .labelled, .score, .verdict: kind = .pending
        case .links, .hours, .changed: kind = .other
        }
    }
}
