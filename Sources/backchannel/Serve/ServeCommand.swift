import Blocking
import Foundation
import HTTPServer
import Limits
import Telemetry

/// `serve`: the service itself.
enum ServeCommand {
    static let command = Command(
        name: "serve",
        summary: "receive, store and answer until interrupted",
        discussion: """
            Reads its configuration from the environment and from the file that BACKCHANNEL_CONFIG names.
            SIGINT and SIGTERM end it in order: nothing new is taken, what is under way is finished.
            """,
        run: run
    )

    private static func run(_: ParsedArguments, _ context: CommandContext) async throws -> ExitCode {
        let configuration = try context.configuration(for: .serving)
        let log = Log(level: configuration.logLevel)
        let connections = OpenFiles.makeRoom(forConnections: configuration.limits.http.connections)
        if connections < configuration.limits.http.connections {
            log.warning("too few open files for HTTP_CONNECTIONS; raise 'ulimit -n'", ["room": .init(connections)])
        }
        let node = try Node(configuration, log: log)
        let work = Task { try await node.run() }
        // Before anyone hears that it runs, and so could end it.
        TerminationSignals.watch { work.cancel() }
        let url = "http://\(configuration.host):\(node.server.port)"
        log.info("accepting", ["url": .init(url), "pid": .init(getpid())])
        context.print("Backchannel accepts events on \(url)")
        try await work.value
        log.info("stopped")
        return .ok
    }
}
