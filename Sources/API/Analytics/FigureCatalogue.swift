import Analytics
import HTTPServer
import JSON

/// What `/api/v1/analytics/metrics` says of every figure.
enum FigureCatalogue {
    /// - Parameter zones: whose active users are counted as they write.
    static func response(zones: [String]) -> HTTPResponse {
        .json { writer in
            writer.field("data") { $0.array { for figure in Figure.allCases { $0.object { write(figure, to: &$0) } } } }
            writer.field("zones", zones)
        }
    }

    private static func write(_ figure: Figure, to writer: inout JSONWriter) {
        let definition = figure.definition
        writer.field("name", figure.rawValue)
        writer.field("title", definition.title)
        writer.field("unit", definition.unit.rawValue)
        writer.field("group", definition.group.rawValue)
        writer.field("kind", definition.kind.rawValue)
        writer.field("definition", definition.definition)
        writer.field("events", definition.events)
        writer.field("interval", definition.intervals.map(\.rawValue))
        writer.field("groupBy", definition.groups.map(\.rawValue))
        writer.field("filters", definition.filters.map(\.rawValue))
    }
}

extension FigureCatalogue {
    /// The row of `docs/analytics.md`.
    static func documentation(of figure: Figure) -> String {
        let definition = figure.definition
        let events = definition.events.map { "`\($0)`" }.joined(separator: ", ")
        let groups =
            definition.groups.isEmpty ? "–" : definition.groups.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        return
            "| `\(figure.rawValue)` | \(definition.unit.rawValue) | \(definition.definition) | \(groups) | \(events) |"
    }
}
