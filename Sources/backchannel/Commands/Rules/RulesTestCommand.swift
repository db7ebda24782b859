import Blocking
import JSON
import Rules

/// `rules test`: the examples beside the rules.
enum RulesTestCommand {
    private static let json = CommandOption<Bool>.flag("json", "print JSON")

    static let command = Command(
        name: "rules test",
        summary: "run the examples beside the rules and print those that come out otherwise",
        discussion: """
            Each example is judged by all rules of the folder, those that are off as if in shadow mode, with nothing
            known but what it gives. The exit code is 5 if one fails, 3 if the rules have faults.
            """,
        arguments: [RulesCheckCommand.folder],
        options: [json.form],
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ world: CommandContext) async throws -> ExitCode {
        let configuration = try world.configuration(for: .asking)
        let path = try configuration.ruleFolder(arguments.words.first)
        let outcome = try await CommandContext.thread.run { () throws(CommandFailure) in
            try TestOutcome(try CheckedRules(path, configuration).usable().ruleSet, configuration)
        }
        if arguments[json] {
            world.print(outcome.json)
        } else {
            for line in outcome.lines { world.print(line) }
        }
        return outcome.failures.isEmpty ? .ok : .differences
    }
}

/// What came of the examples of a rule set.
private struct TestOutcome {
    let failures: [RuleTestRunner.Failure]
    private let counts: [(rule: String, tests: Int, failed: Int)]

    init(_ ruleSet: RuleSet, _ configuration: Configuration) throws(CommandFailure) {
        let settings = try configuration.ruleSettings
        do throws(PatternFault) { failures = try RuleTestRunner(ruleSet, settings: settings).run() } catch {
            throw CommandFailure(error.description, exitCode: .configuration)
        }
        counts = ruleSet.rules.map { [failures] rule in
            (rule.id, rule.tests.count, failures.count { $0.rule == rule.id })
        }
    }

    private var untested: [String] { counts.filter { $0.tests == 0 }.map(\.rule) }
    private var total: Int { counts.reduce(0) { $0 + $1.tests } }

    var lines: [String] {
        var lines = failures.map(\.description)
        let tested = counts.filter { $0.tests > 0 }
        let width = tested.map(\.rule.count).max() ?? 0
        for (rule, tests, failed) in tested {
            let name = rule + String(repeating: " ", count: width - rule.count)
            lines.append("\(failed == 0 ? "✓" : "✗") \(name)  \(tests - failed) of \(tests)")
        }
        if !untested.isEmpty { lines.append("without tests: \(untested.joined(separator: ", "))") }
        let tests = RulesCheckCommand.counted(total, "test")
        return lines + [failures.isEmpty ? "\(tests), all as expected" : "\(tests), \(failures.count) failed"]
    }

    var json: String {
        var writer = JSONWriter()
        writer.object { object in
            object.field("tests", total)
            object.field("failed", failures.count)
            object.field("failures") { array in
                array.array {
                    for failure in failures {
                        $0.object {
                            $0.field("rule", failure.rule)
                            $0.field("name", failure.test.name)
                            $0.field("place", failure.test.place.description)
                            $0.field("problem", failure.problem)
                        }
                    }
                }
            }
            object.field("rules") { array in
                array.array {
                    for (rule, tests, failed) in counts {
                        $0.object {
                            $0.field("rule", rule)
                            $0.field("tests", tests)
                            $0.field("failed", failed)
                        }
                    }
                }
            }
        }
        return writer.text
    }
}
