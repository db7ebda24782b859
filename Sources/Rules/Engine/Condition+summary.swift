import Chat

extension Condition {
    /// In the words of rule files, on one line.
    package var summary: String {
        switch self {
        case .all(let conditions): "all of \(conditions.count)"
        case .any(let conditions): "any of \(conditions.count)"
        case .none(let conditions): "none of \(conditions.count)"
        case .text(let test): "text \(test.summary)"
        case .measure(let measure, let bounds): "text \(measure.rawValue) \(bounds.summary)"
        case .links(.within(let lists)): "text link_in \(lists.listed)"
        case .links(.outside(let lists)): "text link_not_in \(lists.listed)"
        case .links(.lookingLike(let lists)): "text link_like \(lists.listed)"
        case .value(let path, let test): "\(path) \(test.summary)"
        case .rate(let rate):
            "more than \(rate.moreThan) \(rate.counted.rawValue) within \(rate.within.components.seconds) s per \(rate.per.rawValue)"
        case .first(let subject): "first_message of the \(subject.rawValue)"
        case .silence(let subject, let bounds): "silence of the \(subject.rawValue) \(bounds.summary) s"
        case .hours(let hours): "time within the hours, \(hours.zone.identifier)"
        case .changed(let parts): "changed \(parts.map(\.rawValue).sorted().listed)"
        case .labelled(let labels): "label \(labels.listed)"
        case .score(let bounds): "score \(bounds.summary)"
        case .verdict(let verdicts): "verdict \(verdicts.sorted().map(\.rawValue).listed)"
        case .spam(let bounds): "spam \(bounds.summary)"
        }
    }
}

extension TextTest {
    fileprivate var summary: String {
        switch pattern {
        case .contains(let terms): "contains \(terms.listed)"
        case .words(let terms): "has_word \(terms.listed)"
        case .lists(let names): "in_list \(names.listed)"
        case .matches(let expressions): "matches \(expressions.listed)"
        }
    }
}

extension ValueTest {
    fileprivate var summary: String {
        switch self {
        case .isOne(let values): "is \(values.map { RuleAnswer.value($0).shown }.listed)"
        case .isNone(let values): "is_not \(values.map { RuleAnswer.value($0).shown }.listed)"
        case .equals(let path): "same_as \(path)"
        case .differs(let path): "not_same_as \(path)"
        case .isIn(let lists): "in_list \(lists.listed)"
        case .isNotIn(let lists): "not_in_list \(lists.listed)"
        case .bounds(let bounds): bounds.summary
        case .contains(let texts): "contains \(texts.listed)"
        case .startsWith(let texts): "starts_with \(texts.listed)"
        case .endsWith(let texts): "ends_with \(texts.listed)"
        case .matches(let expressions): "matches \(expressions.listed)"
        case .age(let bounds): "age \(bounds.summary) s"
        case .exists: "exists"
        case .missing: "missing"
        }
    }
}

extension Bounds {
    fileprivate var summary: String {
        func shown(_ number: Double) -> String { Int64(exactly: number).map { "\($0)" } ?? "\(number)" }
        if let lowest, lowest == highest { return "= \(shown(lowest))" }
        let low = lowest.map { "\(isLowestIncluded ? "≥" : ">") \(shown($0))" }
        let high = highest.map { "\(isHighestIncluded ? "≤" : "<") \(shown($0))" }
        return [low, high].compactMap(\.self).joined(separator: " and ")
    }
}

extension [String] {
    /// The first few.
    fileprivate var listed: String {
        count <= 5 ? joined(separator: ", ") : prefix(5).joined(separator: ", ") + " and \(count - 5) more"
    }
}
