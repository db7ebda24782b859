import Foundation

/// What a command may use of the world around it; a test hands in its own.
struct CommandContext: Sendable {
    let environment: [String: String]
    /// Writes one line to standard output.
    let print: @Sendable (String) -> Void
    /// Writes one line to standard error.
    let complain: @Sendable (String) -> Void
    /// Standard error is a terminal: a progress bar may be drawn on it.
    let showsProgress: Bool
    /// Standard output is a terminal: somebody reads along.
    var printsToTerminal = false
    /// Puts a question on standard error and reads one line; `nil` where there is no terminal to ask at.
    var ask: @Sendable (String) -> String? = { _ in nil }

    /// The process's own.
    static func process() -> CommandContext {
        CommandContext(
            environment: ProcessInfo.processInfo.environment,
            print: { write($0 + "\n", to: STDOUT_FILENO) },
            complain: { write($0 + "\n", to: STDERR_FILENO) },
            showsProgress: isatty(STDERR_FILENO) == 1,
            printsToTerminal: isatty(STDOUT_FILENO) == 1,
            ask: { question in
                guard isatty(STDIN_FILENO) == 1 else { return nil }
                write(question, to: STDERR_FILENO)
                return readLine() ?? ""
            }
        )
    }

    /// Reads the configuration; the file that `BACKCHANNEL_CONFIG` names counts if there is one.
    ///
    /// - Throws: ``ConfigurationError`` with every fault.
    func configuration(for purpose: Configuration.Purpose) throws(ConfigurationError) -> Configuration {
        try Configuration(from: try ConfigurationSource(environment: environment), for: purpose)
    }

    /// Unbuffered, so that what was printed is seen even if the process is killed.
    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// A command's own end: the message goes to standard error.
struct CommandFailure: Error, Equatable, CustomStringConvertible {
    let exitCode: ExitCode
    let description: String

    init(_ description: String, exitCode: ExitCode = .failed) {
        self.exitCode = exitCode
        self.description = description
    }
}
