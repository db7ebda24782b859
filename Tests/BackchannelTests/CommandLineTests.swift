import Spelling
import Testing

@testable import backchannel

struct CommandLineTests {
    private static let depth = CommandOption<Int>.integer("depth", 1...9, default: 3, "how deep")
    private static let share = CommandOption<Double>.number("share", 0...100, default: 0, "how much")
    private static let name = CommandOption<String?>.text("name", "TEXT", "called what")
    private static let fast = CommandOption<Bool>.flag("fast", "do not wait")
    private static let mode = CommandOption<String>.choice("mode", ["soft", "hard"], default: "soft", "how")

    private static func command(_ name: String = "dig") -> Command {
        Command(
            name: name,
            summary: "dig a hole",
            arguments: [
                CommandArgument(name: "PLACE", summary: "where"),
                CommandArgument(name: "TOOL", summary: "with what", isRequired: false),
            ],
            options: [depth.form, share.form, Self.name.form, fast.form, mode.form]
        ) { arguments, context in
            context.print("\(arguments.words) \(arguments[depth]) \(arguments[Self.name] ?? "-")")
            return .differences
        }
    }

    private func parse(_ words: String...) throws(UsageFault) -> ParsedArguments {
        try ArgumentParser(command: Self.command()).parse(words)
    }

    @Test func readsWordsOptionsAndFlags() throws {
        let arguments = try parse(
            "here",
            "--depth",
            "4",
            "--name=a=b",
            "--fast",
            "spade",
            "--share=12.5",
            "--mode=hard"
        )
        #expect(arguments.words == ["here", "spade"])
        #expect(arguments[Self.depth] == 4)
        #expect(arguments[Self.name] == "a=b")
        #expect(arguments[Self.fast])
        #expect(arguments[Self.share] == 12.5)
        #expect(arguments[Self.mode] == "hard")
    }

    @Test func defaultsFillWhatIsMissing() throws {
        let arguments = try parse("here")
        #expect(arguments[Self.depth] == 3)
        #expect(arguments[Self.name] == nil)
        #expect(!arguments[Self.fast])
        #expect(arguments[Self.mode] == "soft")
        #expect(!arguments.has(Self.depth))
    }

    @Test func someOptionsMayBeRepeated() throws {
        let tags = CommandOption<[String]>.texts("tag", "A=B", allowed: "a pair", "tags") { $0.contains("=") }
        let command = Command(name: "tag", summary: "tag", options: [tags.form, Self.depth.form]) { _, _ in .ok }
        let parser = ArgumentParser(command: command)
        #expect(try parser.parse(["--tag", "a=1", "--tag=b=2,3"])[tags] == ["a=1", "b=2,3"])
        #expect(try parser.parse([])[tags].isEmpty)
        #expect(throws: UsageFault.self) { try parser.parse(["--tag", "a=1", "--tag", "b"]) }
        #expect(throws: UsageFault.self) { try parser.parse(["--depth", "1", "--depth", "2"]) }
    }

    @Test func twoDashesEndTheOptions() throws {
        #expect(try parse("--fast", "--", "--depth", "-x").words == ["--depth", "-x"])
        #expect(try parse("-").words == ["-"])
    }

    @Test(arguments: [
        (["here", "--dept", "4"], "unknown option '--dept'; did you mean --depth?"),
        (["here", "--zzz"], "unknown option '--zzz'"),
        (["here", "-d"], "options begin with two dashes"),
        (["here", "--depth"], "'--depth' needs a value: --depth N"),
        (["here", "--depth", "--fast"], "'--depth' needs a value"),
        (["here", "--depth", "x"], "does not take 'x'; allowed: an integer from 1 to 9"),
        (["here", "--depth=10"], "allowed: an integer from 1 to 9"),
        (["here", "--depth="], "does not take ''"),
        (["here", "--share", "nan"], "allowed: a number from 0 to 100"),
        (["here", "--name="], "does not take ''"),
        (["here", "--mode", "firm"], "allowed: one of soft|hard"),
        (["here", "--fast=yes"], "'--fast' takes no value"),
        (["here", "--fast", "--fast"], "'--fast' is given twice"),
        ([], "PLACE is missing; usage: backchannel dig PLACE [TOOL] [OPTIONS]"),
        (["a", "b", "c"], "unexpected 'c'"),
    ])
    func refusesWithAdvice(_ words: [String], _ expected: String) {
        let fault = #expect(throws: UsageFault.self) { try ArgumentParser(command: Self.command()).parse(words) }
        #expect(fault?.description.contains(expected) == true, "\(fault?.description ?? "")")
    }

    // MARK: The table

    private let runner = CommandRunner(
        table: CommandTable(commands: [command(), command("keys create"), command("keys list")])
    )

    @Test func runsTheCommandMeant() async {
        let result = await runner.run("dig", "here", "--depth=5")
        #expect(result.exitCode == .differences)
        #expect(result.output == #"["here"] 5 -"#)
        #expect(await runner.run("keys", "list", "x").output == #"["x"] 3 -"#)
    }

    @Test(arguments: [
        (["digg"], "unknown command 'digg'; did you mean dig?"),
        (["frobnicate"], "unknown command 'frobnicate'"),
        (["keys"], "'keys' needs one of: keys create, keys list"),
        (["keys", "delete"], "'keys' needs one of"),
        (["help", "digg"], "did you mean dig?"),
        (["--version"], "unknown command '--version'"),
    ])
    func unknownCommandsAreUsageFaults(_ words: [String], _ expected: String) async {
        let result = await runner.run(words)
        #expect(result.exitCode == .usage)
        #expect(result.complaints.contains(expected), "\(result.complaints)")
        #expect(result.output.isEmpty)
    }

    @Test(arguments: [[], ["help"], ["--help"], ["-h"]])
    func helpListsTheCommands(_ words: [String]) async {
        let result = await runner.run(words)
        #expect(result.exitCode == .ok)
        #expect(result.output.contains("  keys create  dig a hole\n"))
        #expect(result.output.contains("  5  a check found differences"))
    }

    @Test(arguments: [["help", "dig"], ["dig", "--help"], ["dig", "here", "--depth", "x", "-h"]])
    func helpExplainsACommand(_ words: [String]) async {
        let result = await runner.run(words)
        #expect(result.exitCode == .ok)
        #expect(result.output.contains("usage: backchannel dig PLACE [TOOL] [OPTIONS]"))
        #expect(result.output.contains("--depth N         how deep (default: 3)"), "\(result.output)")
        #expect(result.output.contains("exit codes:"))
    }

    @Test(arguments: [["help", "keys"], ["keys", "--help"]])
    func helpListsAGroup(_ words: [String]) async {
        #expect(await runner.run(words).output.contains("keys create  dig a hole"))
    }

    @Test func helpBehindTwoDashesIsAWord() async {
        #expect(await runner.run("dig", "--", "--help").output == #"["--help"] 3 -"#)
    }

    @Test(arguments: [
        (UsageFault("u") as any Error, ExitCode.usage), (ConfigurationError(faults: []), .configuration),
        (CommandFailure("f"), .failed), (CommandFailure("f", exitCode: .unreachable), .unreachable),
        (ReplayFault("r"), .failed),
    ])
    func errorsBecomeExitCodes(_ error: any Error, _ code: ExitCode) async {
        let failing = Command(name: "fail", summary: "fail") { _, _ in throw error }
        let result = await CommandRunner(table: CommandTable(commands: [failing])).run("fail")
        #expect(result.exitCode == code)
        #expect(result.complaints.hasPrefix("backchannel: "))
    }

    /// Every real command can be explained, and no two share a name.
    @Test func everyCommandHasHelp() async {
        let commands = Backchannel.commands.commands
        #expect(Set(commands.map(\.name)).count == commands.count)
        for command in commands {
            let result = await CommandRunner().run(command.name.split(separator: " ").map(String.init) + ["--help"])
            #expect(result.exitCode == .ok)
            #expect(result.output.contains("usage: backchannel \(command.name)"))
            #expect(!command.summary.isEmpty && !command.summary.hasSuffix("."))
            #expect(Set(command.options.map(\.name)).count == command.options.count)
        }
    }

    @Test(arguments: [("PROT", "PORT", 1), ("", "abc", 3), ("kitten", "sitting", 3), ("ab", "ba", 1), ("a", "a", 0)])
    func editsAreCounted(_ left: String, _ right: String, _ count: Int) {
        #expect(Suggestion.edits(left, right) == count)
    }
}
