import Blocking
import Chat
import Decisions
import Facts
import Foundation
import History
import Limits
import MongoDB
import Rules
import Telemetry
import WebhookIngest

/// `rules backtest`: what rules would have done with the messages that are stored.
enum RulesBacktestCommand {
    private static let from = CommandOption<String?>.text(
        "from",
        "TIME",
        "judge events from then on: 2026-01-05T10:00:00Z, or so long ago: 12h, 30d",
        standard: "7d"
    )
    private static let to = CommandOption<String?>.text("to", "TIME", "and before then", standard: "now")
    private static let rules = CommandOption<String?>.text("rules", "FOLDER", "the rules to try", standard: "RULES_DIR")
    private static let compare = CommandOption<String?>.text(
        "compare",
        "FOLDER",
        "hold them against the rules of this folder; 'current' is RULES_DIR"
    )
    private static let enforceShadow = CommandOption<Bool>.flag(
        "enforce-shadow",
        "count rules in shadow mode as if they were in force, in the tried set"
    )
    private static let noFacts = CommandOption<Bool>.flag(
        "no-facts",
        "ask no facts: conditions on them are unknown, as facts are known as of today only"
    )
    private static let examples = CommandOption<Int>.integer(
        "examples",
        0...1_000,
        default: 5,
        "messages of each kind that are shown"
    )
    private static let csv = CommandOption<String?>.text("csv", "FILE", "write the counts by rule there, to a new file")
    private static let json = CommandOption<Bool>.flag("json", "print JSON")

    static let command = Command(
        name: "rules backtest",
        summary: "replay stored events through rules, without effects, and count what they would have done",
        discussion: """
            Reads the events whose bodies are kept, in the order of receipt, counters and all. Held against what people
            did (flagged, removed, banned), it says how much of what rules catch is right and how much they miss, each
            with the bounds between which it lies 95 times of 100. Changes nothing.
            """,
        options: [
            from.form, to.form, rules.form, compare.form, enforceShadow.form, noFacts.form, examples.form, csv.form,
            json.form,
        ],
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ world: CommandContext) async throws -> ExitCode {
        let configuration = try world.configuration(for: .asking)
        let now = QueueClock.system.now()
        let start = try TailCommand.start(arguments[from] ?? "7d", of: "from", now: now)
        let end = try TailCommand.start(arguments[to], of: "to", now: now)
        guard start < end else { throw UsageFault("'--from' \(start.rfc3339) is not before '--to' \(end.rfc3339)") }
        let folder = try configuration.ruleFolder(arguments[rules])
        let other = try arguments[compare].map { try configuration.ruleFolder($0 == "current" ? nil : $0) }
        let order = try await CommandContext.thread.run { () throws(CommandFailure) in
            Backtest.Order(
                from: start,
                until: end,
                trying: try engine(folder, configuration, enforcing: arguments[enforceShadow]),
                against: try other.map { path throws(CommandFailure) in try engine(path, configuration) },
                examples: arguments[examples]
            )
        }
        let file = try arguments[csv].map { path throws(CommandFailure) in try NewFile(path) }
        let location = try HistoryLocation(configuration)
        let store = try await CommandContext.thread.run { () throws(any Error) in try location.attach() }
        if arguments[examples] > 0 { try await enterExamples(into: store, configuration.limits.audit) }
        let history = HistoryHandle { () throws(HistoryError) in store }
        _ = history.store
        let backtest = Backtest(
            store,
            facts: arguments[noFacts]
                ? nil : try FactStore(configuration, history: history, log: .none, now: QueueClock.system.now),
            provider: configuration.streamProvider,
            limits: configuration.limits.rules,
            observers: ProcessInfo.processInfo.activeProcessorCount
        )
        let bar = ProgressBar.drawingShare(if: world.showsProgress)
        let report = try await backtest.run(order) { bar($0, "\($1) events judged") }
        bar(1, "")
        let text = BacktestText(report)
        if let file { try file.write(text.csv) }
        if arguments[json] {
            world.print(text.json)
        } else {
            for line in text.lines { world.print(Explanation.printable(line)) }
        }
        return .ok
    }

    /// Examples are shown with their texts.
    private static func enterExamples(into store: HistoryStore, _ limits: Limits.Audit) async throws {
        try await CommandContext.thread.run { () throws(MongoError) in
            let entry = AuditEntry.byCommand("message.read", of: .init("messages"), details: ["by": "rules backtest"])
            try AuditChain(limits: limits).append([entry], to: store)
        }
    }

    private static func engine(
        _ folder: String,
        _ configuration: Configuration,
        enforcing: Bool = false
    ) throws(CommandFailure) -> RuleEngine {
        let engine = try CheckedRules(folder, configuration).usable()
        guard enforcing else { return engine }
        var ruleSet = engine.ruleSet
        for index in ruleSet.rules.indices where ruleSet.rules[index].mode == .shadow {
            ruleSet.rules[index].mode = .enforce
        }
        let settings = try configuration.ruleSettings
        do throws(PatternFault) {
            return try RuleEngine(ruleSet, settings: settings, limits: configuration.limits.rules)
        } catch {
            throw CommandFailure(error.description, exitCode: .configuration)
        }
    }
}

/// A file that was not there before.
private struct NewFile {
    private let handle: FileHandle
    private let path: String

    /// - Throws: ``CommandFailure`` when there is such a file already, or none can be made.
    init(_ path: String) throws(CommandFailure) {
        self.path = path
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure(
                "\(path): \(String(cString: strerror(errno))); name a new file in a folder that exists"
            )
        }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    func write(_ text: String) throws(CommandFailure) {
        do {
            try handle.write(contentsOf: Array(text.utf8))
            try handle.synchronize()
        } catch {
            throw CommandFailure("\(path): writing failed, \(error.localizedDescription); what is there is not all")
        }
    }
}
