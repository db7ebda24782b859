import Blocking
import Telemetry
import WebhookIngest

/// Takes stored events out of the queue, while the next batch is being stored.
///
/// On a thread that does not step back: it holds the lock that requests wait for.
actor Acknowledger {
    private let executor = ThreadExecutor(label: "worker.acknowledge")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let queue: any EventQueue
    private let log: Log
    private let metrics: WorkerMetrics

    init(queue: any EventQueue, log: Log, metrics: WorkerMetrics) {
        (self.queue, self.log, self.metrics) = (queue, log, metrics)
    }

    /// If this fails the events are stored but not acknowledged: they come again and are found to be known.
    func acknowledge(_ sequences: [Int64]) {
        let start = ContinuousClock.now
        do throws(QueueError) {
            try queue.acknowledge(sequences)
        } catch {
            log.error("acknowledging stored events failed", ["reason": .init(error.description)])
        }
        metrics.noteAcknowledging(start.duration(to: .now))
    }
}
