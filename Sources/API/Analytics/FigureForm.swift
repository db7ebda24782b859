import Analytics
import Chat
import Limits

/// The parameters of one figure's route: the same grammar for all.
struct FigureForm: Sendable {
    let figure: Figure
    private let limits: Limits.Query

    let from = Routes.dateEdge("from", "The first day, or the first instant, that counts.")
    let to = Routes.dateEdge("to", "The last day that counts, or the first instant that no longer does.")
    let zone = Parameter.timeZone
    let interval: Parameter<String>
    let group: Parameter<String?>
    let filters: [(filter: FigureFilter, parameter: Parameter<String?>)]
    let limit: Parameter<Int>
    let cursor: Parameter<FigureCursor?>
    let target: Parameter<Int>
    let hours = Parameter<ClockHours>(
        name: "businessHours",
        place: .query,
        summary: "Counts the time in these hours alone, Monday to Friday in the zone.",
        allowed: "two times of a day such as 09:00-17:30",
        fallback: nil,
        shownFallback: nil,
        read: ClockHours.init
    ).optional
    let format = Parameter<RowFormat>.choice("format", in: .query, "How the rows are written.").defaulting(to: .json)

    init(_ figure: Figure, _ limits: Limits.Query) {
        (self.figure, self.limits) = (figure, limits)
        let definition = figure.definition
        let intervals = definition.intervals.map(\.rawValue)
        interval = Self.oneOf("interval", "The parts that the range is told in.", intervals)
            .defaulting(to: intervals[0], shown: intervals[0])
        group = Self.oneOf("groupBy", "What rows are told apart by.", definition.groups.map(\.rawValue)).optional
        filters = definition.filters.map {
            ($0, Parameter.identifier($0.rawValue, in: .query, "Of this \(Self.noun($0)) alone.").optional)
        }
        limit = .integer("limit", "Rows in an answer.", in: 1...limits.figureRows, default: limits.figureRowsDefault)
        target = .integer(
            "target",
            "Latencies up to this many seconds count as within the target.",
            in: 1...31_536_000,
            default: limits.latencyTargetSeconds
        )
        cursor =
            Parameter<FigureCursor>(
                name: "cursor",
                place: .query,
                summary: "Continues where an answer ended.",
                allowed: "what `next` of the answer before says",
                fallback: nil,
                shownFallback: nil,
                read: FigureCursor.init
            ).optional
    }

    var parameters: [any ParameterDeclaration] {
        let groups: [any ParameterDeclaration] = figure.definition.groups.isEmpty ? [] : [group]
        let latency: [any ParameterDeclaration] = figure.definition.kind == .latency ? [target] : []
        let hours: [any ParameterDeclaration] = figure.hasBusinessHours ? [hours] : []
        return [from, to, zone, interval] + groups + filters.map { $0.parameter as any ParameterDeclaration }
            + latency + hours + [limit, cursor, format]
    }

    /// - Throws: ``Problem`` of status 400 that says what does not go together.
    func question(_ request: APIRequest) throws(Problem) -> FigureQuestion {
        let name = request[interval]
        let interval = FigureInterval(rawValue: name) ?? .none
        let grouping = figure.definition.groups.isEmpty ? nil : request[group].flatMap(FigureGrouping.init)
        if grouping == .weekdayHour, interval != .none {
            throw .parameter("interval", "The hours of the week are told of the whole range: interval must be none.")
        }
        let range = try range(request, interval)
        var question = FigureQuestion(figure: figure, range: range, grouping: grouping, now: request.now)
        if figure.definition.kind == .latency { question.target = Int64(request[target]) * 1_000 }
        if figure.hasBusinessHours, let hours = request[hours] {
            question.hours = BusinessHours(weekdays: 0...4, minutes: hours.minutes, zone: range.zone)
        }
        for (filter, parameter) in filters {
            guard let value = request[parameter] else { continue }
            guard filter != .type || figure.measure == nil else {
                question.type = value
                continue
            }
            if let other = question.place {
                throw .parameter(
                    filter.rawValue,
                    "Counts are kept of a \(Self.noun(other.filter)) or of a \(Self.noun(filter)), not of both together."
                )
            }
            question.place = (filter, value)
        }
        if figure.measure != nil, let place = question.place, let grouping, grouping != .type, grouping != .weekdayHour
        {
            throw .parameter(
                "groupBy",
                "Counts of one \(Self.noun(place.filter)) can be grouped by type or weekdayHour."
            )
        }
        if grouping == .user, question.type != nil {
            throw .parameter("type", "Counts by user are kept of all types together.")
        }
        return question
    }

    private func range(_ request: APIRequest, _ interval: FigureInterval) throws(Problem) -> FigureRange {
        let dates = try DateRange(
            from: request[from],
            to: request[to],
            in: request[zone],
            now: request.now,
            limits: limits,
            names: ("from", "to")
        )
        let start = Quarter(dates.from)
        guard start.start == dates.from else { throw Self.unaligned("from") }
        var end = Quarter(dates.to)
        if end.start != dates.to {
            // Without an end the range goes on until now, and the quarter-hour under way is not over.
            guard request[to] == nil else { throw Self.unaligned("to") }
            end = Quarter(end.number + 1)
        }
        guard let range = FigureRange(start..<end, every: interval, in: dates.zone, most: limits.figureRows) else {
            throw .parameter(
                "interval",
                "The range has more than \(limits.figureRows) parts of that length. Narrow it, or ask for longer ones."
            )
        }
        return range
    }

    private static func unaligned(_ name: String) -> Problem {
        .parameter(name, "\(name) must lie on a quarter of an hour, such as 10:15:00: figures are counted by them.")
    }

    private static func noun(_ filter: FigureFilter) -> String {
        filter == .channelType ? "type of channels" : filter.rawValue
    }

    private static func oneOf(_ name: String, _ summary: String, _ names: [String]) -> Parameter<String> {
        let allowed =
            names.count < 2
            ? names.joined() : names.dropLast().joined(separator: ", ") + " or " + names[names.count - 1]
        return .text(name, in: .query, summary, allowed: allowed) { names.contains($0) }
    }
}

/// A place among the rows of an answer.
struct FigureCursor: Sendable {
    let row: Int

    init(row: Int) { self.row = row }

    init?(_ text: String) {
        guard text.hasPrefix("r"), let row = Int(text.dropFirst()), row > 0 else { return nil }
        self.row = row
    }

    var text: String { "r\(row)" }
}

/// What is asked for, checked.
struct FigureQuestion: Sendable {
    let figure: Figure
    let range: FigureRange
    let grouping: FigureGrouping?
    let now: Timestamp
    var target: Int64 = 0
    var hours: BusinessHours?
    var place: (filter: FigureFilter, id: String)?
    var type: String?
}

/// Hours of a day, as they are written in a request.
struct ClockHours: Sendable {
    /// Minutes of the day.
    let minutes: Range<Int64>

    init?(_ text: String) {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Self.minute($0) }
        guard ends.count == 2, let opens = ends[0], let closes = ends[1], opens < closes else { return nil }
        minutes = opens..<closes
    }

    private static func minute(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2,
            parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (48...57).contains($0) } }),
            let hour = Int64(parts[0]), let minute = Int64(parts[1]), hour * 60 + minute <= 1_440, minute < 60
        else { return nil }
        return hour * 60 + minute
    }
}

extension Figure {
    /// Whether its latencies may be told of some hours alone.
    var hasBusinessHours: Bool { self == .firstResponse || self == .replyTime }
}
