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
