import Chat
import HTTPServer
import History
import JSON
import Limits
import Live
import MongoDB
import Outbox
import Provider
import Telemetry
import WebhookIngest

extension Routes {
    /// How the service does, for people; `/metrics` tells programs more.
    static func system(_ services: APIServices, _ database: Database) -> [Route] {
        let figures = SystemFigures(services.metrics, at: services.now())
        return [
            Route(
                "GET",
                "/api/v1/system",
                access: .readers,
                answers: .system,
                "How this process does: rates, latencies, queue, outbox, the provider's limits and failures."
            ) { request in
                let (sample, before) = figures.look(at: request.now)
                let outside = await Outside(services, database)
                return .json { writer in
                    write(sample, since: before, services, to: &writer)
                    writer.field("outbox") { writer in
                        guard let depths = outside.depths else { return writer.null() }
                        writer.array { for depth in depths { $0.object { write(depth, to: &$0) } } }
                    }
                    writer.field("mongodb") {
                        $0.object {
                            $0.field("reachable", services.history.isReachable)
                            $0.field("ping_seconds", outside.pingSeconds)
                        }
                    }
                    writer.field("live_readers", services.live.readers)
                    writer.field("provider_limits") {
                        let limits = services.effects.provider?.endpointLimits() ?? []
                        $0.array { for limit in limits { $0.object { write(limit, to: &$0) } } }
                    }
                    writeFailures(figures, sample, to: &writer)
                }
            }
        ]
    }

    /// What MongoDB says; nothing while it is away.
    private struct Outside {
        var depths: [(destination: String, state: EffectState, count: Int64)]?
        var pingSeconds: Double?

        init(_ services: APIServices, _ database: Database) async {
            let clock = ContinuousClock()
            pingSeconds = try? await database.run { (queries) throws(MongoError) in
                let start = clock.now
                _ = try LogStream.now(queries.store)
                let (seconds, attoseconds) = start.duration(to: clock.now).components
                return Double(seconds) + Double(attoseconds) / 1e18
            }
            depths = try? await database.run { (queries) throws(MongoError) in
                try services.outbox(queries).depths().map {
                    (destination: $0.destination, state: $0.state, count: $0.count)
                }
            }
        }
    }

    private static func write(
        _ sample: SystemFigures.Sample,
        since before: SystemFigures.Sample,
        _ services: APIServices,
        to writer: inout JSONWriter
    ) {
        let seconds = Double(sample.at.milliseconds - before.at.milliseconds) / 1_000
        func rate(_ count: Int64) -> Double? { seconds > 0 ? Double(count) / seconds : nil }
        let padded =
            before.acknowledged + Array(repeating: 0, count: sample.acknowledged.count - before.acknowledged.count)
        let lately = zip(sample.acknowledged, padded).map { $0 - $1 }
        writer.field("at", sample.at.roundedDownToMilliseconds)
        writer.field("over_seconds", seconds)
        writer.field("ingest") {
            $0.object {
                $0.field("accepted", sample.accepted)
                $0.field("accepted_per_second", rate(sample.accepted - before.accepted))
                $0.field("refused", sample.refused)
                $0.field("rejected", sample.rejected)
            }
        }
        writer.field("acknowledgement") {
            $0.object {
                let slow = Metrics.Histogram.quantile(0.99, of: lately)
                $0.field("p50_seconds", Metrics.Histogram.quantile(0.5, of: lately))
                $0.field("p99_seconds", slow)
                $0.field("limit_seconds", acknowledgementLimit)
                $0.field("head_room_seconds", slow.map { acknowledgementLimit - $0 })
            }
        }
        let queue = services.queue.status
        writer.field("queue") {
            $0.object {
                $0.field("rows", queue.rows)
                $0.field("bytes", queue.bytes)
                $0.field(
                    "oldest_seconds",
                    queue.oldest.map { Double(max(0, sample.at.milliseconds - $0.milliseconds)) / 1_000 }
                )
                $0.field("parked", queue.parked)
            }
        }
        writer.field("stored") {
            $0.object {
                $0.field("events", sample.stored)
                $0.field("events_per_second", rate(sample.stored - before.stored))
            }
        }
    }

    /// After so many seconds the provider gives a delivery up.
    private static let acknowledgementLimit = 6.0

    private static func write(
        _ depth: (destination: String, state: EffectState, count: Int64),
        to writer: inout JSONWriter
    ) {
        writer.field("destination", depth.destination)
        writer.field("state", depth.state.rawValue)
        writer.field("count", depth.count)
    }

    private static func write(_ limit: EndpointLimit, to writer: inout JSONWriter) {
        writer.field("endpoint", limit.endpoint.rawValue)
        writer.field("limit", limit.limit)
        writer.field("remaining", limit.remaining)
        writer.field("resets", limit.resetsAt)
        writer.field("confirmed", limit.isConfirmed)
        writer.field("under_way", limit.underWay)
        writer.field("paused_until", limit.pausedUntil?.roundedDownToMilliseconds)
    }

    private static func writeFailures(
        _ figures: SystemFigures,
        _ sample: SystemFigures.Sample,
        to writer: inout JSONWriter
    ) {
        func counts(_ name: String, by label: String, to writer: inout JSONWriter) {
            writer.object { for (cause, count) in figures.counts(name, by: label) { $0.field(cause, count) } }
        }
        writer.field("provider_calls") { counts("backchannel_provider_calls_total", by: "outcome", to: &$0) }
        writer.field("failures") {
            $0.object {
                $0.field("rejected_by_cause") { counts("backchannel_webhook_rejected_total", by: "cause", to: &$0) }
                $0.field("dead_letters", figures.total("backchannel_events_dead_letters_total"))
                $0.field("effects_by_outcome") { counts("backchannel_effect_attempts_total", by: "outcome", to: &$0) }
            }
        }
    }
}
