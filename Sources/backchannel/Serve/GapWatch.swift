import Backfill
import Chat
import History
import Limits
import Provider
import Telemetry
import WebhookIngest

/// Reads back what came while no event arrived, or while the service was down (`BACKFILL_AFTER_GAP_SECONDS`); one node at
/// a time.
///
/// The database holds up to when nothing can have been missed: raised while events arrive at any node, and by each
/// back-fill. What lies between then and now is the gap.
struct GapWatch: Sendable {
    private let backfill: Backfill
    private let store: BackfillStore
    private let limits: Limits.Backfill
    private let log: Log
    private let metrics: BackfillMetrics
    private let now: @Sendable () -> Timestamp
    private let observe: @Sendable () -> Observation

    struct Observation: Sendable {
        /// Deliveries since the start.
        var accepted: Int64
        /// Of what waits in this node's queue the longest.
        var oldest: Timestamp?
    }

    init(
        _ backfill: Backfill,
        store: BackfillStore,
        limits: Limits.Backfill,
        log: Log,
        metrics: Metrics,
        now: @escaping @Sendable () -> Timestamp,
        observe: @escaping @Sendable () -> Observation
    ) {
        (self.backfill, self.store, self.limits, self.log) = (backfill, store, limits, log)
        self.metrics = BackfillMetrics(metrics)
        (self.now, self.observe) = (now, observe)
    }

    /// Works until the task is cancelled.
    func run() async {
        var accepted: Int64 = 0
        while !Task.isCancelled {
            var pause = limits.pollSeconds
            do throws(BackfillError) {
                let count = observe().accepted
                try await look(isReceiving: count != accepted)
                accepted = count
            } catch {
                pause = limits.retrySeconds
                note(error)
            }
            try? await Task.sleep(for: .seconds(pause))
        }
    }

    private func look(isReceiving: Bool) async throws(BackfillError) {
        let time = now()
        guard let covered = try await store.covered() else { return try await store.cover(through: time) }
        if let gap = Gap(from: covered, to: time, limits) {
            try await close(gap)
        } else if isReceiving {
            try await store.cover(through: time)
        }
    }

    private func close(_ gap: Gap) async throws(BackfillError) {
        while !Task.isCancelled, !gap.isSettled(at: now(), oldest: observe().oldest, limits) {
            try? await Task.sleep(for: .seconds(1))
        }
        if Task.isCancelled { throw .interrupted }
        log.info(
            "no event for longer than BACKFILL_AFTER_GAP_SECONDS; reading back",
            ["since": .init(gap.request.since.rfc3339), "until": .init(gap.request.through.rfc3339)]
        )
        var request = gap.request
        while true {
            let end = try await read(request)
            guard end < gap.request.through else { break }
            // An interrupted one was gone on with, and ended earlier than this gap.
            request = gap.rest(after: end, limits)
        }
        try await store.cover(through: gap.request.through)
    }

    /// - Returns: up to when it has read, which is earlier than asked for if an interrupted one was gone on with.
    private func read(_ request: BackfillRequest) async throws(BackfillError) -> Timestamp {
        let report = try await backfill.run(request, .store(takesOver: false, resumes: true))
        let counts = report.counts
        metrics.add(counts)
        log.info(
            "read back",
            [
                "channels": .init(counts.channels), "messages": .init(counts.messages),
                "missing": .init(counts.missing), "outdated": .init(counts.outdated),
            ]
        )
        return report.request.through
    }

    private func note(_ error: BackfillError) {
        switch error {
        case .busy, .interrupted: break
        default: log.warning("reading back failed; it is tried again", ["reason": .init(error.description)])
        }
    }
}

/// A time without events that is longer than it may be.
struct Gap: Sendable, Equatable {
    let request: BackfillRequest

    /// - Returns: `nil` when it is not.
    init?(from covered: Timestamp, to now: Timestamp, _ limits: Limits.Backfill) {
        guard now.milliseconds - covered.milliseconds > Int64(limits.afterGapSeconds) * 1_000 else { return nil }
        request = Self.request(after: covered, through: now, limits)
    }

    /// What is left of it once it has been read up to `end`.
    func rest(after end: Timestamp, _ limits: Limits.Backfill) -> BackfillRequest {
        Self.request(after: end, through: request.through, limits)
    }

    private static func request(
        after covered: Timestamp,
        through end: Timestamp,
        _ limits: Limits.Backfill
    ) -> BackfillRequest {
        BackfillRequest(
            since: Timestamp(milliseconds: covered.milliseconds - Int64(limits.overlapSeconds) * 1_000),
            through: end,
            cause: "gap"
        )
    }

    /// What happened until its end has come by webhook, or will not come: neither on its way nor in the queue.
    func isSettled(at now: Timestamp, oldest: Timestamp?, _ limits: Limits.Backfill) -> Bool {
        let end = request.through
        guard now.milliseconds - end.milliseconds >= Int64(limits.settleSeconds) * 1_000 else { return false }
        return oldest.map { $0.milliseconds > end.milliseconds + Int64(limits.settleSeconds) * 1_000 } ?? true
    }
}

/// What back-fills of this process have read; the share of `missing` in `read` is the loss rate of webhooks.
struct BackfillMetrics: Sendable {
    private let read: Metrics.Counter
    private let missing: Metrics.Counter
    private let outdated: Metrics.Counter

    init(_ metrics: Metrics) {
        func counter(_ result: String) -> Metrics.Counter {
            metrics.counter(
                "backchannel_backfill_messages_total",
                help: "Messages read back from the provider: all of them, and those that webhooks had not brought.",
                labels: ["result": result]
            )
        }
        (read, missing, outdated) = (counter("read"), counter("missing"), counter("outdated"))
    }

    func add(_ counts: BackfillCounts) {
        read.add(Int64(counts.messages))
        missing.add(Int64(counts.missing))
        outdated.add(Int64(counts.outdated))
    }
}

extension Configuration {
    /// `nil` where back-filling by itself is off.
    func gapWatch(
        _ provider: any ChatProvider,
        _ history: HistoryHandle,
        _ log: Log,
        _ metrics: Metrics,
        observe: @escaping @Sendable () -> GapWatch.Observation
    ) -> GapWatch? {
        guard limits.backfill.afterGapSeconds > 0 else { return nil }
        let now = QueueClock.system.now
        let store = BackfillStore(history, limits: limits, now: now)
        let backfill = Backfill(provider, decoder: streamProvider, store: store, limits: limits, now: now)
        return GapWatch(
            backfill,
            store: store,
            limits: limits.backfill,
            log: log,
            metrics: metrics,
            now: now,
            observe: observe
        )
    }
}
