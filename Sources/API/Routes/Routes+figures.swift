import Chat
import HTTPServer
import History
import JSON
import Limits
import MongoDB

extension Routes {
    static func figures(_ database: Database, _ limits: Limits.Query) -> [Route] {
        let start = dateEdge("startDate", "The first day, or the first instant, that counts.")
        let end = dateEdge("endDate", "The last day that counts, or the first instant that no longer does.")
        let listing = Parameter.identifier("listingId", in: .query, "Messages about this listing alone.").optional
        let zone = Parameter.timeZone
        return [
            Route(
                "GET",
                webhookPath + "/analytics/messages",
                access: .readers,
                answers: .figures,
                "How many messages, by whom, of what type and when.",
                [start, end, listing, zone]
            ) { request in
                let range = try DateRange(
                    from: request[start],
                    to: request[end],
                    in: request[zone],
                    now: request.now,
                    limits: limits
                )
                let listing = request[listing]
                let figures = try await database.run { (queries) throws(MongoError) in
                    try queries.figures(
                        from: range.from,
                        to: range.to,
                        in: range.zone,
                        listing: listing
                    )
                }
                return .json { write(figures, of: range, peakHours: limits.peakHours, to: &$0) }
            }
        ]
    }

    static func dateEdge(_ name: String, _ summary: String) -> Parameter<DateEdge?> {
        Parameter(
            name: name,
            place: .query,
            summary: summary,
            allowed: "a day such as 2026-05-08 or an instant such as 2026-05-08T10:11:12Z (RFC 3339)",
            fallback: nil,
            shownFallback: nil,
            read: DateEdge.init
        ).optional
    }

    private static func write(
        _ figures: MessageFigures,
        of range: DateRange,
        peakHours: Int,
        to writer: inout JSONWriter
    ) {
        writer.field("total_messages", figures.total)
        writer.field("unique_users", figures.uniqueUsers)
        writer.field("messages_by_type") {
            $0.array {
                for type in figures.byType {
                    $0.object {
                        $0.field("_id", type.key)
                        $0.field("count", type.count)
                    }
                }
            }
        }
        writer.field("avg_messages_per_day", (Double(figures.total) / Double(range.days) * 100).rounded() / 100)
        writer.field("peak_hours") {
            $0.array {
                for hour in figures.byHour.prefix(peakHours) {
                    $0.object {
                        $0.field("hour", hour.key)
                        $0.field("count", hour.count)
                    }
                }
            }
        }
        writer.field("range") {
            $0.object {
                $0.field("from", range.from)
                $0.field("to", range.to)
                $0.field("time_zone", range.zone.identifier)
                $0.field("days", range.days)
            }
        }
    }
}
