import Chat
import Decisions
import Telemetry

/// How hooks are answered, as numbers.
struct HookMetrics: Sendable {
    let overruns: Metrics.Counter
    let unrecorded: Metrics.Counter
    private let latency: Metrics.Histogram
    private let answers: [String: Metrics.Counter]

    init(_ metrics: Metrics) {
        latency = metrics.histogram("backchannel_hook_seconds", help: "From a hook's last byte to its answer.")
        overruns = metrics.counter(
            "backchannel_hook_overruns_total",
            help: "Hooks answered that nothing changes, because deciding took too long."
        )
        unrecorded = metrics.counter(
            "backchannel_hook_unrecorded_total",
            help: "Decisions of hooks that could not be queued, and are not in the history."
        )
        answers = Dictionary(
            uniqueKeysWithValues: ["accept", "rewrite", "refuse"].flatMap { answer in
                HookDecision.Reason.allCases.map { reason in
                    (
                        "\(answer) \(reason)",
                        metrics.counter(
                            "backchannel_hook_answers_total",
                            help: "Hooks answered, by what was answered and why.",
                            labels: ["answer": answer, "reason": reason.rawValue]
                        )
                    )
                }
            }
        )
    }

    func note(_ decision: HookDecision, took time: Duration) {
        let (seconds, attoseconds) = time.components
        latency.observe(microseconds: seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
        answers["\(decision.answer.name) \(decision.reason)"]?.add()
    }
}

extension HookAnswer {
    fileprivate var name: String {
        switch self {
        case .accept: "accept"
        case .rewrite: "rewrite"
        case .refuse: "refuse"
        }
    }
}
