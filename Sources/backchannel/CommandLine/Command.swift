/// One command of the executable, declared as a value: parsing, help and the table of commands all read it.
struct Command: Sendable {
    /// One word, or two for one of a group (`keys create`).
    let name: String
    /// One line, without a full stop.
    let summary: String
    /// Further lines for `--help`.
    var discussion = ""
    var arguments: [CommandArgument] = []
    var options: [OptionForm] = []
    let run: @Sendable (ParsedArguments, CommandContext) async throws -> ExitCode
}

/// One word of a command line that is no option.
struct CommandArgument: Sendable {
    /// In capitals, as help shows it.
    let name: String
    let summary: String
    var isRequired = true
    /// The last may be given several times.
    var isRepeatable = false
}

/// A command line that a command accepts: every value has been checked.
struct ParsedArguments: Sendable, Equatable {
    /// The words that are no options, in order.
    var words: [String] = []
    /// Option name → text; a flag's is `true`, a repeated option's are joined by ``separator``.
    var texts: [String: String] = [:]

    /// No word of a command line holds the zero byte.
    static let separator = "\0"

    subscript<Value>(option: CommandOption<Value>) -> Value {
        texts[option.form.name].flatMap(option.read) ?? option.fallback
    }

    /// The option was given.
    func has(_ option: CommandOption<some Sendable>) -> Bool { texts[option.form.name] != nil }
}
