import Analytics
import Chat
import HTTPServer
import History
import JSON

/// The rows of an answer, in any of the formats: what one says, all say.
struct FigureAnswer {
    let question: FigureQuestion
    let figures: Figures
    let rows: ArraySlice<FigureRow>
    private var clock: ZoneClock

    init(_ question: FigureQuestion, _ figures: Figures, from first: Int, limit: Int) {
        (self.question, self.figures) = (question, figures)
        rows = figures.rows.dropFirst(max(0, first - figures.first)).prefix(limit)
        clock = ZoneClock(question.range.zone)
    }

    mutating func response(_ format: RowFormat) -> HTTPResponse {
        switch format {
        case .json:
            return .json { writeJSON(to: &$0) }
        case .ndjson:
            var bytes: [UInt8] = []
            for row in rows {
                var writer = JSONWriter(capacity: 160)
                writer.object { write(row, to: &$0) }
                bytes += writer.bytes
                bytes.append(UInt8(ascii: "\n"))
            }
            return HTTPResponse(status: 200, headers: [("Content-Type", "application/x-ndjson")] + more, body: bytes)
        case .csv:
            var table = CSVTable()
            table.row(header)
            for row in rows { table.row(cells(row)) }
            let name = "attachment; filename=\"\(question.figure.rawValue).csv\""
            return HTTPResponse(
                status: 200,
                headers: [("Content-Type", "text/csv; charset=utf-8"), ("Content-Disposition", name)] + more,
                body: table.bytes
            )
        }
    }

    private var next: FigureCursor? {
        let end = figures.first + rows.endIndex
        return end < figures.count ? FigureCursor(row: end) : nil
    }

    /// Formats that are rows alone say where they go on in a header.
    private var more: [(name: String, value: String)] { next.map { [("X-Next-Cursor", $0.text)] } ?? [] }

    // MARK: JSON

    private mutating func writeJSON(to writer: inout JSONWriter) {
        let definition = question.figure.definition
        writer.field("metric", question.figure.rawValue)
        writer.field("unit", definition.unit.rawValue)
        writer.field("definition", definition.definition)
        writer.field("from", time(question.range.quarters.lowerBound))
        writer.field("to", time(question.range.quarters.upperBound))
        writer.field("time_zone", question.range.zone.identifier)
        writer.field("interval", question.range.interval.rawValue)
        writer.field("group_by", question.grouping?.rawValue)
        writer.field("data") { $0.array { for row in rows { $0.object { write(row, to: &$0) } } } }
        writer.field("total", figures.total)
        writer.field("next", next?.text)
    }

    private mutating func write(_ row: FigureRow, to writer: inout JSONWriter) {
        writer.field("from", time(row.quarters.lowerBound))
        writer.field("to", time(row.quarters.upperBound))
        switch row.value {
        case .count(let count):
            writer.field("group", row.group)
            writer.field("value", count)
        case .ratio(let ratio):
            writer.field("group", row.group)
            writer.field("value", ratio)
        case .latency(let summary):
            writer.field("group", row.group)
            writer.field("value", summary.p50)
            writer.field("latency") { $0.object { write(summary, to: &$0) } }
        case .matrix(let size, let values):
            writer.field("size", size)
            writer.field("values") { $0.array { for value in values { $0.int(value) } } }
        }
        writer.field("rows", messagesBehind(row))
    }

    private func write(_ summary: LatencySummary, to writer: inout JSONWriter) {
        writer.field("count", summary.count)
        writer.field("mean", summary.mean)
        writer.field("p50", summary.p50)
        writer.field("p90", summary.p90)
        writer.field("p99", summary.p99)
        writer.field("within", summary.within)
    }

    /// Where the messages are that a row counts, if they can be listed.
    ///
    /// Not those without a type: the list finds none by that.
    private func messagesBehind(_ row: FigureRow) -> String? {
        guard question.figure == .messages, question.grouping != .weekdayHour else { return nil }
        var items = [
            ("from", row.quarters.lowerBound.start.rfc3339), ("to", row.quarters.upperBound.start.rfc3339),
            ("deleted", MessageQuery.Deleted.include.rawValue),
        ]
        let places = [
            question.type.map { (FigureFilter.type.rawValue, $0) },
            question.place.map { ($0.filter.rawValue, $0.id) },
            question.grouping.map { ($0.rawValue, row.group ?? "") },
        ]
        for (name, id) in places.compactMap(\.self) {
            guard ["channel", "listing", "user", "type"].contains(name),
                name != FigureFilter.type.rawValue || id != MessageCounts.unknownType
            else { return nil }
            items.append((name, id))
        }
        return Routes.webhookPath + "/messages?" + items.map { $0 + "=" + Self.escaped($1) }.joined(separator: "&")
    }

    /// Percent-encoded but for what stands for itself everywhere (RFC 3986 §2.3).
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: ":"):
                return String(UnicodeScalar(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                return "%" + (hex.utf8.count < 2 ? "0" : "") + hex
            }
        }.joined()
    }

    /// RFC 3339 with the zone's own offset.
    private mutating func time(_ quarter: Quarter) -> String {
        let offset = clock.offset(at: quarter)
        guard offset != 0 else { return quarter.start.rfc3339 }
        let shown = Timestamp(milliseconds: quarter.start.milliseconds + offset * 60_000).rfc3339.dropLast()
        let (hours, minutes) = abs(offset).quotientAndRemainder(dividingBy: 60)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return shown + (offset < 0 ? "-" : "+") + two(hours) + ":" + two(minutes)
    }

    // MARK: CSV

    private var header: [String] {
        if case .matrix(_, let values)? = figures.rows.first?.value {
            return ["from", "to", "size"] + values.indices.map(String.init)
        }
        let more = question.figure.definition.kind == .latency ? ["count", "mean", "p50", "p90", "p99", "within"] : []
        return ["from", "to", "group", "value"] + more
    }

    private mutating func cells(_ row: FigureRow) -> [String] {
        let times = [time(row.quarters.lowerBound), time(row.quarters.upperBound)]
        switch row.value {
        case .count(let count): return times + [row.group ?? "", "\(count)"]
        case .ratio(let ratio): return times + [row.group ?? "", ratio.map { "\($0)" } ?? ""]
        case .latency(let summary):
            let parts = [summary.mean, summary.p50, summary.p90, summary.p99, summary.within]
            func shown(_ number: Double?) -> String { number.map { "\($0)" } ?? "" }
            return times + [row.group ?? "", shown(summary.p50), "\(summary.count)"] + parts.map(shown)
        case .matrix(let size, let values): return times + ["\(size)"] + values.map { "\($0)" }
        }
    }
}
