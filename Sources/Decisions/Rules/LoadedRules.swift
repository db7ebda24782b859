package import Limits
package import Rules

/// A folder of rules, read and ready to judge.
package struct LoadedRules: Sendable {
    package let engine: RuleEngine
    package let warnings: [String]

    /// Blocking.
    ///
    /// - Parameter notifications: names of the templates of notifications; `nil` takes any name.
    /// - Throws: ``RuleFolderFault`` with every fault of every file, each with its place.
    package init(
        folder: String,
        settings: RuleEngine.Settings,
        notifications: [String]? = nil,
        limits: Limits.Rules = Limits.Rules()
    ) throws(RuleFolderFault) {
        let files = try Self.files(in: folder, limits)
        try self.init(files: files, settings: settings, notifications: notifications, limits: limits)
    }

    package init(
        files: [RuleFile],
        settings: RuleEngine.Settings,
        notifications: [String]? = nil,
        limits: Limits.Rules = Limits.Rules()
    ) throws(RuleFolderFault) {
        let checks = RuleChecks.thorough(notifications: notifications, limits: limits)
        let reading = RuleReader.read(files, limits: limits, checks: checks)
        guard let ruleSet = reading.set else {
            throw RuleFolderFault(faults: reading.faults.map(\.description))
        }
        do throws(PatternFault) { engine = try RuleEngine(ruleSet, settings: settings, limits: limits) } catch {
            throw RuleFolderFault(faults: [error.description])
        }
        warnings = reading.warnings.map(\.description)
    }

    /// What the files as they are now would be as a version: blocking.
    static func version(ofFolder folder: String, limits: Limits.Rules) throws(RuleFolderFault) -> String {
        RuleReader.version(of: try files(in: folder, limits))
    }

    private static func files(in folder: String, _ limits: Limits.Rules) throws(RuleFolderFault) -> [RuleFile] {
        do throws(RuleFolderError) { return try RuleFolder.files(at: folder, limits: limits) } catch {
            throw RuleFolderFault(faults: error.faults.map(\.description))
        }
    }
}

/// Everything that is wrong with a folder of rules.
package struct RuleFolderFault: Error, Sendable, CustomStringConvertible {
    /// Each with its place: `file:line:column: what was found, and what is allowed`.
    package let faults: [String]

    package var description: String {
        let count = faults.count == 1 ? "a fault" : "\(faults.count) faults"
        return "the rules have \(count):\n" + faults.map { "  \($0)" }.joined(separator: "\n")
    }
}
