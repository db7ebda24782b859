import Blocking
import Limits

/// `replay PATH`: signs and sends recorded or made-up events to a running service.
enum ReplayCommand {
    private static let limits = Limits.Replay()

    private static let connections = CommandOption<Int>.integer(
        "connections",
        1...limits.connections,
        default: 8,
        "connections, each with one request at a time"
    )
    private static let rate = CommandOption<Double>.number(
        "rate",
        0...1_000_000,
        default: 0,
        "deliveries a second; 0 is as fast as answers come",
        placeholder: "R"
    )
    private static let retries = CommandOption<Int>.integer(
        "retries",
        0...1_000,
        default: 3,
        "send again after 408, 429, 5xx or a lost connection, at most so often"
    )
    private static let timeout = CommandOption<Int>.integer(
        "timeout",
        1...600,
        default: 10,
        "an answer that takes longer counts as lost",
        placeholder: "SECONDS"
    )
    private static let duplicate = CommandOption<Double>.number(
        "duplicate",
        0...100,
        default: 0,
        "send so many of a hundred events a second time, later",
        placeholder: "PCT"
    )
    private static let bad = CommandOption<Double>.number(
        "bad",
        0...100,
        default: 0,
        "also send so many of a hundred events with a forged signature",
        placeholder: "PCT"
    )
    private static let shuffle = CommandOption<Int?>.integer(
        "shuffle",
        0...Int.max,
        "send in an order that this number decides",
        placeholder: "SEED"
    )
    private static let seed = CommandOption<Int>.integer(
        "seed",
        0...Int.max,
        default: 1,
        "decides what is generated, doubled and forged",
        placeholder: "SEED"
    )
    private static let gzip = CommandOption<Bool>.flag("gzip", "compress bodies, as the provider can")
    private static let generate = CommandOption<Int?>.integer(
        "generate",
        1...limits.events,
        "make up N marketplace events instead of reading PATH"
    )
    private static let mix = CommandOption<Bool>.flag(
        "mix",
        "generate edits, reactions, reads and deletions too, not new messages alone"
    )
    private static let users = CommandOption<Int>.integer(
        "users",
        1...10_000_000,
        default: 2_000,
        "generate messages of N users"
    )
    private static let listings = CommandOption<Int>.integer(
        "listings",
        1...10_000_000,
        default: 1_000,
        "generate messages about N listings"
    )
    private static let channels = CommandOption<Int?>.integer(
        "channels",
        1...10_000_000,
        "generate messages in N channels, not in one for every buyer of a listing"
    )
    private static let days = CommandOption<Int?>.integer(
        "days",
        1...3_660,
        "spread generated events over N days"
    )
    private static let prefix = CommandOption<String>.text(
        "prefix",
        "TEXT",
        default: "m",
        "begins the ids of generated messages"
    )
    private static let json = CommandOption<Bool>.flag("json", "print the summary as JSON")
    private static let acknowledged = CommandOption<String?>.text(
        "acknowledged",
        "FILE",
        "append the id (SHA-256) of each acknowledged body to FILE, at once"
    )

    static let command = Command(
        name: "replay",
        summary: "sign events and send them to a running service",
        discussion: """
            PATH is a fixture's folder (body.json, headers.json), a folder of such folders, of *.json bodies or with an
            events.jsonl, a .json file with one body, any other file with one body a line, or - for standard input.
            Fails when something was never acknowledged or something forged was.
            """,
        arguments: [CommandArgument(name: "PATH", summary: "what to send", isRequired: false)],
        options: SigningOptions.forms + [
            connections.form, rate.form, retries.form, timeout.form, duplicate.form, bad.form, shuffle.form, gzip.form,
            generate.form, mix.form, users.form, listings.form, channels.form, days.form, prefix.form,
            seed.form, json.form, acknowledged.form,
        ],
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ context: CommandContext) async throws -> ExitCode {
        let job = try job(arguments, context)
        let watch = ReplayWatch(
            progress: ProgressBar.drawing(if: context.showsProgress),
            isInterrupted: Interrupt.watching()
        )
        let report = try await BlockingPool(label: "replay", threads: 1).run { () throws(ReplayFault) in
            var sender = try Sender(job, watch)
            return try sender.run()
        }
        if let unreachable = report.unreachable { throw CommandFailure(unreachable, exitCode: .unreachable) }
        let count = job.connections
        context.print(arguments[json] ? report.json(connections: count) : report.text(connections: count))
        return report.isComplete ? .ok : .failed
    }

    private static func job(_ arguments: ParsedArguments, _ context: CommandContext) throws -> ReplayJob {
        let input = try input(arguments)
        let choice = try SigningOptions.choose(arguments, context)
        var job = ReplayJob(input: input, endpoint: choice.endpoint, apiKey: choice.key, secret: choice.secret)
        job.connections = arguments[connections]
        job.rate = arguments[rate] > 0 ? arguments[rate] : nil
        job.retries = arguments[retries]
        job.timeoutSeconds = arguments[timeout]
        job.duplicatePercent = arguments[duplicate]
        job.forgedPercent = arguments[bad]
        job.shuffleSeed = arguments[shuffle].map { UInt64($0) }
        job.seed = UInt64(arguments[seed])
        job.compresses = arguments[gzip]
        job.acknowledgedPath = arguments[acknowledged]
        return job
    }

    private static func input(_ arguments: ParsedArguments) throws(UsageFault) -> EventInput {
        switch (arguments.words.first, arguments[generate]) {
        case (nil, nil): throw UsageFault("give PATH, or --generate N; \(HelpText.usage(of: command))")
        case (.some, .some): throw UsageFault("PATH and --generate do not go together; give one")
        case (let path?, nil):
            for option in [mix.form, prefix.form, users.form, listings.form, channels.form, days.form]
            where arguments.texts[option.name] != nil {
                throw UsageFault("'--\(option.name)' is about generated events; it needs --generate")
            }
            return path == "-" ? .standardInput : .path(path)
        case (nil, let count?):
            let prefix = arguments[prefix]
            guard prefix.count <= 64, prefix.utf8.allSatisfy(Self.isPlain) else {
                throw UsageFault("'--prefix' takes at most 64 letters, digits, - and _")
            }
            return .generated(
                EventGenerator(
                    count: count,
                    seed: UInt64(arguments[seed]),
                    prefix: prefix,
                    isMixed: arguments[mix],
                    listings: arguments[listings],
                    users: arguments[users],
                    channels: arguments[channels],
                    days: arguments[days]
                )
            )
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
