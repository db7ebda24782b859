import Blocking
package import Chat
package import Rules

/// The rule set that judges, and what became of the last attempt to change it.
package final class RulesInForce: RuleSource {
    package struct Status: Sendable {
        package var engine: RuleEngine?
        /// Since when.
        package var since: Timestamp?
        /// Why the files as they are now are not in force; empty if they are.
        package var faults: [String] = []
        package var warnings: [String] = []
    }

    private let state = Locked(Status())

    package init() {}

    package var engine: RuleEngine? { state.withLock { $0.engine } }
    package var status: Status { state.withLock { $0 } }

    package func take(_ engine: RuleEngine, warnings: [String], at now: Timestamp) {
        state.withLock { $0 = Status(engine: engine, since: now, warnings: warnings) }
    }

    /// The old set stays.
    package func refuse(_ faults: [String]) { state.withLock { $0.faults = faults } }
}
