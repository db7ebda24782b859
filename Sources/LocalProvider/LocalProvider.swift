import Blocking
import Foundation
import HTTPServer
import Limits
import SQLite

@main
enum LocalProvider {
    static func main() async {
        do {
            let options = try Options(Array(ProcessInfo.processInfo.arguments.dropFirst()))
            guard !options.wantsHelp else { return print(Options.help) }
            try await serve(options)
        } catch {
            complain("\(error)")
            exit(error is Options.Fault ? 2 : 1)
        }
    }

    private static func serve(_ options: Options) async throws {
        let limits = Limits.LocalProvider()
        let provider = try makeProvider(options, limits)
        let server = try HTTPServer(
            host: options.host,
            port: options.port,
            limits: Limits.HTTP(),
            handler: LocalServer(provider: provider, limits: limits),
            onError: complain
        )
        let (endless, end) = AsyncStream.makeStream(of: Never.self)
        TerminationSignals.watch { end.finish() }
        print("http://\(options.host):\(server.port)")
        fflush(nil)  // a pipe would keep the line to itself
        for await _ in endless {}
        await server.stop()
    }

    private static func makeProvider(_ options: Options, _ limits: Limits.LocalProvider) throws -> ProviderService {
        let journal = try options.folder.map { folder throws(SQLiteError) in
            try Journal(folder: folder, limits: limits) { error in
                complain("\(error) What was answered is kept; this call is not, so the local provider ends.")
                exit(1)
            }
        }
        let provider = try ProviderService(
            authenticator: Authenticator(apiKey: options.apiKey, secret: options.apiSecret),
            webhooks: WebhookSender(apiKey: options.apiKey, secret: options.apiSecret, limits: limits),
            journal: journal,
            rules: options.rules,
            seed: options.seed,
            limits: limits
        )
        var faults = FaultPlan()
        faults.latencyMilliseconds = options.latencyMilliseconds
        provider.faults = faults
        return provider
    }

    private static func complain(_ message: String) {
        FileHandle.standardError.write(Data("local-provider: \(message)\n".utf8))
    }
}
