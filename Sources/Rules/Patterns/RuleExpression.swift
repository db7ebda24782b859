/// What a rule's author looks for with RE2's syntax.
///
/// Its `\b`, `\w` and `\d` know ASCII alone: `\pL` is any letter. Source: https://github.com/google/re2/wiki/Syntax
package struct RuleExpression: Sendable, Hashable {
    package var pattern: String
    package var ignoresCase: Bool

    package init(_ pattern: String, ignoresCase: Bool = false) {
        (self.pattern, self.ignoresCase) = (pattern, ignoresCase)
    }
}

/// Why an expression is not taken.
package struct ExpressionFault: Error, Equatable, CustomStringConvertible {
    /// Its number in what was to be compiled.
    package let index: Int
    /// Where in the pattern, in bytes; `nil` where RE2 does not say, or the part stands in several places.
    package let offset: Int?
    /// What is wrong and what to do, without the pattern.
    package let message: String

    package var description: String { message }
}

/// All that is wrong with expressions that were to be searched for together.
package struct ExpressionSetError: Error, Equatable, CustomStringConvertible {
    /// In the order of the expressions; never empty.
    package let faults: [ExpressionFault]

    package var description: String {
        faults.map { "expression \($0.index + 1): \($0.message)" }.joined(separator: "\n")
    }
}
