import Backfill
import HTTPClient
import History
import MongoDB
import Provider
import Spelling

/// The commands of the executable: finds the one meant, runs it, and turns what it throws into an exit code.
struct CommandTable: Sendable {
    let commands: [Command]

    /// - Parameter words: the command line without the executable's own name.
    func run(_ words: [String], _ context: CommandContext) async -> ExitCode {
        do {
            if let help = try help(for: words) {
                context.print(help)
                return .ok
            }
            let (command, rest) = try find(words)
            let arguments = try ArgumentParser(command: command).parse(Array(rest))
            return try await command.run(arguments, context)
        } catch {
            context.complain("backchannel: \(error)")
            let code = Self.exitCode(for: error)
            if code == .usage { context.complain("'backchannel help' lists the commands.") }
            return code
        }
    }

    private static func exitCode(for error: any Error) -> ExitCode {
        switch error {
        case is UsageFault: .usage
        case is ConfigurationError: .configuration
        case let error as HTTPClientError: error.isRetriable ? .unreachable : .failed
        case let error as HistoryError: error.isTransient ? .unreachable : .configuration
        case let error as MongoError: error.isTransient ? .unreachable : .failed
        case let error as ProviderError: exitCode(for: error)
        case BackfillError.provider(let error): exitCode(for: error)
        case BackfillError.mongo(let error): error.isTransient ? .unreachable : .failed
        case let error as CommandFailure: error.exitCode
        default: .failed
        }
    }

    private static func exitCode(for error: ProviderError) -> ExitCode {
        switch error {
        case .unavailable: .unreachable
        case .misconfigured: .configuration
        case .refused, .hooksChanged: .failed
        }
    }

    /// The help asked for, or `nil` when a command is to be run.
    private func help(for words: [String]) throws(UsageFault) -> String? {
        guard let first = words.first else { return HelpText.overview(of: commands) }
        let options = words.prefix { $0 != "--" }
        guard ["help", "--help", "-h"].contains(first) || options.contains("--help") || options.contains("-h") else {
            return nil
        }
        let names = options.drop { $0 == "help" }.filter { !$0.hasPrefix("-") }
        guard let word = names.first else { return HelpText.overview(of: commands) }
        let group = group(word)
        if !group.isEmpty, names.count == 1 { return HelpText.group(word, of: group) }
        return HelpText.text(for: try find(names).command)
    }

    /// The longest name that the words begin with.
    private func find(_ words: [String]) throws(UsageFault) -> (command: Command, rest: ArraySlice<String>) {
        for count in [2, 1] where words.count >= count {
            let name = words.prefix(count).joined(separator: " ")
            if let command = commands.first(where: { $0.name == name }) { return (command, words.dropFirst(count)) }
        }
        let word = words.first ?? ""
        let group = group(word)
        guard group.isEmpty else {
            throw UsageFault("'\(word)' needs one of: \(group.map(\.name).joined(separator: ", "))")
        }
        throw UsageFault("unknown command '\(word)'\(Suggestion.text(for: word, among: commands.map(\.name)))")
    }

    private func group(_ word: String) -> [Command] { commands.filter { $0.name.hasPrefix(word + " ") } }
}
