// What is answered of figures, as JSON; CSV and NDJSON have the same rows.

extension Schema {
    fileprivate static let figureDefinition = Schema.named(
        "FigureDefinition",
        [
            "name": .string, "title": .string, "unit": .string, "group": .string, "kind": .string,
            "definition": .string, "events": .array(.string), "interval": .array(.string),
            "groupBy": .array(.string), "filters": .array(.string),
        ]
    )
    fileprivate static let latency = Schema.named(
        "Latency",
        ["count": .integer, "mean?": .number, "p50?": .number, "p90?": .number, "p99?": .number, "within?": .number]
    )
    fileprivate static let figureRow = Schema.named(
        "FigureRow",
        [
            "from": .string, "to": .string, "group?": .string, "value?": .number, "latency?": .latency,
            "size?": .integer, "values?": .array(.integer), "rows?": .string,
        ]
    )
}

extension RouteAnswers {
    static let figureCatalogue = json(["data": .array(.figureDefinition), "zones": .array(.string)])
    static let figure = json([
        "metric": .string, "unit": .string, "definition": .string, "from": .string, "to": .string,
        "time_zone": .string, "interval": .string, "group_by?": .string, "data": .array(.figureRow),
        "total?": .integer, "next?": .string,
    ]).or("text/csv").or("application/x-ndjson").refusing(409)
}
