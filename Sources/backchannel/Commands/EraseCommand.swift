import Blocking
import Chat
import Foundation
import History
import JSON
import Limits
import Telemetry
import WebhookIngest

/// `erase USER`: through the running service, else on MongoDB and this node's queue.
enum EraseCommand {
    private static let json = CommandOption<Bool>.flag("json", "print the report as JSON")

    /// A long history takes minutes.
    private static let timeout = Duration.seconds(3_600)

    static let command = Command(
        name: "erase",
        summary: "erase a user for ever: profile, message contents and every other copy",
        discussion: """
            Tombstones stay, under a pseudonym, so that figures stay right; docs/operations.md says what else remains.
            Cannot be undone. May be repeated, and goes on where an interrupted one stopped. Of several nodes, run it on
            each whose queue has set deliveries aside.
            """,
        arguments: [CommandArgument(name: "USER", summary: "the user's id")],
        options: [json.form] + ServiceClient.forms,
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ context: CommandContext) async throws -> ExitCode {
        let configuration = try context.configuration(for: .asking)
        let user = arguments.words[0]
        let service = ServiceClient(arguments, configuration)
        let report: String
        if await service.answers() {
            let path = "/api/v1/users/\(ServiceClient.escaped(user))/erase"
            report = String(decoding: try await service.send("POST", path, timeout: timeout), as: UTF8.self)
        } else {
            let location = try HistoryLocation(configuration)
            report = try await CommandContext.thread.run { () throws(any Error) in
                try erase(user, location, configuration, service)
            }
        }
        context.print(arguments[json] ? report : text(report))
        return .ok
    }

    /// Without a service.
    private static func erase(
        _ user: String,
        _ location: HistoryLocation,
        _ configuration: Configuration,
        _ service: ServiceClient
    ) throws -> String {
        let erasure = UserErasure(
            history: HistoryHandle { () throws(HistoryError) in try location.attach() },
            queue: try queue(configuration, service),
            provider: configuration.streamProvider,
            now: { QueueClock.system.now() }
        )
        guard
            let summary = try erasure.eraseNow(
                user,
                entering: [.byCommand("user.erase", of: .init(AuditEntry.userKind))]
            )
        else {
            throw CommandFailure("user \(user) is not known; nothing was erased, check the id")
        }
        try AuditChain(limits: configuration.limits.audit).append([], takingUp: true, to: location.attach())
        return summary.json
    }

    private static func queue(
        _ configuration: Configuration,
        _ service: ServiceClient
    ) throws(CommandFailure) -> SQLiteEventQueue? {
        let folder = configuration.dataDirectory
        guard FileManager.default.fileExists(atPath: folder + "/queue.sqlite") else { return nil }
        do throws(QueueError) {
            return try SQLiteEventQueue(folder: folder, limits: configuration.limits.queue, log: .none)
        } catch {
            guard case .inUse = error else { throw CommandFailure(error.description) }
            throw CommandFailure(
                """
                a service uses DATA_DIR \(folder) but does not answer at \(service.address); give its address with \
                --url, or stop it
                """
            )
        }
    }

    private static func text(_ report: String) -> String {
        guard let fields = try? JSONParser().parse(Array(report.utf8)) else { return report }
        let rows = fields.object.map { name, value in
            (name.replacingOccurrences(of: "_", with: " "), value.int64.map(String.init) ?? value.serialized())
        }
        let width = rows.map(\.0.count).max() ?? 0
        return (["erased:"] + rows.map { "  \($0.padding(toLength: width, withPad: " ", startingAt: 0))  \($1)" })
            .joined(separator: "\n")
    }
}
