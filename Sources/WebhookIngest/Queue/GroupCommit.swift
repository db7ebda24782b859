import Blocking
import Dispatch
import Foundation
package import Limits
package import Telemetry

/// Appends to a queue on a thread of its own, everything that waits at a moment in one transaction: one sync of the
/// disk serves them all, and the more requests come, the more share it.
///
/// Few that come at short intervals wait a moment for one another (``Limits/Queue/appendPace``); one that comes alone
/// does not.
package final class GroupCommit: Sendable {
    package typealias Completion = @Sendable (Result<Int64, QueueError>) -> Void

    private struct Waiting {
        let delivery: Delivery
        let completion: Completion
    }

    private struct State {
        var waiting: [Waiting] = []
        var isStopped = false

        /// The first of those that wait: up to a number, and until their bodies reach a size.
        mutating func takeBatch(_ limits: Limits.Queue) -> [Waiting] {
            var bytes: Int64 = 0
            let end = waiting.prefix(limits.appendBatch).firstIndex { waiting in
                bytes += Int64(waiting.delivery.body.count)
                return bytes > limits.appendBytes
            }
            // One delivery may be larger than that by itself.
            let count = max(end ?? limits.appendBatch, 1)
            guard count < waiting.count else {
                defer { waiting = [] }
                return waiting
            }
            defer { waiting.removeFirst(count) }
            return Array(waiting.prefix(count))
        }
    }

    package let queue: any EventQueue
    private let limits: Limits.Queue
    private let state = Locked(State())
    private let wake = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let commits: Metrics.Counter
    private let appended: Metrics.Counter

    package init(queue: any EventQueue, limits: Limits.Queue, metrics: Metrics) {
        self.queue = queue
        self.limits = limits
        commits = metrics.counter(
            "backchannel_queue_commits_total",
            help: "Transactions that appended to the queue."
        )
        appended = metrics.counter(
            "backchannel_queue_appended_total",
            help: "Events appended to the queue; by commits, the batch size."
        )
        Thread.start(label: "queue.append", urgency: .awaited) { [self] in run() }
    }

    /// Appends `delivery` together with whatever else waits.
    ///
    /// Does not block.
    ///
    /// - Parameter completion: called once, from the committing thread, when the delivery is on the disk or refused;
    ///   the next batch waits for it, so it must be quick.
    package func append(_ delivery: Delivery, completion: @escaping Completion) {
        enum Entry { case awaited, further, stopped, tooMany }
        let entry = state.withLock { state -> Entry in
            guard !state.isStopped else { return .stopped }
            guard state.waiting.count < limits.appendBacklog else { return .tooMany }
            state.waiting.append(Waiting(delivery: delivery, completion: completion))
            return state.waiting.count == 1 || state.waiting.count == limits.appendCompany ? .awaited : .further
        }
        switch entry {
        case .awaited: wake.signal()
        case .further: break
        case .stopped: completion(.failure(.closed))
        case .tooMany: completion(.failure(.full(queue.status)))
        }
    }

    /// Refuses what comes from now on and returns when everything before is completed.
    package func stop() {
        let isFirst = state.withLock { state in
            defer { state.isStopped = true }
            return !state.isStopped
        }
        guard isFirst else { return }
        wake.signal()
        ended.wait()
    }

    private func run() {
        var earliest = DispatchTime.now()
        while true {
            let (count, isStopped) = state.withLock { ($0.waiting.count, $0.isStopped) }
            if count == 0 {
                guard !isStopped else { break }
                wake.wait()
            } else if count < limits.appendCompany, !isStopped, .now() < earliest {
                _ = wake.wait(timeout: earliest)
            } else {
                earliest = .now() + .microseconds(limits.appendPace)
                commit(state.withLock { $0.takeBatch(limits) }[...])
            }
        }
        ended.signal()
    }

    private func commit(_ batch: ArraySlice<Waiting>) {
        do throws(QueueError) {
            let sequences = try queue.append(batch.map(\.delivery))
            commits.add()
            appended.add(Int64(batch.count))
            for (waiting, sequence) in zip(batch, sequences) { waiting.completion(.success(sequence)) }
        } catch {
            if case .full = error, batch.count > 1 {
                // There may be room for some of them.
                let middle = batch.startIndex + batch.count / 2
                commit(batch[..<middle])
                commit(batch[middle...])
            } else {
                for waiting in batch { waiting.completion(.failure(error)) }
            }
        }
    }
}
