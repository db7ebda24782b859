/// A value of an event, a fact, or a rule file.
package enum RuleValue: Sendable, Hashable {
    case text(String)
    case number(Double)
    case flag(Bool)
    case time(Timestamp)
    case texts([String])
}
