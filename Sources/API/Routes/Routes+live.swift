import HTTPServer
import History
import Limits
import Live
import MongoDB

extension Routes {
    /// What happens, as it happens.
    static func live(_ services: APIServices, _ database: Database) -> [Route] {
        let type = Parameter.identifier(
            "type",
            in: .query,
            "The type of event; `message.*` is every type that begins so."
        ).optional
        let channel = Parameter.identifier("channel", in: .query, "The channel: `type:id`.").optional
        let user = Parameter.identifier("user", in: .query, "Named by the event, or the sender of its message.")
            .optional
        let listing = Parameter.identifier("listing", in: .query, "What the message or its channel is about.").optional
        let text = Parameter.flag("text", "Whether to send the messages' texts.").defaulting(to: false, shown: "false")
        let figures = Parameter.flag("figures", "Whether to send figures, every second.")
            .defaulting(to: true, shown: "true")
        let header = Parameter.logMoment("Last-Event-ID", in: .header, "Continues after this event.").optional
        let query = Parameter.logMoment(
            "lastEventId",
            in: .query,
            "The same, where a client cannot send the header; the header counts."
        ).optional
        return [
            Route(
                "GET",
                "/api/v1/live",
                access: .readers,
                answers: .live,
                "Stored events and figures as they happen (Server-Sent Events).",
                [type, channel, user, listing, text, figures, query, header]
            ) { request in
                var filter = LiveFilter()
                (filter.type, filter.channel) = (request[type], request[channel])
                (filter.user, filter.listing) = (request[user], request[listing])
                // What cannot be followed is said with a status, not by a stream without a word.
                _ = try await database.run { (queries) throws(MongoError) in try LogStream.now(queries.store) }
                guard let reader = services.live.join(filter, figures: request[figures]) else {
                    throw Problem.unavailable(
                        "\(services.limits.live.readers) read the live feed of this node already.",
                        retryAfter: services.limits.live.retryAfterSeconds
                    )
                }
                let (moment, withText, wanted) = (request[header] ?? request[query], request[text], filter)
                return HTTPResponse(
                    status: 200,
                    headers: [("Content-Type", "text/event-stream"), ("X-Accel-Buffering", "no")],
                    stream: HTTPStream(isEndless: true) { writer in
                        try await reader.send(after: moment, filter: wanted, withText: withText, to: writer)
                    }
                )
            }.audited("live.read", .after) { request in
                .init(
                    "events",
                    user: request[user],
                    details: [
                        "type": request[type], "channel": request[channel], "listing": request[listing],
                        "text": request[text] ? "true" : "false",
                    ]
                )
            }
        ]
    }
}

extension Parameter where Value == LogMoment {
    static func logMoment(_ name: String, in place: ParameterPlace, _ summary: String) -> Self {
        Self(
            name: name,
            place: place,
            summary: summary,
            allowed: "the `id` of an event of this feed",
            fallback: nil,
            shownFallback: nil,
            read: { LogMoment($0) }
        )
    }
}
