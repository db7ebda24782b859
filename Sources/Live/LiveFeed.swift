import Blocking
package import Chat
package import History
import JSON
package import Limits
import MongoDB
package import Telemetry

/// Stored events as they happen, for many readers: the log is followed once a node, however many read, and only while
/// somebody does.
package final class LiveFeed: Sendable {
    private struct State {
        var readers: [Int: LiveReader] = [:]
        var nextReader = 0
        var ring = LiveRing()
        var figures = LiveFigures()
        /// Ticks since the last reader left.
        var idleTicks = 0
        var ticks = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    let limits: Limits.Live
    private let history: HistoryHandle
    private let queryLimits: Limits.Query
    private let queueStatus: @Sendable () -> LiveQueueStatus
    private let now: @Sendable () -> Timestamp
    private let log: Log
    private let state = Locked(State())
    private let queue: LiveQueue
    private let threads = BlockingPool(label: "live", threads: 3)
    private let catchingUp: BlockingPool
    private let dropped: Metrics.Counter
    private let told: Metrics.Counter

    package init(
        history: HistoryHandle,
        limits: Limits,
        metrics: Metrics,
        log: Log,
        now: @escaping @Sendable () -> Timestamp,
        queueStatus: @escaping @Sendable () -> LiveQueueStatus
    ) {
        (self.history, self.limits, queryLimits) = (history, limits.live, limits.query)
        (self.log, self.now, self.queueStatus) = (log, now, queueStatus)
        queue = LiveQueue(most: limits.live.eventsInHand)
        catchingUp = BlockingPool(label: "live.catchup", threads: limits.live.catchingUp)
        dropped = metrics.counter(
            "backchannel_live_dropped_total",
            help: "Readers of the live feed that were too slow."
        )
        told = metrics.counter("backchannel_live_events_total", help: "Events that the live feed's readers were told.")
        metrics.gauge("backchannel_live_readers", help: "Readers of the live feed.") { [weak self] in
            self.map { Double($0.readers) }
        }
    }

    package var readers: Int { state.withLock { $0.readers.count } }

    /// Works until the task is cancelled.
    package func run() async {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.threads.run { self.follow() } }
                group.addTask { await self.threads.run { self.tell() } }
                group.addTask { await self.tick() }
            }
        } onCancel: {
            queue.stop()
        }
        state.withLock { $0.ring.end() }
        ring()
    }

    // MARK: Readers

    /// - Returns: `nil` when there are too many already.
    package func join(_ filter: LiveFilter, figures: Bool) -> LiveMembership? {
        let (bells, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state -> Int? in
            guard state.readers.count < limits.readers else { return nil }
            state.nextReader += 1
            state.readers[state.nextReader] = LiveReader(filter: filter, wantsFigures: figures, bell: bell)
            state.idleTicks = 0
            queue.want()
            return state.nextReader
        }
        guard let id else { return nil }
        return LiveMembership(self, id: id, bells: bells)
    }

    func leave(_ id: Int) {
        state.withLock { $0.readers.removeValue(forKey: id)?.bell.finish() ?? () }
    }

    /// Waits until the log is followed.
    func untilFollowing() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isFollowing = state.withLock { state -> Bool in
                guard state.ring.floor == nil else { return true }
                state.waiters.append(continuation)
                return false
            }
            if isFollowing { continuation.resume() }
        }
    }

    /// From now on the reader is told what is stored, beginning after `moment`, or with what comes next.
    ///
    /// - Returns: `false` if what the feed remembers does not reach back that far.
    func attach(_ id: Int, after moment: LogMoment?) -> Bool {
        state.withLock { state in
            guard state.ring.floor != nil, let reader = state.readers[id] else { return false }
            guard let missed = moment.map({ state.ring.events(after: $0) }) ?? [] else { return false }
            reader.place = .attached(moment ?? state.ring.last)
            reader.note(Array(missed), limits)
            return true
        }
    }

    /// What the reader has not been told yet.
    func news(for id: Int) -> LiveNews {
        let news = state.withLock { $0.readers[id]?.takeNews() } ?? LiveNews()
        told.add(Int64(news.events.count))
        if news.isTooSlow { dropped.add() }
        return news
    }

    /// Whether a moment is too long ago to go on after it.
    func isOutOfReach(_ moment: LogMoment) -> Bool {
        let last = state.withLock { $0.ring.last }
        return (moment.time >> 32) + limits.reachSeconds < last.time >> 32
    }

    /// Some of what was stored after a moment, straight from the log; `nil` when MongoDB no longer knows.
    func page(after moment: LogMoment) async throws -> LivePage? {
        try await catchingUp.run { [self] () throws(HistoryError) in
            let store = try history.opened()
            do throws(MongoError) { return try page(after: moment, of: store) } catch { throw .mongo(error) }
        }
    }

    private func page(after moment: LogMoment, of store: HistoryStore) throws(MongoError) -> LivePage? {
        var items: [LiveQueue.Item] = []
        var reached = moment
        do throws(MongoError) {
            try LogStream(store, waitMilliseconds: limits.waitMilliseconds).follow(after: moment) { step in
                switch step {
                case .event(let moment, let entry):
                    items.append((moment, entry))
                    reached = moment
                    return items.count < limits.catchUpEvents
                case .quiet(let moment):
                    reached = max(reached, moment ?? reached)
                    return false
                }
            }
        } catch  where error.lostPosition {
            return nil
        }
        return LivePage(events: try prepared(items, store), reached: reached)
    }

    // MARK: Following the log

    /// Blocking, until the end.
    private func follow() {
        var last: LogMoment?
        while queue.waitUntilWanted() {
            do throws(HistoryError) {
                let store = try history.opened()
                do throws(MongoError) { try follow(store, &last) } catch { throw .mongo(error) }
                last = nil
            } catch {
                note(error, &last)
                guard queue.pause(milliseconds: limits.retryMilliseconds) else { return }
            }
        }
    }

    private func follow(_ store: HistoryStore, _ last: inout LogMoment?) throws(MongoError) {
        var place: LogMoment
        if let last { place = last } else { place = begin(at: try LogStream.now(store)) }
        defer { last = place }
        try LogStream(store, waitMilliseconds: limits.waitMilliseconds).follow(after: place) { step in
            guard case .event(let moment, let entry) = step else { return goesOn }
            place = moment
            return queue.put((moment, entry)) && (moment.index > 0 || goesOn)
        }
    }

    /// - Returns: after which the log is to be followed.
    private func begin(at now: LogMoment) -> LogMoment {
        defer { ring() }
        return state.withLock { state in
            state.ring.begin(at: now)
            state.figures.forget()
            return LogMoment(time: now.time)
        }
    }

    /// Wakes those who wait for the log to be followed.
    private func ring() {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    private func note(_ error: HistoryError, _ last: inout LogMoment?) {
        log.warning("live: the log cannot be followed; trying again", ["reason": .string(error.description)])
        guard case .mongo(let cause) = error, cause.lostPosition else { return }
        last = nil
        state.withLock { state in
            for reader in state.readers.values {
                reader.hasLost = true
                reader.bell.yield()
            }
        }
    }

    /// `false` at the end, and when nobody has read for a while: whoever comes next begins anew.
    private var goesOn: Bool {
        guard !queue.hasStopped else { return false }
        return state.withLock { state in
            guard state.readers.isEmpty, state.idleTicks * limits.figuresSeconds >= limits.lingerSeconds else {
                return true
            }
            state.ring.end()
            queue.unwant()
            return false
        }
    }

    // MARK: Telling

    /// Blocking, until the end.
    private func tell() {
        while let items = queue.take(limits.batch) {
            let start = ContinuousClock.now
            guard let events = prepared(items) else { return }
            state.withLock { state in
                for event in events {
                    state.ring.add(event, limits)
                    state.figures.note(event)
                }
                for reader in state.readers.values { reader.note(events, limits) }
            }
            let (seconds, attoseconds) = start.duration(to: .now).components
            let spent = Int(seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
            guard spent >= limits.paceMilliseconds || queue.pause(milliseconds: limits.paceMilliseconds - spent)
            else { return }
        }
    }

    /// Tries until it succeeds; `nil` at the end.
    private func prepared(_ items: [LiveQueue.Item]) -> [LiveEvent]? {
        while true {
            if let store = history.store, let events = try? prepared(items, store) { return events }
            guard queue.pause(milliseconds: limits.retryMilliseconds) else { return nil }
        }
    }

    private func prepared(_ items: [LiveQueue.Item], _ store: HistoryStore) throws(MongoError) -> [LiveEvent] {
        let details = try HistoryQueries(store, limits: queryLimits).liveDetails(of: items.map(\.entry))
        return zip(items, details).map { LiveEvent($0.moment, $0.entry, $1, limits: limits) }
    }

    // MARK: Figures and heartbeats

    private func tick() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(limits.figuresSeconds))
            guard isRead() else { continue }
            await count()
            sendFigures()
        }
    }

    private func isRead() -> Bool {
        state.withLock { state in
            state.ticks += 1
            state.ring.forget(before: Timestamp(milliseconds: now().milliseconds - limits.keptSeconds * 1_000))
            state.idleTicks = state.readers.isEmpty ? state.idleTicks + 1 : 0
            return !state.readers.isEmpty && state.ring.floor != nil
        }
    }

    private func count() async {
        let today = LiveFigures.startOfDay(now())
        let (mustCount, mustCountReviews) = state.withLock { state in
            (
                state.figures.day?.start != today || state.figures.day?.counted == nil,
                state.figures.openReviews == nil || state.ticks * limits.figuresSeconds % limits.reviewSeconds == 0
            )
        }
        guard mustCount || mustCountReviews else { return }
        await threads.run { [self] in
            guard let store = history.store else { return }
            let queries = HistoryQueries(store, limits: queryLimits)
            if mustCount { try? countDay(today, queries) }
            guard mustCountReviews, let open = try? queries.openReviews(most: limits.reviewsCounted) else { return }
            state.withLock { $0.figures.openReviews = open }
        }
    }

    private func countDay(_ start: Timestamp, _ queries: HistoryQueries) throws(MongoError) {
        let moment = try LogStream.now(queries.store)
        state.withLock { state in
            var day = LiveFigures.Day(start: start, moment: moment, since: 0)
            for event in state.ring.events(after: state.ring.floor ?? moment) ?? [] { day.note(event) }
            state.figures.day = day
        }
        let counted = try queries.eventCount(since: start, at: moment)
        state.withLock { state in
            if state.figures.day?.moment == moment { state.figures.day?.counted = counted }
        }
    }

    private func sendFigures() {
        let (queued, time) = (queueStatus(), now())
        let beat = limits.heartbeatSeconds / limits.figuresSeconds
        state.withLock { state in
            state.figures.tick(limits.rateSeconds / limits.figuresSeconds)
            let figures = Self.event(state.figures, queued, readers: state.readers.count, at: time, limits)
            for reader in state.readers.values { reader.tick(figures, beat: beat) }
        }
    }

    private static func event(
        _ figures: LiveFigures,
        _ queued: LiveQueueStatus,
        readers: Int,
        at now: Timestamp,
        _ limits: Limits.Live
    ) -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.object {
            $0.field("at", now.roundedDownToMilliseconds.rfc3339)
            $0.field("stored_today", figures.day?.total)
            $0.field("stored_per_second", figures.rate(tickSeconds: limits.figuresSeconds))
            $0.field("queue_rows", queued.rows)
            $0.field("queue_oldest_seconds", queued.oldest.map { Double(now.milliseconds - $0.milliseconds) / 1_000 })
            $0.field("open_reviews", figures.openReviews)
            $0.field("readers", readers)
        }
        return Array("event: figures\ndata: ".utf8) + writer.bytes + Array("\n\n".utf8)
    }
}

/// Some of the log, read by one reader alone.
struct LivePage: Sendable {
    let events: [LiveEvent]
    /// Everything before this has been read.
    let reached: LogMoment
}
