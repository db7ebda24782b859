import Blocking
import Chat
import History
import JSON
import Limits
import MongoDB
import Outbox
import Provider
import Telemetry
import UserSync

/// `sync users`: the app's side of every user against what the provider answers.
enum SyncCommands {
    private static let check = CommandOption<Bool>.flag("check", "list differences and change nothing (the default)")
    private static let repair = CommandOption<Bool>.flag("repair", "make the provider agree with the app")

    static let users = Command(
        name: "sync users",
        summary: "compare the app's users with the provider's, and repair what differs",
        discussion: """
            Compares what the app last said of each user, a hundred at a time and inside the provider's limits. Prints a
            line for each user that differs: names of fields, never their values. What is newer at the provider stays.
            """,
        options: [check.form, repair.form],
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ context: CommandContext) async throws -> ExitCode {
        let configuration = try context.configuration(for: .asking)
        guard let provider = configuration.chatProvider(metrics: Metrics()) else {
            throw CommandFailure(
                "GETSTREAM_API_KEY and GETSTREAM_API_SECRET are not set, so the provider cannot be asked",
                exitCode: .configuration
            )
        }
        let repairs = arguments[repair]
        if repairs, let mode = configuration.effects, mode != .on {
            throw CommandFailure(
                "EFFECTS=\(mode.rawValue): nothing may be sent; set it to on",
                exitCode: .configuration
            )
        }
        var tally = SyncTally()
        var last: String?
        let location = try HistoryLocation(configuration)
        let store = try await CommandContext.thread.run { () throws(any Error) in try location.attach() }
        while true {
            let (position, limits) = (last, configuration.limits)
            let (page, sides) = try await CommandContext.thread.run { () throws(any Error) in
                let users = AppUserStore(store, limits: limits)
                let page = try users.page(after: position, limit: limits.users.pageUsers)
                return (page, try users.sides(of: page.map(\.id)))
            }
            guard let end = page.last?.id else { break }
            last = end
            let found = try await users(page.map(\.id), at: provider)
            let comparisons = page.map { UserComparison($0, found[$0.id], events: sides[$0.id]?.provider) }
                .filter { !$0.differences.isEmpty }
            tally.checked += page.count
            for comparison in comparisons {
                tally.different += 1
                for difference in comparison.differences { context.print("\(comparison.id): \(difference)") }
            }
            if repairs { tally.repaired += try await mend(comparisons, provider, configuration.limits, context) }
        }
        let repaired = repairs ? ", repaired: \(tally.repaired)" : ""
        context.print("checked: \(tally.checked), different: \(tally.different)\(repaired)")
        return tally.different == tally.repaired ? .ok : .differences
    }

    private static func users(_ ids: [String], at provider: StreamClient) async throws -> [String: User] {
        do throws(ProviderError) {
            let users = try await provider.users(ids: ids)
            return Dictionary(users.map { ($0.value.id, $0.value) }) { first, _ in first }
        } catch {
            throw CommandFailure("the provider could not be asked for users: \(error)", exitCode: .unreachable)
        }
    }

    /// - Returns: how many users agree now.
    private static func mend(
        _ comparisons: [UserComparison],
        _ provider: StreamClient,
        _ limits: Limits,
        _ context: CommandContext
    ) async throws -> Int {
        var calls: [(id: String, call: ProviderCall)] = []
        // Whoever was shut out is let in first, since profiles go together and partings come last.
        let isFirst = { (call: ProviderCall) in if case .reactivateUser = call { true } else { false } }
        let isProfile = { (call: ProviderCall) in
            switch call {
            case .upsertUsers, .updateUsersPartially: true
            default: false
            }
        }
        for part in [isFirst, { isProfile($0) }, { !isFirst($0) && !isProfile($0) }] {
            for comparison in comparisons { calls += comparison.repairs.filter(part).map { (comparison.id, $0) } }
        }
        let outcomes = try await provider.performWhenAdmitted(calls.map(\.call), limits: limits.provider)
        var failed: Set<String> = []
        for ((id, _), outcome) in zip(calls, outcomes) {
            switch outcome {
            case .done, .alreadyDone: continue
            case .retry(let failure, _, _), .giveUp(let failure), .misconfigured(let failure):
                failed.insert(id)
                context.complain("\(id): not repaired: \(failure)")
            }
        }
        return comparisons.count { !$0.repairs.isEmpty && !failed.contains($0.id) }
    }
}

private struct SyncTally {
    var (checked, different, repaired) = (0, 0, 0)
}
