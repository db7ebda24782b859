import Chat

/// A ``ValueTest`` made ready to be asked.
enum ValueQuestion: Sendable {
    case isOne([RuleValue])
    case isNone([RuleValue])
    case equals(ValuePath)
    case differs(ValuePath)
    /// Terms, folded.
    case isIn(Set<String>)
    case isNotIn(Set<String>)
    case bounds(Bounds)
    /// In lower case, as all the texts below.
    case contains([String])
    case startsWith([String])
    case endsWith([String])
    /// Sought in so many bytes of a text.
    case matches(ExpressionSet, most: Int)
    case age(Bounds)
    case exists
    case missing

    /// The path of the other value, where two are compared.
    var other: ValuePath? {
        switch self {
        case .equals(let path), .differs(let path): path
        default: nil
        }
    }

    /// - Parameters:
    ///   - answer: of the value.
    ///   - other: of the value it is compared with.
    ///   - time: the event's.
    func truth(_ answer: RuleAnswer, other: RuleAnswer?, at time: Timestamp) -> Truth {
        switch (self, answer) {
        case (_, .unavailable): .unknown
        case (.exists, .value): .yes
        case (.exists, .missing): .no
        case (.missing, .value): .no
        case (.missing, .missing): .yes
        case (_, .missing): .unknown
        case (_, .value(let value)): truth(value, other: other, at: time)
        }
    }

    private func truth(_ value: RuleValue, other: RuleAnswer?, at time: Timestamp) -> Truth {
        switch self {
        case .isOne(let values): Truth(value.elements.contains { values.contains($0) })
        case .isNone(let values): Truth(!value.elements.contains { values.contains($0) })
        case .equals, .differs:
            switch other {
            case .value(let other)?: Truth((value == other) == isEquality)
            case .missing?, .unavailable?, nil: .unknown
            }
        case .isIn(let terms): Truth(value.texts.contains { terms.contains(Self.folded($0)) })
        case .isNotIn(let terms): Truth(!value.texts.contains { terms.contains(Self.folded($0)) })
        case .bounds(let bounds): value.number.map { Truth(bounds.contains($0)) } ?? .unknown
        case .contains(let parts): Truth(value.lowered.contains { text in parts.contains { text.contains($0) } })
        case .startsWith(let parts): Truth(value.lowered.contains { text in parts.contains { text.hasPrefix($0) } })
        case .endsWith(let parts): Truth(value.lowered.contains { text in parts.contains { text.hasSuffix($0) } })
        case .matches(let expressions, let most):
            Truth(value.texts.contains { expressions.matchesAny(in: $0, most: most) })
        case .age(let bounds): value.instant.map { Truth(bounds.contains(time.seconds(since: $0))) } ?? .unknown
        case .exists: .yes
        case .missing: .no
        }
    }

    /// As values and terms of lists are compared.
    static func folded(_ text: String) -> String { text.lowercased() }

    private var isEquality: Bool { if case .equals = self { true } else { false } }
}

extension RuleValue {
    /// A list's elements; of anything else the value itself.
    fileprivate var elements: [RuleValue] {
        guard case .texts(let texts) = self else { return [self] }
        return texts.map { .text($0) }
    }

    fileprivate var texts: [String] {
        switch self {
        case .text(let text): [text]
        case .texts(let texts): texts
        default: []
        }
    }

    fileprivate var lowered: [String] { texts.map { $0.lowercased() } }

    /// Also of text that is nothing but a number, as custom data often are.
    fileprivate var number: Double? {
        switch self {
        case .number(let number): number
        case .text(let text): Double(text).flatMap { $0.isFinite ? $0 : nil }
        default: nil
        }
    }

    fileprivate var instant: Timestamp? {
        switch self {
        case .time(let time): time
        case .text(let text): Timestamp(rfc3339: text)
        default: nil
        }
    }
}

extension Timestamp {
    func seconds(since earlier: Timestamp) -> Double {
        let (difference, overflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return overflow ? (self < earlier ? -.infinity : .infinity) : Double(difference) / 1e9
    }
}
