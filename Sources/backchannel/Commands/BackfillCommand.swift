import Backfill
import Chat
import History
import JSON
import Limits
import Provider
import Telemetry
import WebhookIngest

/// `backfill`: what webhooks did not bring, read back from the provider.
enum BackfillCommand {
    private static let since = CommandOption<String?>.text(
        "since",
        "TIME",
        "messages made since then: 2026-01-05T10:00:00Z, or so long ago: 90s, 15m, 2h, 1d"
    )
    private static let until = CommandOption<String?>.text(
        "until",
        "TIME",
        "and up to then; what happened a moment ago may still come by webhook",
        standard: "BACKFILL_SETTLE_SECONDS ago"
    )
    private static let channel = CommandOption<String?>.text("channel", "CID", "only this channel, as 'messaging:room'")
    private static let check = CommandOption<Bool>.flag("check", "only count what is missing; write nothing")
    private static let perChannel = CommandOption<Bool>.flag("per-channel", "print a line for each channel as well")
    private static let restart = CommandOption<Bool>.flag("restart", "do not go on with one that was interrupted")
    private static let json = CommandOption<Bool>.flag("json", "print JSON lines")

    static let command = Command(
        name: "backfill",
        summary: "read back from the provider what webhooks did not bring, and count it",
        discussion: """
            Reads channels, members, messages and bans inside the provider's rate limits and merges them as events are merged;
            what is there already is left alone, and no effect is caused. Beside a running service or without one.
            Interrupted, the same command goes on where it stopped, for a day. With --check the exit code is 5 if
            anything is missing. docs/operations.md says what cannot be read back.
            """,
        options: [since, until, channel].map(\.form) + [check, perChannel, restart, json].map(\.form),
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ context: CommandContext) async throws -> ExitCode {
        let configuration = try context.configuration(for: .asking)
        let request = try request(arguments, configuration, now: QueueClock.system.now())
        let isJSON = arguments[json]
        let mode: Backfill.Mode = arguments[check] ? .check : .store(takesOver: true, resumes: !arguments[restart])
        let backfill = try backfill(configuration)
        // SIGINT ends the page under way, and says how to go on.
        let isInterrupted = Interrupt.watching()
        let work = Task {
            try await backfill.run(
                request,
                mode,
                begun: { if $0.isResumed, !isJSON { context.print(resumed($0)) } },
                onChannel: { report in
                    guard arguments[perChannel] else { return }
                    context.print(isJSON ? json(report) : text(report))
                }
            )
        }
        let watch = Task {
            while !isInterrupted() { try await Task.sleep(for: .milliseconds(100)) }
            work.cancel()
        }
        defer { watch.cancel() }
        let report = try await work.value
        context.print(isJSON ? json(report, isCheck: mode == .check) : text(report, isCheck: mode == .check))
        let isLacking = report.counts.missing + report.counts.outdated + report.counts.changed > 0
        return mode == .check && isLacking ? .differences : .ok
    }

    private static func request(
        _ arguments: ParsedArguments,
        _ configuration: Configuration,
        now: Timestamp
    ) throws(UsageFault) -> BackfillRequest {
        guard let start = arguments[since] else { throw UsageFault("'backfill' needs --since") }
        let settled = Timestamp(
            milliseconds: now.milliseconds - Int64(configuration.limits.backfill.settleSeconds) * 1_000
        )
        let end = arguments[until]
        let request = BackfillRequest(
            since: try TailCommand.start(start, now: now),
            through: try end.map { (text) throws(UsageFault) in try TailCommand.start(text, of: "until", now: now) }
                ?? settled,
            cid: arguments[channel],
            cause: ["command", start, end ?? "", arguments[channel] ?? ""].joined(separator: " ")
        )
        guard request.since < request.through else {
            throw UsageFault("'--since' is not before the end of the window, \(request.through.rfc3339)")
        }
        return request
    }

    private static func backfill(_ configuration: Configuration) throws(CommandFailure) -> Backfill {
        let location = try HistoryLocation(configuration)
        let history = HistoryHandle { () throws(HistoryError) in try location.attach() }
        return Backfill(
            try configuration.requiredProvider(),
            decoder: configuration.streamProvider,
            store: BackfillStore(history, limits: configuration.limits, now: QueueClock.system.now),
            limits: configuration.limits,
            now: QueueClock.system.now
        )
    }

    // MARK: What it prints

    private static func resumed(_ report: Backfill.Report) -> String {
        "goes on with an interrupted back-fill of \(window(report)): \(report.counts.channels) channels are done"
    }

    private static func window(_ report: Backfill.Report) -> String {
        "\(report.request.since.rfc3339) to \(report.request.through.rfc3339)"
    }

    private static func text(_ channel: Backfill.ChannelReport) -> String {
        let counts = channel.counts
        return "\(channel.cid): \(counts.messages) messages, \(counts.missing) missing, \(counts.outdated) outdated"
    }

    static func text(_ report: Backfill.Report, isCheck: Bool) -> String {
        let counts = report.counts
        let percent = counts.lossRate.map { rate in
            // Two decimal places, without a formatter.
            let hundredths = Int((rate * 10_000).rounded())
            return " (\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) %)"
        }
        let verb = isCheck ? "missing" : "had been missing and are stored now"
        var lines = [
            "\(window(report)): read \(counts.channels) channels, \(counts.members) members, \(counts.messages) messages",
            "messages: \(counts.missing) \(verb)\(percent ?? ""), \(counts.outdated) in an earlier state",
            "channels, members and \(counts.bans) bans: \(counts.changed) missing or in an earlier state",
        ]
        if counts.refused > 0 { lines.append("channels or bans that the provider does not show: \(counts.refused)") }
        if counts.unreadable > 0 { lines.append("parts of answers that could not be read: \(counts.unreadable)") }
        return lines.joined(separator: "\n")
    }

    private static func json(_ channel: Backfill.ChannelReport) -> String {
        var writer = JSONWriter()
        writer.object {
            $0.field("cid", channel.cid)
            channel.counts.write(to: &$0)
        }
        return writer.text
    }

    static func json(_ report: Backfill.Report, isCheck: Bool) -> String {
        var writer = JSONWriter()
        writer.object {
            $0.field("since", report.request.since.rfc3339)
            $0.field("until", report.request.through.rfc3339)
            $0.field("channel", report.request.cid)
            $0.field("check", isCheck)
            $0.field("resumed", report.isResumed)
            report.counts.write(to: &$0)
        }
        return writer.text
    }
}

extension Configuration {
    /// - Throws: ``CommandFailure`` that says what is not configured.
    func requiredProvider() throws(CommandFailure) -> StreamClient {
        guard let client = chatProvider(metrics: Metrics()) else {
            throw CommandFailure(
                "GETSTREAM_API_KEY and GETSTREAM_API_SECRET must both be set; the provider's dashboard shows them",
                exitCode: .configuration
            )
        }
        return client
    }
}
