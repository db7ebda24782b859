import Spelling

/// A command line that cannot be understood, or asks for what does not go together.
struct UsageFault: Error, Equatable, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Reads the words behind a command's name: `--name value`, `--name=value`, flags, and `--` before words with dashes.
struct ArgumentParser {
    let command: Command

    /// - Throws: ``UsageFault`` naming the first word that is wrong and what is allowed.
    func parse(_ words: [String]) throws(UsageFault) -> ParsedArguments {
        var result = ParsedArguments()
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                result.words += rest
                break
            }
            if word.hasPrefix("--") {
                try option(word, &rest, &result)
            } else if word.hasPrefix("-"), word != "-" {
                throw UsageFault("unknown option '\(word)'; options begin with two dashes")
            } else {
                result.words.append(word)
            }
        }
        try checkCount(of: result.words)
        return result
    }

    private func option(
        _ word: String,
        _ rest: inout ArraySlice<String>,
        _ result: inout ParsedArguments
    ) throws(UsageFault) {
        let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts.first ?? "")
        guard let form = command.options.first(where: { $0.name == name }) else {
            let suggestion = Suggestion.text(for: name, among: command.options.map(\.name), prefix: "--")
            throw UsageFault("unknown option '--\(name)'\(suggestion)")
        }
        let text = try value(of: form, attached: parts.count == 2 ? String(parts[1]) : nil, &rest)
        guard form.accepts(text) else {
            throw UsageFault("'--\(name)' does not take '\(text)'; allowed: \(form.allowed)")
        }
        guard let before = result.texts.updateValue(text, forKey: name) else { return }
        guard form.isRepeatable else { throw UsageFault("'--\(name)' is given twice; once is enough") }
        result.texts[name] = before + ParsedArguments.separator + text
    }

    private func value(
        of form: OptionForm,
        attached: String?,
        _ rest: inout ArraySlice<String>
    ) throws(UsageFault) -> String {
        guard let placeholder = form.placeholder else {
            guard attached == nil else { throw UsageFault("'--\(form.name)' takes no value") }
            return "true"
        }
        if let attached { return attached }
        guard let next = rest.first, !next.hasPrefix("--") else {
            throw UsageFault("'--\(form.name)' needs a value: --\(form.name) \(placeholder)")
        }
        return rest.removeFirst()
    }

    private func checkCount(of words: [String]) throws(UsageFault) {
        if words.count > command.arguments.count, command.arguments.last?.isRepeatable != true {
            throw UsageFault("unexpected '\(words[command.arguments.count])'; \(HelpText.usage(of: command))")
        }
        if let missing = command.arguments.dropFirst(words.count).first(where: \.isRequired) {
            throw UsageFault("\(missing.name) is missing; \(HelpText.usage(of: command))")
        }
    }
}
