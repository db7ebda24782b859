import Chat
import Decisions
import JSON

/// A backtest's report, for people and for programs.
struct BacktestText {
    private let report: BacktestReport

    init(_ report: BacktestReport) { self.report = report }

    private var sides: [(name: String, side: BacktestReport.Side)] {
        [("tried", report.tried)] + (report.compared.map { [("compared", $0)] } ?? [])
    }

    // MARK: For people

    var lines: [String] {
        head + [""] + verdicts + [""] + byRule + [""] + moderation + [""] + work + shownExamples + notes
    }

    private var head: [String] {
        [
            "\(report.from.rfc3339) to \(report.until.rfc3339): \(report.messages) messages, "
                + "\(report.events) events judged",
            "rules \(report.tried.version.prefix(12))"
                + (report.compared.map { ", held against \($0.version.prefix(12))" } ?? ""),
        ]
    }

    private var verdicts: [String] {
        var rows = [["verdict"] + sides.flatMap { [$0.name, "with shadow"] }]
        for verdict in Verdict.allCases {
            rows.append(
                [verdict.rawValue]
                    + sides.flatMap {
                        ["\($0.side.verdicts[verdict] ?? 0)", "\($0.side.shadowVerdicts[verdict] ?? 0)"]
                    }
            )
        }
        return Self.table(rows)
    }

    private var byRule: [String] {
        var rows = [["rule", "mode", "fired", "moderated"] + (report.compared == nil ? [] : ["newly caught"])]
        for rule in report.tried.rules {
            rows.append(
                [rule.id, rule.mode, "\(rule.fired)", "\(rule.moderated)"]
                    + (report.compared == nil ? [] : ["\(rule.newlyCaught)"])
            )
        }
        var lines = Self.table(rows)
        if let compared = report.compared {
            lines += ["", "newly caught: \(report.newlyCaught), no longer caught: \(report.noLongerCaught)"]
            let lost = compared.rules.filter { $0.noLongerCaught > 0 }
            if !lost.isEmpty {
                lines += Self.table([["rule", "no longer caught"]] + lost.map { [$0.id, "\($0.noLongerCaught)"] })
            }
        }
        return lines
    }

    private var moderation: [String] {
        guard report.moderated > 0 else {
            return ["no message of this time was moderated: precision and recall cannot be told"]
        }
        return ["against \(report.moderated) messages that people flagged, removed or banned for:"]
            + sides.map { name, side in
                let measure = side.measure
                return "  \(name): precision \(Self.text(measure.precision)), recall \(Self.text(measure.recall))"
            }
            + ["  what nobody looked at counts as rightly left alone"]
    }

    private var work: [String] {
        let days = max(1, Int((report.until.milliseconds - report.from.milliseconds + 86_399_999) / 86_400_000))
        return sides.map { name, side in
            let total = side.reviewsByDay.values.reduce(0, +)
            let peak = side.reviewsByDay.max { ($0.value, $1.key) < ($1.value, $0.key) }
            let most = peak.map { ", most on \(Self.day($0.key)): \($0.value)" } ?? ""
            let mean = Self.number(Double(total) / Double(days))
            return "to be looked at (\(name)): \(total) messages, \(mean) a day\(most)"
        }
    }

    private var shownExamples: [String] {
        var lines: [String] = []
        for (title, isNew) in [("newly caught", true), ("no longer caught", false)] {
            let examples = report.examples.filter { $0.isNewlyCaught == isNew }
            guard !examples.isEmpty else { continue }
            lines += ["", "\(title), for example:"]
            for example in examples {
                let who = [example.messageID, example.cid, example.userID].compactMap(\.self).joined(separator: " ")
                let why = (example.rules + (example.isModerated ? ["moderated"] : [])).joined(separator: ", ")
                lines.append("  \(example.at.rfc3339) \(who): \(example.verdict.rawValue) (\(why))")
                if let text = example.text { lines.append("    \(text)") }
            }
        }
        return lines
    }

    private var notes: [String] {
        var notes = report.notes
        if report.bodiesGone > 0 {
            notes.append("\(report.bodiesGone) events could not be judged: their bodies are no longer kept")
        }
        if report.unreadable > 0 { notes.append("\(report.unreadable) events could not be read") }
        if report.judgedAgain > 0 {
            notes.append("\(report.judgedAgain) messages were judged again because of late events")
        }
        notes.append(
            report.asksFacts
                ? "facts (users, listings and the like) are those of today, not of then"
                : "facts were not asked: conditions on them are unknown"
        )
        notes.append("rates are counted from \(report.countedFrom.rfc3339) on")
        return [""] + notes.map { "note: \($0)" }
    }

    private static func table(_ rows: [[String]]) -> [String] {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - row[column].count)
                return column == 0 || Int(rows.last?[column] ?? "") == nil ? row[column] + space : space + row[column]
            }
            return "  " + cells.joined(separator: "  ").trimmingEnd
        }
    }

    private static func text(_ share: Share) -> String {
        guard let value = share.value, let bounds = share.bounds else { return "unknown" }
        return "\(percent(value)) (\(percent(bounds.low)) to \(percent(bounds.high)); \(share.count) of \(share.total))"
    }

    private static func percent(_ share: Double) -> String { "\(number(share * 100)) %" }

    /// One digit behind the point.
    private static func number(_ value: Double) -> String {
        let tenths = Int64((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func day(_ day: Int64) -> String {
        String(Timestamp(milliseconds: day * 86_400_000).rfc3339.prefix(10))
    }

    // MARK: For programs

    /// RFC 4180: a line a rule, and one of all, whose rule is `*`.
    var csv: String {
        var rows = [Self.columns]
        for (name, side) in sides {
            for rule in side.rules {
                let share = Share(rule.moderated, of: rule.fired)
                rows.append(
                    [name, rule.id, rule.mode]
                        + [rule.fired, rule.newlyCaught, rule.noLongerCaught, rule.moderated].map { "\($0)" }
                        + Self.cells(share) + ["", "", ""]
                )
            }
            let measure = side.measure
            let isTried = name == "tried"
            rows.append(
                [
                    name, "*", "", "\(measure.caughtModerated + measure.caughtOther)",
                    isTried ? "\(report.newlyCaught)" : "0", isTried ? "0" : "\(report.noLongerCaught)",
                    "\(measure.caughtModerated)",
                ] + Self.cells(measure.precision) + Self.cells(measure.recall)
            )
        }
        return rows.map { $0.map(Self.quoted).joined(separator: ",") + "\r\n" }.joined()
    }

    private static let columns = [
        "set", "rule", "mode", "fired", "newly_caught", "no_longer_caught", "moderated",
        "precision", "precision_low", "precision_high", "recall", "recall_low", "recall_high",
    ]

    private static func cells(_ share: Share) -> [String] {
        guard let value = share.value, let bounds = share.bounds else { return ["", "", ""] }
        return [value, bounds.low, bounds.high].map { "\(($0 * 10_000).rounded() / 10_000)" }
    }

    private static func quoted(_ cell: String) -> String {
        cell.contains { "\",\r\n".contains($0) } ? "\"\(cell.replacing("\"", with: "\"\""))\"" : cell
    }

    var json: String {
        var writer = JSONWriter()
        writer.object { object in
            object.field("from", report.from.rfc3339)
            object.field("until", report.until.rfc3339)
            object.field("counted_from", report.countedFrom.rfc3339)
            object.field("messages", report.messages)
            object.field("events", report.events)
            object.field("bodies_gone", report.bodiesGone)
            object.field("unreadable", report.unreadable)
            object.field("judged_again", report.judgedAgain)
            object.field("moderated", report.moderated)
            object.field("facts", report.asksFacts ? "today" : "not asked")
            object.field("newly_caught", report.newlyCaught)
            object.field("no_longer_caught", report.noLongerCaught)
            for (name, side) in sides { object.field(name) { $0.object { Self.write(side, to: &$0) } } }
            object.field("examples") { $0.array { for example in report.examples { Self.write(example, to: &$0) } } }
            object.field("notes", report.notes)
        }
        return writer.text
    }

    private static func write(_ side: BacktestReport.Side, to writer: inout JSONWriter) {
        writer.field("rule_set", side.version)
        for (name, counts) in [("verdicts", side.verdicts), ("shadow_verdicts", side.shadowVerdicts)] {
            writer.field(name) { object in
                object.object { for verdict in Verdict.allCases { $0.field(verdict.rawValue, counts[verdict] ?? 0) } }
            }
        }
        writer.field("rules") { array in
            array.array {
                for rule in side.rules {
                    $0.object {
                        $0.field("rule", rule.id)
                        $0.field("mode", rule.mode)
                        $0.field("fired", rule.fired)
                        $0.field("newly_caught", rule.newlyCaught)
                        $0.field("no_longer_caught", rule.noLongerCaught)
                        $0.field("moderated", rule.moderated)
                    }
                }
            }
        }
        writer.field("precision") { write(side.measure.precision, to: &$0) }
        writer.field("recall") { write(side.measure.recall, to: &$0) }
        writer.field("reviews_by_day") { object in
            object.object { days in
                for (day, count) in side.reviewsByDay.sorted(by: { $0.key < $1.key }) {
                    days.field(Self.day(day), count)
                }
            }
        }
    }

    private static func write(_ share: Share, to writer: inout JSONWriter) {
        writer.object {
            $0.field("count", share.count)
            $0.field("of", share.total)
            $0.field("value", share.value)
            $0.field("low", share.bounds?.low)
            $0.field("high", share.bounds?.high)
        }
    }

    private static func write(_ example: BacktestReport.Example, to writer: inout JSONWriter) {
        writer.object {
            $0.field("kind", example.isNewlyCaught ? "newly caught" : "no longer caught")
            $0.field("rules", example.rules)
            $0.field("verdict", example.verdict.rawValue)
            $0.field("message_id", example.messageID)
            $0.field("cid", example.cid)
            $0.field("user_id", example.userID)
            $0.field("at", example.at.rfc3339)
            $0.field("text", example.text)
            $0.field("moderated", example.isModerated)
        }
    }
}

extension String {
    fileprivate var trimmingEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
