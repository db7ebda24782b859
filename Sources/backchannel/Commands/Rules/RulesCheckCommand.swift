import Blocking
import JSON
import Rules

/// `rules check`: every fault of a folder of rules, at its place.
enum RulesCheckCommand {
    static let folder = CommandArgument(
        name: "FOLDER",
        summary: "the folder of rules (default: RULES_DIR)",
        isRequired: false
    )
    private static let context = CommandOption<Bool>.flag(
        "context",
        "show the line of each finding, with a mark below; on a terminal it is shown anyway"
    )
    private static let json = CommandOption<Bool>.flag("json", "print JSON")
    private static let schema = CommandOption<Bool>.flag(
        "schema",
        "print the JSON Schema of rule files, which editors complete and check by, and end"
    )

    static let command = Command(
        name: "rules check",
        summary: "read a folder of rules and print every fault and warning, with its place",
        discussion: """
            One finding a line: file, line, column, what was found and what is allowed. Reads the files as the service
            does and changes nothing. The exit code is 3 if there is a fault; warnings alone are no failure.
            """,
        arguments: [folder],
        options: [context.form, json.form, schema.form],
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ world: CommandContext) async throws -> ExitCode {
        if arguments[schema] {
            world.print(RuleSchema.json)
            return .ok
        }
        let configuration = try world.configuration(for: .asking)
        let path = try configuration.ruleFolder(arguments.words.first)
        let checked = try await CommandContext.thread.run { () throws(CommandFailure) in
            try CheckedRules(path, configuration)
        }
        if arguments[json] {
            world.print(Self.json(checked))
        } else {
            let showsLines = arguments[context] || world.printsToTerminal
            for line in lines(checked, withContext: showsLines) { world.print(line) }
        }
        return checked.faults.isEmpty ? .ok : .configuration
    }

    private static func lines(_ checked: CheckedRules, withContext showsLines: Bool) -> [String] {
        // What has to be repaired comes first.
        let findings =
            checked.faults.map { ($0.place, $0.description) } + checked.warnings.map { ($0.place, $0.description) }
        var lines: [String] = []
        for (place, text) in findings {
            lines.append(text)
            if showsLines, let excerpt = checked.excerpt(at: place) { lines.append(excerpt) }
        }
        let warnings = checked.warnings.isEmpty ? [] : [counted(checked.warnings.count, "warning")]
        guard let set = checked.engine?.ruleSet else {
            return lines + [([counted(checked.faults.count, "fault")] + warnings).joined(separator: ", ")]
        }
        let holds = [
            counted(set.rules.count, "rule"), counted(set.lists.count, "list"),
            counted(set.templates.count, "template"),
        ]
        return lines + [
            "\(holds.joined(separator: ", ")): \((["no faults"] + warnings).joined(separator: ", "))",
            "version \(set.version)",
        ]
    }

    static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    private static func json(_ checked: CheckedRules) -> String {
        var writer = JSONWriter()
        writer.object { object in
            let set = checked.engine?.ruleSet
            object.field("version", set?.version)
            object.field("rules", set?.rules.count)
            object.field("lists", set?.lists.count)
            object.field("templates", set?.templates.count)
            object.field("faults") { array in
                array.array { for fault in checked.faults { write(fault.place, fault.problem, to: &$0) } }
            }
            object.field("warnings") { array in
                array.array { for warning in checked.warnings { write(warning.place, warning.problem, to: &$0) } }
            }
        }
        return writer.text
    }

    private static func write(_ place: RulePlace, _ problem: String, to writer: inout JSONWriter) {
        writer.object {
            $0.field("file", place.file)
            $0.field("line", place.line)
            $0.field("column", place.column)
            $0.field("problem", problem)
        }
    }
}
