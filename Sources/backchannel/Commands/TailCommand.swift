import Blocking
import Chat
import History
import JSON
import WebhookIngest

/// `tail`: events as they are stored, one line each.
enum TailCommand {
    private static let json = CommandOption<Bool>.flag("json", "print JSON lines")
    private static let type = CommandOption<String?>.text(
        "type",
        "TYPE",
        "only this type of event; 'message.*' is every type that begins so"
    )
    private static let since = CommandOption<String?>.text(
        "since",
        "TIME",
        "begin there: 2026-01-05T10:00:00Z, or so long ago: 90s, 15m, 2h, 1d",
        standard: "now"
    )
    private static let once = CommandOption<Bool>.flag("once", "stop at the end of what is there")

    private static let interval = Duration.milliseconds(300)
    private static let pageRows = 1_000

    static let command = Command(
        name: "tail",
        summary: "print events as they are stored: time, type, channel, message, users",
        discussion: "Never prints a text. Ctrl-C ends it.",
        options: [type.form, since.form, once.form, json.form],
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ context: CommandContext) async throws -> ExitCode {
        let start = try start(arguments[since], now: QueueClock.system.now())
        let (isJSON, isOnce, type) = (arguments[json], arguments[once], arguments[type])
        let isInterrupted = Interrupt.watching()
        var tail = try await context.withHistory { store, _ in LogTail(store, since: start) }
        while !isInterrupted() {
            let (moved, entries) = try await CommandContext.thread.run { [tail] () throws(any Error) in
                var tail = tail
                let entries = try tail.next(limit: pageRows)
                return (tail, entries)
            }
            tail = moved
            for entry in entries where matches(entry.type, type) { context.print(isJSON ? entry.json : entry.line) }
            guard entries.count < pageRows else { continue }
            if isOnce { return .ok }
            try await Task.sleep(for: interval)
        }
        return .ok
    }

    private static func matches(_ type: String, _ wanted: String?) -> Bool {
        guard let wanted else { return true }
        return wanted.hasSuffix("*") ? type.hasPrefix(wanted.dropLast()) : type == wanted
    }

    /// - Parameter option: which takes the text.
    static func start(_ text: String?, of option: String = "since", now: Timestamp) throws(UsageFault) -> Timestamp {
        guard let text else { return now }
        if let time = Timestamp(rfc3339: text) { return time }
        let seconds: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let unit = text.last.flatMap({ seconds[$0] }), let count = Int64(text.dropLast()), 0...1_000_000 ~= count
        else {
            throw UsageFault(
                "'--\(option)' does not take '\(text)'; allowed: a time as 2026-01-05T10:00:00Z, or 90s, 15m, 2h, 1d"
            )
        }
        return Timestamp(milliseconds: now.milliseconds - count * unit * 1_000)
    }
}

extension LogEntry {
    var line: String {
        let people = references.compactMap(Reference.userID).map { "user:\($0)" }
        let message = messageID.map { ["message:\($0)"] } ?? []
        return ([received.rfc3339, type, cid ?? "-"] + message + people).joined(separator: " ")
    }

    var json: String {
        var writer = JSONWriter()
        writer.object {
            $0.field("id", id)
            $0.field("received", received.rfc3339)
            $0.field("at", at.rfc3339)
            $0.field("type", type)
            $0.field("cid", cid)
            $0.field("message_id", messageID)
            $0.field("users", references.compactMap(Reference.userID))
            $0.field("erased", isErased)
        }
        return writer.text
    }
}
