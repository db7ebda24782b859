/// What a reader of rule files asks others.
package struct RuleChecks: Sendable {
    /// What RE2 has against an expression; `nil` when it takes it.
    package var expressionFault: @Sendable (String) -> String?
    /// Whether nothing of a term is left to look for once it is folded as texts are.
    package var foldsToNothing: @Sendable (String) -> Bool
    /// The names of the templates of notifications; `nil` takes any name.
    package var notifications: [String]?

    package init(
        expressionFault: @escaping @Sendable (String) -> String? = { _ in nil },
        foldsToNothing: @escaping @Sendable (String) -> Bool = Self.isInvisible,
        notifications: [String]? = nil
    ) {
        (self.expressionFault, self.foldsToNothing) = (expressionFault, foldsToNothing)
        self.notifications = notifications
    }

    /// Nothing but white space, combining marks and characters that are not shown.
    package static let isInvisible: @Sendable (String) -> Bool = { text in
        // A letter or digit of ASCII, which nearly every term has, needs no look at Unicode's tables.
        if text.utf8.contains(where: { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A || $0 >= 0x30 && $0 <= 0x39 }) {
            return false
        }
        return text.unicodeScalars.allSatisfy { scalar in
            let properties = scalar.properties
            return properties.isWhitespace || properties.isDefaultIgnorableCodePoint || properties.isGraphemeExtend
                || properties.generalCategory == .control || properties.generalCategory == .format
        }
    }
}
