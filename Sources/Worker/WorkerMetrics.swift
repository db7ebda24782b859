import History
package import Telemetry

/// What the worker counts, with the time that each stage of a batch takes.
package struct WorkerMetrics: Sendable {
    let stored: Metrics.Counter
    let duplicates: Metrics.Counter
    let parked: Metrics.Counter
    let batches: Metrics.Counter
    private let batchesAhead: Metrics.Counter
    let retries: Metrics.Counter
    let faults: Metrics.Counter
    let sweeps: Metrics.Counter
    private let stages: [(name: String, microseconds: Metrics.Counter)]

    package init(_ metrics: Metrics) {
        stored = metrics.counter("backchannel_events_stored_total", help: "Events stored in MongoDB.")
        duplicates = metrics.counter(
            "backchannel_events_duplicate_total",
            help: "Events that were in the log already."
        )
        parked = metrics.counter("backchannel_events_dead_letters_total", help: "Events that became dead letters.")
        batches = metrics.counter("backchannel_batches_total", help: "Transactions that stored events.")
        batchesAhead = metrics.counter(
            "backchannel_batches_ahead_total",
            help:
                "Of these, batches that had been merged before their transaction, most of them while the one before was written."
        )
        retries = metrics.counter("backchannel_batch_retries_total", help: "Batches tried again after a failure.")
        faults = metrics.counter(
            "backchannel_field_faults_total",
            help: "Fields left out because their value had a wrong type."
        )
        sweeps = metrics.counter("backchannel_sweep_steps_total", help: "Transactions that recomputed messages.")
        stages = ["decode", "read", "fold", "encode", "write", "commit", "acknowledge"].map { name in
            (
                name,
                metrics.counter(
                    "backchannel_stage_microseconds_total",
                    help: "Time spent on batches, by stage.",
                    labels: ["stage": name]
                )
            )
        }
    }

    func note(_ report: CommitReport, decoding: Duration) {
        batches.add()
        if report.wasAhead { batchesAhead.add() }
        let durations = [
            decoding, report.reading, report.folding, report.encoding, report.writing, report.committing,
        ]
        for (stage, duration) in zip(stages, durations) { stage.microseconds.add(duration.microseconds) }
    }

    func noteAcknowledging(_ duration: Duration) { stages.last?.microseconds.add(duration.microseconds) }
}

extension Duration {
    package var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
