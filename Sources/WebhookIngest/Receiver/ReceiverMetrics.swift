import Chat
import Telemetry

/// What the receiver counts, and what a scrape reads of the queue.
struct ReceiverMetrics: Sendable {
    let received: Metrics.Counter
    let bytes: Metrics.Counter
    let accepted: Metrics.Counter
    let refused: Metrics.Counter
    let latency: Metrics.Histogram

    init(_ metrics: Metrics, queue: any EventQueue, now: @escaping @Sendable () -> Timestamp) {
        received = metrics.counter("backchannel_webhook_received_total", help: "Deliveries whose body arrived whole.")
        bytes = metrics.counter("backchannel_webhook_received_bytes_total", help: "Bytes of their bodies, as sent.")
        accepted = metrics.counter("backchannel_webhook_accepted_total", help: "Deliveries answered 200.")
        refused = metrics.counter("backchannel_webhook_refused_total", help: "Deliveries answered 503.")
        latency = metrics.histogram(
            "backchannel_webhook_seconds",
            help: "From a delivery's last byte to its answer."
        )
        metrics.gauge("backchannel_queue_events", help: "Events waiting in the queue.") { Double(queue.status.rows) }
        metrics.gauge("backchannel_queue_bytes", help: "Bytes of their bodies.") { Double(queue.status.bytes) }
        metrics.gauge("backchannel_queue_taken", help: "Events being worked on.") { Double(queue.status.taken) }
        metrics.gauge("backchannel_queue_parked", help: "Events that could not be processed and are not yet stored.") {
            Double(queue.status.parked)
        }
        metrics.gauge("backchannel_queue_oldest_seconds", help: "Age of the oldest waiting event.") {
            queue.status.oldest.map { Double(now().nanoseconds - $0.nanoseconds) / 1e9 } ?? 0
        }
    }
}

extension Metrics.Histogram {
    func observe(_ start: Duration, until end: Duration) {
        let (seconds, attoseconds) = (end - start).components
        observe(microseconds: seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }
}
