import Chat
import Telemetry

/// What the dispatcher counts.
struct DispatcherMetrics: Sendable {
    let faults: Metrics.Counter
    private let done: Metrics.Counter
    private let alreadyDone: Metrics.Counter
    private let failed: Metrics.Counter
    private let limited: Metrics.Counter
    private let postponed: Metrics.Counter
    private let dead: Metrics.Counter
    private let misconfigured: Metrics.Counter
    private let latencies: Metrics.Histogram

    init(_ metrics: Metrics) {
        func attempts(_ outcome: String) -> Metrics.Counter {
            metrics.counter(
                "backchannel_effect_attempts_total",
                help: "Attempts at effects, by what came of them.",
                labels: ["outcome": outcome]
            )
        }
        (done, alreadyDone, failed) = (attempts("done"), attempts("already_done"), attempts("retry"))
        (limited, postponed) = (attempts("limited"), attempts("postponed"))
        (dead, misconfigured) = (attempts("refused"), attempts("misconfigured"))
        faults = metrics.counter("backchannel_outbox_faults_total", help: "Rounds that MongoDB did not let finish.")
        latencies = metrics.histogram(
            "backchannel_effect_seconds",
            help: "From the writing of an effect to the end of each attempt at it."
        )
    }

    func count(_ outcome: EffectOutcome) {
        switch outcome {
        case .done: done.add()
        case .alreadyDone, .unsent(.needless): alreadyDone.add()
        case .retry, .early: failed.add()
        case .limited: limited.add()
        case .unsent(.postponed): postponed.add()
        case .refused, .unsent(.impossible): dead.add()
        case .misconfigured: misconfigured.add()
        }
    }

    func latency(from written: Timestamp, to ended: Timestamp) {
        latencies.observe(microseconds: max(0, (ended.nanoseconds - written.nanoseconds) / 1_000))
    }
}
