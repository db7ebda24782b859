package import Limits

extension RuleChecks {
    /// What the engine will be able to look for.
    ///
    /// - Parameter notifications: names of the templates of notifications; `nil` takes any name.
    package static func thorough(notifications: [String]?, limits: Limits.Rules) -> RuleChecks {
        RuleChecks(
            expressionFault: { source in
                do throws(ExpressionSetError) {
                    _ = try ExpressionSet([RuleExpression(source)], limits: limits)
                    return nil
                } catch {
                    return error.faults.first?.message
                }
            },
            foldsToNothing: { term in
                // Nearly every term has a letter that can be seen; only others are worth folding for.
                let isSeen = term.unicodeScalars.contains { scalar in
                    scalar.properties.isAlphabetic && !scalar.properties.isDefaultIgnorableCodePoint
                }
                return (!isSeen || term.utf8.contains(UInt8(ascii: "&"))) && FoldedTerm(term).folded.isEmpty
            },
            notifications: notifications
        )
    }
}
