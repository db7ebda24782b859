/// What is wrong with a rule file, and where.
package struct RuleFault: Error, Sendable, Hashable, CustomStringConvertible {
    package let place: RulePlace
    /// What was found, what is allowed and perhaps what was meant: one sentence without its full stop.
    package let problem: String

    package init(at place: RulePlace, _ problem: String) { (self.place, self.problem) = (place, problem) }

    /// `file:line:column: problem`.
    package var description: String { "\(place): \(problem)" }
}

/// What is allowed in a rule file, and perhaps not what was meant.
package struct RuleWarning: Sendable, Hashable, CustomStringConvertible {
    package let place: RulePlace
    /// One sentence without its full stop.
    package let problem: String

    package init(at place: RulePlace, _ problem: String) { (self.place, self.problem) = (place, problem) }

    /// `file:line:column: warning: problem`.
    package var description: String { "\(place): warning: \(problem)" }
}

extension RulePlace: Comparable {
    package static func < (left: Self, right: Self) -> Bool {
        (left.file, left.line, left.column) < (right.file, right.line, right.column)
    }
}
