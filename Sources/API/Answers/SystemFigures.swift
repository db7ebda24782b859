import Blocking
import Chat
import JSON
import Telemetry
import WebhookIngest

/// How this process does: its counters, and what they came to lately.
///
/// Rates are of the time since an earlier look, ``span`` long if anybody looks often enough, else since the start.
final class SystemFigures: Sendable {
    struct Sample: Sendable {
        let at: Timestamp
        var accepted: Int64 = 0
        var refused: Int64 = 0
        var rejected: Int64 = 0
        var stored: Int64 = 0
        var acknowledged: [Int64] = []
    }

    private let metrics: Metrics
    private let samples: Locked<[Sample]>
    private static let span: Int64 = 10_000
    private static let most = 64

    init(_ metrics: Metrics, at now: Timestamp) {
        self.metrics = metrics
        samples = Locked([Sample(at: now)])
    }

    /// What is, and what was ten seconds ago or before.
    func look(at now: Timestamp) -> (now: Sample, before: Sample) {
        var sample = Sample(at: now)
        sample.accepted = total("backchannel_webhook_accepted_total")
        sample.refused = total("backchannel_webhook_refused_total")
        sample.rejected = total("backchannel_webhook_rejected_total")
        sample.stored = total("backchannel_events_stored_total")
        sample.acknowledged = metrics.histogram("backchannel_webhook_seconds", help: "").counts
        let taken = sample
        let before = samples.withLock { samples -> Sample in
            // The latest that is old enough, and all that came after it.
            let index = samples.lastIndex { now.milliseconds - $0.at.milliseconds >= Self.span } ?? 0
            samples.removeFirst(index)
            if let last = samples.last, now.milliseconds - last.at.milliseconds >= Self.span / 10 {
                samples.append(taken)
            }
            if samples.count > Self.most { samples.remove(at: 1) }
            return samples[0]
        }
        return (sample, before)
    }

    /// By one label, of a counter.
    func counts(_ name: String, by label: String) -> [(name: String, count: Int64)] {
        var counts: [String: Int64] = [:]
        for counter in metrics.counters(name) { counts[counter.labels[label] ?? "", default: 0] += counter.value }
        return counts.sorted { $0.key < $1.key }.map { (name: $0.key, count: $0.value) }
    }

    func total(_ name: String) -> Int64 { metrics.counters(name).reduce(0) { $0 + $1.value } }
}
