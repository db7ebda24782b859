package import Chat
import Crypto
package import Decisions
package import HTTPServer
import History
import JSON
package import Limits
import Rules
package import Telemetry
package import WebhookIngest

/// Answers the provider's synchronous hooks.
///
/// What is decided is decided from memory, within a budget: the provider's users are waiting, and it sends the message
/// if nobody answers. What came of it is queued afterwards, like any event.
package final class HookDesk: Sendable {
    private let receiver: WebhookReceiver
    private let judge: HookJudge
    private let commits: GroupCommit
    private let provider: StreamProvider
    private let limits: Limits.Hooks
    private let metrics: HookMetrics
    private let log: Log
    private let now: @Sendable () -> Timestamp
    private let deadlines = AsyncStream.makeStream(
        of: PendingAnswer.self,
        bufferingPolicy: .bufferingOldest(Limits.Hooks.pendingAnswers)
    )

    /// - Parameters:
    ///   - receiver: verifies signatures, as it does those of events.
    ///   - commits: where events are queued.
    package init(
        receiver: WebhookReceiver,
        judge: HookJudge,
        commits: GroupCommit,
        provider: StreamProvider,
        limits: Limits.Hooks,
        metrics: Metrics,
        log: Log,
        now: @escaping @Sendable () -> Timestamp
    ) {
        (self.receiver, self.judge, self.commits, self.limits) = (receiver, judge, commits, limits)
        (self.log, self.now) = (log, now)
        self.provider = provider
        self.metrics = HookMetrics(metrics)
    }

    /// Answers what takes too long, until the task is cancelled.
    package func run() async {
        // In order of their deadlines: nearly all have been given when their turn comes.
        for await pending in deadlines.stream where !pending.isGiven {
            try? await Task.sleep(until: pending.deadline, clock: .continuous)
            if pending.give(.accept) { noteOverrun() }
        }
    }

    /// Handles a request whose head was admitted.
    ///
    /// Does not block.
    package func receive(_ exchange: HTTPExchange, _ kind: HookKind) {
        guard let signed = receiver.signed(exchange) else { return }
        switch kind {
        case .pendingMessage, .pendingMessageDeleted: keep(signed.body, kind, exchange)
        case .beforeMessageSend, .command: answer(signed.body, kind, exchange)
        }
    }

    // MARK: Asked

    private func answer(_ body: [UInt8], _ kind: HookKind, _ exchange: HTTPExchange) {
        let start = ContinuousClock.now
        let pending = PendingAnswer(exchange, deadline: start + .milliseconds(limits.budgetMilliseconds))
        if case .dropped = deadlines.continuation.yield(pending) {
            // There is no room left to wait in.
            if pending.give(.accept) { noteOverrun() }
            return
        }
        let request = HookRequest(
            body: body,
            type: kind.eventType ?? RuleEvent.messageNew,
            id: EventID(bytes: SHA256.digest(body)),
            receivedAt: now()
        )
        Task(executorPreference: judge.executor) { [self] in
            guard let decision = await judge.decide(request, unless: { pending.isGiven }) else { return }
            conclude(decision, request, kind, pending, since: start)
        }
    }

    private func conclude(
        _ decision: HookDecision,
        _ request: HookRequest,
        _ kind: HookKind,
        _ pending: PendingAnswer,
        since start: ContinuousClock.Instant
    ) {
        guard let type = kind.eventType else {
            // Answered too late, it was not decided: the event that is to come is judged.
            guard give(decision, to: pending, since: start), let record = decision.record else { return }
            return queue(request, as: record.type, record, then: nil)
        }
        // A command is kept before it is answered, if that can be had in time.
        queue(request, as: type, nil) { [self] in give(decision, to: pending, since: start) }
    }

    @discardableResult
    private func give(_ decision: HookDecision, to pending: PendingAnswer, since start: ContinuousClock.Instant) -> Bool
    {
        guard pending.give(decision.answer) else { return false }
        metrics.note(decision, took: start.duration(to: .now))
        return true
    }

    private func queue(
        _ request: HookRequest,
        as type: EventType,
        _ record: DecisionRecord?,
        then done: (@Sendable () -> Void)?
    ) {
        let fields: KeyValuePairs = record.map { [HookEvent.decisionField: $0.base64] } ?? [:]
        guard let delivery = delivery(request.body, type, fields, at: request.receivedAt) else {
            done?()
            return
        }
        commits.append(delivery) { [self] result in
            if case .failure(let error) = result { noteUnrecorded(error) }
            done?()
        }
    }

    private func noteOverrun() {
        metrics.overruns.add()
        log.warning("hook: nothing was decided in time", ["budget_ms": .init(limits.budgetMilliseconds)])
    }

    private func noteUnrecorded(_ error: QueueError) {
        metrics.unrecorded.add()
        log.warning("hook: what was decided could not be queued", ["reason": .init(error.description)])
    }

    // MARK: Told

    /// What the provider tells is kept before it is answered, as events are.
    private func keep(_ body: [UInt8], _ kind: HookKind, _ exchange: HTTPExchange) {
        guard let type = kind.eventType, let delivery = delivery(body, type, at: now()) else {
            // Signed, and not to be understood: to ask for it again would not help.
            return exchange.respond(HTTPResponse(status: 200))
        }
        commits.append(delivery) { result in
            switch result {
            case .success: exchange.respond(HTTPResponse(status: 200))
            case .failure: exchange.respond(HTTPResponse(status: 503, headers: [("Retry-After", "1")]))
            }
        }
    }

    private func delivery(
        _ body: [UInt8],
        _ type: EventType,
        _ fields: KeyValuePairs<String, String> = [:],
        at time: Timestamp
    ) -> Delivery? {
        guard let bytes = HookEvent.body(type, of: body, at: time, fields) else { return nil }
        let envelope = provider.envelope(of: bytes, parser: JSONParser())
        return Delivery(
            id: EventID(bytes: SHA256.digest(bytes)),
            type: type.rawValue,
            lane: envelope.lane,
            receivedAt: time,
            body: bytes,
            // Not the provider's own bytes any more.
            signature: []
        )
    }
}

extension DecisionRecord {
    fileprivate var type: EventType { decision?.subject.type ?? HookEvent.refused }
}
