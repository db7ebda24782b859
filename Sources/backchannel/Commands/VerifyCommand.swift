import History
import JSON

/// `verify`: everything derived, recomputed from the history.
enum VerifyCommand {
    private static let json = CommandOption<Bool>.flag("json", "print JSON lines: the differences, then the summary")
    private static let live = CommandOption<Bool>.flag(
        "no-snapshot",
        "read what is there at each moment, for histories that take over five minutes; only while nothing is written"
    )

    static let command = Command(
        name: "verify",
        summary: "recompute counters, messages and log from the history and print every difference",
        discussion: """
            Prints one difference a line: collection, id, field, what is stored and what is expected; never a text.
            Reads one moment of the database, so the service may go on. Signatures are checked with the secrets configured.
            """,
        options: [json.form, live.form],
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ context: CommandContext) async throws -> ExitCode {
        let (isJSON, isLive) = (arguments[json], arguments[live])
        let report = try await context.withHistory { store, configuration in
            let secrets = configuration.signingSecrets.map { (key: $0.key, secret: $0.secret.revealed()) }
            return try Verifier(store, secrets: secrets).run(inSnapshot: !isLive) {
                context.print(isJSON ? $0.json : $0.description)
            }
        }
        context.print(isJSON ? json(report) : text(report))
        return report.differences == 0 ? .ok : .differences
    }

    static func text(_ report: VerificationReport) -> String {
        let checked = report.checked.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
        let waiting = report.waitingSweeps.map { "waiting sweep: \($0); messages of it may differ until it has run" }
        let moment = report.isSnapshot ? "as of one moment" : "as found"
        return (waiting + ["checked \(moment): \(checked)", "differences: \(report.differences)"])
            .joined(separator: "\n")
    }

    static func json(_ report: VerificationReport) -> String {
        var writer = JSONWriter()
        writer.object { object in
            object.field("differences", report.differences)
            object.field("waiting_sweeps", report.waitingSweeps)
            object.field("snapshot", report.isSnapshot)
            object.field("checked") { $0.object { for part in report.checked { $0.field(part.name, part.count) } } }
        }
        return writer.text
    }
}

extension Difference {
    var json: String {
        var writer = JSONWriter()
        writer.object {
            $0.field("collection", collection)
            $0.field("id", id)
            $0.field("field", field)
            $0.field("stored", stored)
            $0.field("expected", expected)
            $0.field("mendable", isMendable)
        }
        return writer.text
    }
}
