import Chat
import History
import JSON
import Limits
import WebhookIngest

/// `audit list`: who did what, and who read what.
enum AuditListCommand {
    private static let action = CommandOption<String?>.text(
        "action",
        "ACTION",
        "only this action, such as message.read"
    )
    private static let key = CommandOption<String?>.text("key", "ID", "only by this API key")
    private static let actor = CommandOption<String?>.text("actor", "USER", "only by this user")
    private static let kind = CommandOption<String?>.text("kind", "KIND", "only of this kind of thing, such as message")
    private static let subject = CommandOption<String?>.text("subject", "ID", "only of this thing")
    private static let user = CommandOption<String?>.text("user", "USER", "only what concerns this user")
    private static let from = CommandOption<String?>.text(
        "from",
        "TIME",
        "from then on: 2026-01-05T10:00:00Z, or so long ago: 90s, 15m, 2h, 1d"
    )
    private static let to = CommandOption<String?>.text("to", "TIME", "before then")
    private static let limit = CommandOption<Int>.integer("limit", 1...1_000_000, default: 100, "at most so many")
    private static let json = CommandOption<Bool>.flag("json", "print JSON lines")

    static let command = Command(
        name: "audit list",
        summary: "print the audit trail, latest first",
        discussion: "docs/audit.md says what it holds.",
        options: [
            action.form, key.form, actor.form, kind.form, subject.form, user.form, from.form, to.form, limit.form,
            json.form,
        ],
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ context: CommandContext) async throws -> ExitCode {
        let now = QueueClock.system.now()
        var filter = AuditFilter()
        (filter.action, filter.key, filter.actor) = (arguments[action], arguments[key], arguments[actor])
        (filter.subjectKind, filter.subject, filter.user) = (arguments[kind], arguments[subject], arguments[user])
        if let text = arguments[from] { filter.from = try TailCommand.start(text, of: "from", now: now) }
        if let text = arguments[to] { filter.until = try TailCommand.start(text, of: "to", now: now) }
        let (wanted, most, isJSON) = (filter, arguments[limit], arguments[json])
        try await context.withHistory { store, configuration in
            let queries = HistoryQueries(store, limits: configuration.limits.query)
            var (position, left): (ListPosition?, Int) = (nil, most)
            repeat {
                let rows = min(left, configuration.limits.query.pageMost)
                let page = try queries.audit(wanted, after: position, limit: rows)
                for entry in page.rows { context.print(isJSON ? entry.json : entry.line) }
                (position, left) = (page.next, left - rows)
            } while position != nil && left > 0
        }
        return .ok
    }
}

/// `audit verify`: whether the audit trail is still as it was written.
enum AuditVerifyCommand {
    private static let from = CommandOption<Int>.integer(
        "from",
        1...Int.max,
        default: 1,
        "begin with this entry; what it says of the one before is believed"
    )
    private static let head = CommandOption<String?>.text(
        "head",
        "HEAD",
        "what an earlier run has printed as its head: the chain must go through it"
    )
    private static let json = CommandOption<Bool>.flag("json", "print JSON lines: the faults, then the summary")

    static let command = Command(
        name: "audit verify",
        summary: "walk the audit trail and print every entry that is altered, missing or out of place",
        discussion: """
            Ends with the chain's head. Keep it elsewhere, and hand it in with --head next time: a head that was noted is
            the only proof against somebody who writes the whole chain anew. Erasures are no faults.
            """,
        options: [from.form, head.form, json.form],
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ context: CommandContext) async throws -> ExitCode {
        let (first, isJSON) = (Int64(arguments[from]), arguments[json])
        let noted = try arguments[head].map { text throws(UsageFault) in
            guard let head = AuditHead(text), head.sequence >= first else {
                throw UsageFault(
                    "'--head' does not take '\(text)'; allowed: a place not before --from, a colon and 64 hexadecimal digits"
                )
            }
            return head
        }
        let progress = ProgressBar.drawing(if: context.showsProgress)
        let report = try await context.withHistory { store, configuration in
            let limits = configuration.limits.audit
            var shown = 0
            return try AuditVerifier(store, limits: limits).run(from: first, noted: noted, progress: progress) {
                fault in
                shown += 1
                if shown <= limits.faultsShown { context.print(isJSON ? fault.json : fault.description) }
            }
        }
        context.print(isJSON ? report.json : report.text)
        return report.faults == 0 ? .ok : .differences
    }
}

extension AuditRow {
    fileprivate var line: String {
        let subject = [subjectKind, subject].compactMap(\.self).joined(separator: " ")
        let about = (user.map { [("user", $0)] } ?? []) + details.map { ($0.name, $0.value) }
        let who = actor.map { "\(key) (\($0))" } ?? key
        return ([at.rfc3339, who, action, subject] + about.map { "\($0.0)=\($0.1)" }).joined(separator: "  ")
    }

    fileprivate var json: String { jsonLine { self.writeFields(to: &$0) } }
}

extension AuditFault {
    fileprivate var json: String {
        jsonLine {
            $0.field("fault", kind.rawValue)
            $0.field("entry", sequence)
            $0.field("detail", detail)
        }
    }
}

extension AuditReport {
    fileprivate var text: String {
        let waiting = waiting > 0 ? ["waiting to be chained: \(waiting)"] : []
        let head = head.map { ["head: \($0)"] } ?? []
        return (["entries: \(entries)", "values erased: \(erasedValues)"] + waiting + ["faults: \(faults)"] + head)
            .joined(separator: "\n")
    }

    fileprivate var json: String {
        jsonLine {
            $0.field("entries", entries)
            $0.field("erased_values", erasedValues)
            $0.field("waiting", waiting)
            $0.field("faults", faults)
            $0.field("head", head?.description)
        }
    }
}

/// One line of JSON.
private func jsonLine(_ write: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    writer.object { write(&$0) }
    return writer.text
}
