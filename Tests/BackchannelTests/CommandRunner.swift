import Synchronization

@testable import backchannel

/// Runs command lines in the test's process and keeps what they print.
struct CommandRunner {
    struct Result {
        let exitCode: ExitCode
        let output: String
        let complaints: String
    }

    var environment: [String: String] = [:]
    var table = Backchannel.commands
    /// What is typed when a command asks; `nil` is no terminal.
    var typed: String?

    func run(_ words: String...) async -> Result { await run(words) }

    func run(_ words: [String]) async -> Result {
        let printed = Lines()
        let complained = Lines()
        let context = CommandContext(
            environment: environment,
            print: { printed.add($0) },
            complain: { complained.add($0) },
            showsProgress: false,
            ask: { [typed] _ in typed }
        )
        let code = await table.run(words, context)
        return Result(exitCode: code, output: printed.text, complaints: complained.text)
    }

    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var text: String { lines.withLock { $0.joined(separator: "\n") } }
    }
}
