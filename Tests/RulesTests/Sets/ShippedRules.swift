import Chat
import Foundation
import Limits
import Rules
import TestSupport

/// The folder `rules`, as a team that copies it has it.
enum ShippedRules {
    static let folder = repositoryRoot.appending(path: "rules")

    /// Templates of notifications that come with the program.
    static let checks = RuleChecks.thorough(
        notifications: ["new-offer", "moderator-alert", "unread-reminder", "rule-fired"],
        limits: Limits.Rules()
    )

    static let author = "backchannel"

    static var settings: RuleEngine.Settings {
        get throws { RuleEngine.Settings(context: try ContextPatterns(), ownUserID: author) }
    }

    static var files: [RuleFile] { get throws { try RuleFolder.files(at: folder.path) } }

    static var ruleSet: RuleSet {
        get throws {
            guard let set = RuleReader.read(try files, checks: checks).set else {
                throw TestFailure("the rules have faults")
            }
            return set
        }
    }

    static func failures(of ruleSet: RuleSet) throws -> [RuleTestRunner.Failure] {
        try RuleTestRunner(ruleSet, settings: settings).run()
    }
}
