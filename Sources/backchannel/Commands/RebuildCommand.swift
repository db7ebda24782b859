import Analytics
import History
import Limits
import WebhookIngest

/// `rebuild`: everything derived, replaced by what the history gives.
enum RebuildCommand {
    private static let dryRun = CommandOption<Bool>.flag("dry-run", "print what would be mended, and change nothing")
    private static let json = CommandOption<Bool>.flag("json", "print each as JSON")

    static let command = Command(
        name: "rebuild",
        summary: "replace counters and messages that differ by what the history gives",
        discussion: """
            Works in small transactions beside the running service, prints what it mends, and may be interrupted and
            run again. What no history can tell, such as a message that is gone, stays as it is: 'verify' names it.
            """,
        options: [dryRun.form, json.form],
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ context: CommandContext) async throws -> ExitCode {
        let (isDry, isJSON) = (arguments[dryRun], arguments[json])
        let print: @Sendable (Difference) -> Void = { context.print(isJSON ? $0.json : $0.description) }
        let count = try await context.withHistory { store, configuration in
            let kept = { configuration.limits.worker.figuresKept(at: QueueClock.system.now()) }
            guard isDry else { return try Rebuilder(store, keeping: kept, each: print).run() }
            var count = 0
            _ = try Verifier(store, keeping: kept()).run { difference in
                guard difference.isMendable else { return }
                count += 1
                print(difference)
            }
            return count
        }
        if !isJSON { context.print("\(isDry ? "to mend" : "mended"): \(count)") }
        return isDry && count > 0 ? .differences : .ok
    }
}
