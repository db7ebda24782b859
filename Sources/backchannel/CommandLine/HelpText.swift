/// What `help` and `--help` print.
enum HelpText {
    static func overview(of commands: [Command]) -> String {
        """
        backchannel: the business side of chat. Receives webhooks, keeps history, answers questions.

        usage: backchannel COMMAND [OPTIONS]

        \(columns(commands.map { ($0.name, $0.summary) }))

        'backchannel COMMAND --help' explains a command; docs/configuration.md lists every setting.

        \(exitCodes)
        """
    }

    /// The commands of one group (`keys`).
    static func group(_ name: String, of commands: [Command]) -> String {
        "usage: backchannel \(name) COMMAND\n\n\(columns(commands.map { ($0.name, $0.summary) }))"
    }

    static func text(for command: Command) -> String {
        var parts = ["backchannel \(command.name): \(command.summary)", usage(of: command)]
        if !command.discussion.isEmpty { parts.append(command.discussion) }
        if !command.arguments.isEmpty { parts.append(columns(command.arguments.map { ($0.name, $0.summary) })) }
        parts.append(columns(command.options.map(row) + [("--help", "print this")]))
        parts.append(exitCodes)
        return parts.joined(separator: "\n\n")
    }

    /// `usage: backchannel sign FILE [OPTIONS]`.
    static func usage(of command: Command) -> String {
        let words = command.arguments.map { $0.isRequired ? $0.name : "[\($0.name)]" }
        let options = command.options.isEmpty ? [] : ["[OPTIONS]"]
        return (["usage: backchannel", command.name] + words + options).joined(separator: " ")
    }

    private static func row(_ form: OptionForm) -> (String, String) {
        let value = form.placeholder.map { " \($0)" } ?? ""
        let standard = form.standard.map { " (default: \($0))" } ?? ""
        return ("--\(form.name)\(value)", form.summary + standard)
    }

    private static var exitCodes: String {
        "exit codes:\n" + columns(ExitCode.allCases.map { ("\($0.rawValue)", $0.summary) })
    }

    private static func columns(_ rows: [(String, String)]) -> String {
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { name, summary in
            "  \(name)\(String(repeating: " ", count: width - name.count))  \(summary)"
        }.joined(separator: "\n")
    }
}
