/// Where the rules in force are found.
package protocol RuleSource: Sendable {
    /// The current ones; `nil` where there are none. Another object once they have changed.
    var engine: RuleEngine? { get }
}
