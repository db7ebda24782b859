import Limits

extension Setting {
    /// What the team decides by itself.
    static let rules: [Setting] = [
        Setting(
            name: "RULES_DIR",
            unit: "folder",
            standard: "",
            summary: "The team's rules: see `rules.md`. Without it nothing is decided."
        ) { content, configuration throws(SettingProblem) in
            configuration.rules.folder = try content.single()
        },
        Setting(
            name: "RULES_USER",
            unit: "user id",
            standard: Configuration.Rules.standardUser,
            summary: "Under whose name rules act at the provider. Only the standard user is made if it is not there."
        ) { content, configuration throws(SettingProblem) in
            configuration.rules.user = try content.single()
        },
        Setting(
            name: "SPAM_MODEL",
            unit: "file",
            standard: "",
            summary: "A spam model to begin with: see `spam.md`. Without one the first is made of moderators' verdicts."
        ) { content, configuration throws(SettingProblem) in
            configuration.rules.spamModel = try content.single()
        },
        .integer(
            "SPAM_AUDIT_PER_MILLE",
            \.limits.spam.auditPerMille,
            0...1_000,
            unit: "per 1,000 messages",
            "Messages that nothing is wrong with and that moderators look at all the same, so that the spam model learns what it misses."
        ),
        .integer(
            "RULES_LATE_LIMIT_SECONDS",
            \.limits.rules.lateSeconds,
            1...2_592_000,
            unit: "seconds",
            "What is decided about an event older than this is recorded and not carried out."
        ),
        .integer(
            "HOOK_BUDGET_MS",
            \.limits.hooks.budgetMilliseconds,
            1...5_000,
            unit: "milliseconds",
            "What the synchronous hooks are answered within; what is not decided by then is sent as it is."
        ),
    ]
}
