import Chat
import Foundation
import History
import JSON
import Limits
import Outbox
import Provider
import WebhookIngest

/// `connect URL`: makes the provider send its events here, sees that they arrive, and lets effects out.
enum ConnectCommand {
    private static let events = CommandOption<String?>.text(
        "events",
        "A,B",
        "only these event types, separated by commas",
        standard: "every event"
    )
    private static let replacing = CommandOption<String?>.text(
        "replacing",
        "URL",
        "an earlier address of this service, whose hook is to go"
    )
    private static let yes = CommandOption<Bool>.flag("yes", "write without asking")
    private static let wait = CommandOption<Int>.integer(
        "wait",
        0...3_600,
        default: 60,
        "how long to wait for a first event to verify, in seconds; 0 does not look",
        placeholder: "SECONDS"
    )
    private static let interval = Duration.milliseconds(500)

    static let command = Command(
        name: "connect",
        summary: "set the provider's hook up and wait for the first event that verifies",
        discussion: """
            URL is where the provider reaches this service; without a path, the webhook's own is added. Shows what it
            changes first; hooks of others stay as they are, byte for byte. Once an event has verified, effects are
            performed unless EFFECTS says otherwise. May be repeated: then it only says what is.
            """,
        arguments: [CommandArgument(name: "URL", summary: "as https://chat.example.com")],
        options: [events.form, replacing.form, yes.form, wait.form] + ServiceClient.forms,
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ context: CommandContext) async throws -> ExitCode {
        let configuration = try context.configuration(for: .asking)
        let wanted = try wanted(arguments)
        let provider = try configuration.requiredProvider()
        let service = ServiceClient(arguments, configuration)
        let settings = try await provider.appSettings()
        context.print("key and secret are right\(settings.name.map { ": the app is \"\($0)\"" } ?? "")")
        let earlier = try earlier(arguments)
        let plan = HookPlan(settings, wanted: wanted, replacing: earlier)
        for line in plan.lines { context.print("  \(line)") }
        if let address = arguments[replacing], !plan.before.contains(where: { $0.url.map(earlier.contains) ?? false }) {
            context.complain("no hook goes to \(address): none is removed")
        }
        let before = await ServiceView(service)
        if plan.isEmpty {
            context.print("nothing changes: the provider's hooks are as they should be")
        } else {
            warn(wanted.url, context)
            try confirm(arguments, context)
            try await provider.write(plan)
            context.print("written")
        }
        guard arguments[wait] > 0 else {
            context.print("not verified, as --wait 0 says; effects stay as they are")
            return .ok
        }
        // What verified before the hook was changed proves nothing of the new one.
        let known = plan.isEmpty ? nil : before?.lastVerified
        let time = try await verification(after: known, configuration, arguments, service, context)
        context.print("verified: an event with a right signature arrived at \(time)")
        noteOthers(plan, wanted, context)
        try await letEffectsOut(configuration, arguments, context)
        return .ok
    }

    // MARK: The hook

    private static func wanted(_ arguments: ParsedArguments) throws(UsageFault) -> HookPlan.Wanted {
        let types = (arguments[events] ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        guard types.allSatisfy({ !$0.isEmpty }), arguments[events] == nil || !types.isEmpty else {
            throw UsageFault("'--events' takes event types separated by commas, as message.new,member.added")
        }
        return HookPlan.Wanted(url: try address(arguments.words[0]), eventTypes: types)
    }

    /// What an earlier address of this service may be at the provider: as it was given then, or with the path that it got.
    private static func earlier(_ arguments: ParsedArguments) throws(UsageFault) -> Set<String> {
        guard let text = arguments[replacing] else { return [] }
        return [text, try address(text)]
    }

    /// No event says which hook it came through.
    private static func noteOthers(_ plan: HookPlan, _ wanted: HookPlan.Wanted, _ context: CommandContext) {
        let others = plan.after.filter { $0.kind == "webhook" && $0.isEnabled && $0.url != wanted.url }
        guard !others.isEmpty else { return }
        context.complain(
            """
            it may have come through \(others.map { $0.shownURL ?? "another hook" }.joined(separator: ", ")), should that \
            lead here, too: then it says nothing of the new address. --replacing removes an earlier one
            """
        )
    }

    /// The address with the webhook's path, if it has none.
    static func address(_ text: String) throws(UsageFault) -> String {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme),
            let host = url.host(), !host.isEmpty, url.user() == nil, url.fragment() == nil
        else {
            throw UsageFault("'\(text.prefix(200))' is no address that the provider could reach; give https://HOST")
        }
        guard url.path().isEmpty || url.path() == "/", url.query() == nil else { return text }
        return (text.hasSuffix("/") ? String(text.dropLast()) : text) + Endpoint.webhookPath
    }

    private static func warn(_ url: String, _ context: CommandContext) {
        guard !url.hasPrefix("https:") else { return }
        context.complain(
            "the provider wants https with a public certificate; \(url) is right only for trying things out"
        )
    }

    private static func confirm(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) {
        guard !arguments[yes] else { return }
        guard let answer = context.ask("Write this to the provider? Type yes: ") else {
            throw CommandFailure("nothing was written: there is no terminal to ask at; give --yes", exitCode: .usage)
        }
        guard answer == "yes" else { throw CommandFailure("nothing was written, as you did not type yes") }
    }

    // MARK: The first event

    /// What the running service knows of deliveries.
    private struct ServiceView {
        var lastVerified: String?
        /// By cause.
        var rejections: [String: Int64] = [:]
        var advice: [String: String] = [:]

        /// `nil` when there is no service, or it does not let us in.
        init?(_ service: ServiceClient) async {
            guard service.hasKey, let answer = try? await service.send("GET", "/api/v1/rejections") else { return nil }
            try? self.init(answer)
        }

        init(_ answer: [UInt8]) throws {
            let value = try JSONParser().parse(answer)
            lastVerified = value["secrets"]?.array.compactMap { $0["last_used"]?.string }.max()
            if let causes = value["by_cause"] { for (name, count) in causes.object { rejections[name] = count.int64 } }
            guard let listed = value["data"] else { return }
            for rejection in listed.array {
                if let cause = rejection["cause"]?.string { advice[cause] = rejection["advice"]?.string }
            }
        }
    }

    /// - Returns: when an event verified, other than `known`.
    private static func verification(
        after known: String?,
        _ configuration: Configuration,
        _ arguments: ParsedArguments,
        _ service: ServiceClient,
        _ context: CommandContext
    ) async throws -> String {
        guard await service.answers() else {
            throw CommandFailure(
                "no service answers at \(service.address); start it with 'backchannel serve', then run this again",
                exitCode: .unreachable
            )
        }
        let first = try ServiceView(try await service.send("GET", "/api/v1/rejections"))
        if let time = first.lastVerified, time != known { return time }
        context.print(
            "waiting up to \(arguments[wait]) s for a first event; send a message in any channel to cause one"
        )
        let start = ContinuousClock.now
        var view = first
        while start.duration(to: .now) < .seconds(arguments[wait]) {
            try await Task.sleep(for: interval)
            view = try ServiceView(try await service.send("GET", "/api/v1/rejections"))
            if let time = view.lastVerified, time != known { return time }
        }
        let causes = view.rejections.filter { $0.value > first.rejections[$0.key, default: 0] }.keys.sorted()
        guard let cause = causes.first else {
            throw CommandFailure(
                """
                no event arrived within \(arguments[wait]) s. The hook is written; does its address lead to \
                \(service.address)? Send a message and run this again
                """
            )
        }
        throw CommandFailure(
            "events arrive but are rejected (\(cause)): \(view.advice[cause] ?? "see 'backchannel doctor'")"
        )
    }

    // MARK: Effects

    private static func letEffectsOut(
        _ configuration: Configuration,
        _ arguments: ParsedArguments,
        _ context: CommandContext
    ) async throws {
        if let mode = configuration.effects {
            return context.print("effects: EFFECTS=\(mode.rawValue) is set, and stays")
        }
        let limits = configuration.limits.outbox
        let before = try await patiently(arguments) {
            try await context.withHistory { store, _ in
                let controls = DestinationControls(OutboxStore(store, limits: limits))
                let before = try controls.read().mode
                if before != .on { try controls.set(.on, at: QueueClock.system.now()) }
                return before
            }
        }
        context.print(before == .on ? "effects: on, as before" : "effects: on; EFFECTS=record or off would stop them")
    }

    /// A service that has just been started for the first time accepts events before its history is ready.
    private static func patiently<Value>(
        _ arguments: ParsedArguments,
        _ work: () async throws -> Value
    ) async throws -> Value {
        let start = ContinuousClock.now
        while true {
            do {
                return try await work()
            } catch let error as HistoryError {
                guard error.isUnprepared, start.duration(to: .now) < .seconds(arguments[wait]) else { throw error }
                try await Task.sleep(for: interval)
            }
        }
    }
}
