import Blocking
import Chat
import Decisions
import JSON
import Rules
import WebhookIngest

/// `rules explain`: why a decision came about, or what would become of a text.
enum RulesExplainCommand {
    private static let text = CommandOption<String?>.text("text", "TEXT", "explain what would become of this text")
    private static let event = CommandOption<String>.text(
        "event",
        "TYPE",
        default: RuleEvent.messageNew.rawValue,
        "the type of the event that the text comes with"
    )
    private static let given = CommandOption<[String]>.texts(
        "given",
        "PATH=VALUE",
        allowed: "a path and a value, such as listing.status=sold",
        "what is known beside the text; may be given several times"
    ) { GivenValue($0) != nil }
    private static let folder = CommandOption<String?>.text(
        "folder",
        "FOLDER",
        "explain by the rules of this folder, without the service"
    )
    private static let rerun = CommandOption<Bool>.flag(
        "rerun",
        "make the decision again and say whether the same comes out"
    )
    private static let json = CommandOption<Bool>.flag("json", "print JSON")

    static let command = Command(
        name: "rules explain",
        summary: "show why a decision came about, or what would become of a text, condition by condition",
        discussion: """
            ID is a decision's, or a message's for all decisions about it. ✓ holds, ✗ does not, ? is unknown: something
            that it needs is missing. Asks the running service; of a text and a folder it works without one.
            """,
        arguments: [CommandArgument(name: "ID", summary: "a decision's or a message's id", isRequired: false)],
        options: [text.form, event.form, given.form, folder.form, rerun.form, json.form] + ServiceClient.forms,
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ world: CommandContext) async throws -> ExitCode {
        let configuration = try world.configuration(for: .asking)
        let id = arguments.words.first
        guard (id == nil) != (arguments[text] == nil) else {
            throw UsageFault(
                id == nil
                    ? "name a decision or a message, or give --text"
                    : "an ID and --text do not go together; for a folder of rules write --folder FOLDER"
            )
        }
        guard let id else { return try await explainText(arguments, configuration, world) }
        for option in [event.form, given.form, folder.form] where arguments.texts[option.name] != nil {
            throw UsageFault("'--\(option.name)' goes with --text only")
        }
        return try await explain(id, arguments, ServiceClient(arguments, configuration), world)
    }

    // MARK: A text

    private static func explainText(
        _ arguments: ParsedArguments,
        _ configuration: Configuration,
        _ world: CommandContext
    ) async throws -> ExitCode {
        let example = RuleTest(
            place: RulePlace(file: "--text", line: 1, column: 1),
            event: EventType(rawValue: arguments[event]),
            text: arguments[text],
            given: arguments[given].compactMap(GivenValue.init).map { .init($0.path, $0.value) },
            at: QueueClock.system.now(),
            expectation: .staysQuiet
        )
        let answer: [UInt8]
        if let folder = arguments[folder] {
            answer = try await CommandContext.thread.run { () throws(CommandFailure) in
                try explain(example, by: try CheckedRules(folder, configuration).usable())
            }
        } else {
            let service = ServiceClient(arguments, configuration)
            guard service.hasKey else {
                throw CommandFailure(
                    "no API key to ask the service with; set ADMIN_API_KEY as the service has it, give --api-key, or name a folder of rules by --folder FOLDER to ask no service"
                )
            }
            answer = try await service.send("POST", "/api/v1/rules/explain", body: request(example))
        }
        return try tell(answer, arguments, world)
    }

    private static func explain(_ example: RuleTest, by engine: RuleEngine) throws(CommandFailure) -> [UInt8] {
        guard let result = RuleTrial(engine).run(example) else {
            throw CommandFailure("what is given makes no event; look at the values of event and message")
        }
        var writer = JSONWriter()
        writer.object { result.write(by: engine.ruleSet, to: &$0) }
        return Array(writer.text.utf8)
    }

    private static func request(_ example: RuleTest) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.field("text", example.text)
            object.field("event", example.event.rawValue)
            object.field("given") { values in
                values.object { fields in
                    for given in example.given { fields.field(given.path.description) { given.value.write(to: &$0) } }
                }
            }
        }
        return Array(writer.text.utf8)
    }

    // MARK: A decision or a message

    private static func explain(
        _ id: String,
        _ arguments: ParsedArguments,
        _ service: ServiceClient,
        _ world: CommandContext
    ) async throws -> ExitCode {
        let decisions = "/api/v1/decisions"
        let name = ServiceClient.escaped(id)
        if let answer = try await service.find("GET", "\(decisions)/\(name)/explain") {
            return try tell(answer, arguments, world)
        }
        let list = try parsed(try await service.send("GET", "\(decisions)?message=\(name)&limit=100"))
        let ids = list["data"]?.array.compactMap { $0["_id"]?.string } ?? []
        guard ids.isEmpty else {
            var code = ExitCode.ok
            for (place, id) in ids.enumerated() {
                if place > 0, !arguments[json] { world.print("") }
                let answer = try await service.send("GET", "\(decisions)/\(ServiceClient.escaped(id))/explain")
                let next = try tell(answer, arguments, world)
                if next != .ok { code = next }
            }
            return code
        }
        guard let answer = try await service.find("GET", "/api/v1/rules/explain/\(name)") else {
            throw CommandFailure("there is no decision \(id), and no message \(id) whose event is kept with its body")
        }
        if !arguments[json] {
            world.print("no rule fired when the message came; by the rules in force and what is known today:")
        }
        return try tell(answer, arguments, world)
    }

    private static func tell(
        _ answer: [UInt8],
        _ arguments: ParsedArguments,
        _ world: CommandContext
    ) throws -> ExitCode {
        if arguments[json] {
            world.print(String(decoding: answer, as: UTF8.self))
        } else {
            for line in Explanation(try parsed(answer)).lines(showsRerun: arguments[rerun]) { world.print(line) }
        }
        guard arguments[rerun], let result = try parsed(answer)["rerun"]?["result"]?.string else { return .ok }
        return result == "different" ? .differences : .ok
    }

    private static func parsed(_ bytes: [UInt8]) throws(CommandFailure) -> JSONValue {
        do throws(JSONError) { return try JSONParser().parse(bytes) } catch {
            throw CommandFailure("the service answered what is no JSON; check the address")
        }
    }
}

/// `listing.status=sold`: a value by its path.
struct GivenValue {
    let path: ValuePath
    let value: RuleValue

    /// Numbers, `true` and `false` are taken as such; quotes, as in JSON, make anything a text.
    init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let names = parts[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let path = ValuePath(names: names) else { return nil }
        self.path = path
        value = Self.value(String(parts[1]))
    }

    private static func value(_ text: String) -> RuleValue {
        switch text {
        case "true": .flag(true)
        case "false": .flag(false)
        default:
            (try? JSONParser().parse(Array(text.utf8))).flatMap(RuleValue.init) ?? .text(text)
        }
    }
}
