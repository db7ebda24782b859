import Blocking
import Chat
import History
import JSON
import Limits
import Rules
import Telemetry
import WebhookIngest

/// Takes batches from the queue and decodes them, on a thread of its own, so that the next batch is ready when MongoDB
/// has taken the last.
actor DeliverySource {
    struct Batch: Sendable {
        var events: [Item]
        /// What cannot be read, and why.
        var unreadable: [(sequence: Int64, reason: String)]
        var decoding: Duration
    }

    struct Item: Sendable {
        var sequence: Int64
        /// Earlier attempts at this event alone.
        var failures: Int
        var received: ReceivedEvent
    }

    private let executor = ThreadExecutor(label: "worker.source", urgency: .steppingBack(Limits.Worker.niceness))
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let queue: any EventQueue
    private let provider: StreamProvider
    private let limits: Limits.Worker
    private let parser = JSONParser()
    private let rules: (any RuleSource)?
    private let hooks: HookMarks?
    private var examiner: Examiner?

    /// - Parameter hooks: by which messages are recognised that hooks have decided on.
    init(
        queue: any EventQueue,
        provider: StreamProvider,
        rules: (any RuleSource)?,
        hooks: HookMarks?,
        limits: Limits.Worker
    ) {
        (self.queue, self.provider, self.rules, self.limits) = (queue, provider, rules, limits)
        self.hooks = hooks
    }

    /// The next batch, of so many events at most; `nil` when nothing waits.
    func next(_ most: Int) throws(QueueError) -> Batch? {
        let taken = try queue.take(events: most, bytes: limits.batchBytes)
        guard !taken.isEmpty else { return nil }
        let start = ContinuousClock.now
        var batch = Batch(events: [], unreadable: [], decoding: .zero)
        batch.events.reserveCapacity(taken.count)
        useCurrentRules()
        for item in taken {
            do throws(DecodingFailure) {
                let received = try decode(item.delivery)
                batch.events.append(
                    Item(sequence: item.sequence, failures: item.delivery.failures, received: received)
                )
            } catch {
                batch.unreadable.append((item.sequence, "\(error.kind): \(error)"))
            }
        }
        batch.decoding = start.duration(to: .now)
        return batch
    }

    /// A new rule set takes over between two batches.
    private func useCurrentRules() {
        let current = rules?.engine
        if examiner?.engine !== current { examiner = current.map(Examiner.init) }
    }

    private func decode(_ delivery: Delivery) throws(DecodingFailure) -> ReceivedEvent {
        let (event, body) = try provider.decoded(
            delivery.body,
            id: delivery.id,
            receivedAt: delivery.receivedAt,
            parser: parser
        )
        return ReceivedEvent(
            event: event,
            rules: examiner?.engine,
            observation: examiner?.observe(event.judged, body),
            hook: HookTrace(event, body, isOurs: delivery.signature.isEmpty, marks: hooks),
            body: delivery.body,
            signature: delivery.signature,
            apiKey: delivery.apiKey,
            webhookID: delivery.webhookID,
            attempt: delivery.attempt
        )
    }
}

extension HookTrace {
    /// `nil` where no hook has had a say.
    ///
    /// - Parameter isOurs: no provider has sent it.
    fileprivate init?(_ event: ChatEvent, _ body: JSONValue, isOurs: Bool, marks: HookMarks?) {
        if HookEvent.isDecision(event.type) {
            guard isOurs, let text = body[HookEvent.decisionField]?.string,
                let record = DecisionRecord(base64: text, of: event.id)
            else { return nil }
            self = .decided(record)
            return
        }
        if event.type == HookEvent.pending, let id = event.messageID {
            self = .pending(messageID: id)
            return
        }
        guard event.type == RuleEvent.messageNew, let marks, let message = event.message, let text = message.text,
            message.beforeSendFailed || message.custom != nil, let user = event.actingUserID, let cid = event.cid
        else { return nil }
        let custom = body["message"]
        let field = custom?[HookAnswer.markField] ?? custom?["custom"]?[HookAnswer.markField]
        guard message.beforeSendFailed || field != nil else { return nil }
        let possible = marks.marks(user: user, cid: cid, text: text, around: event.judgedTime)
        if let mark = field?.string, possible.contains(mark) {
            self = .rewritten(mark: mark)
        } else if message.beforeSendFailed {
            self = .letThrough(marks: possible)
        } else {
            return nil
        }
    }
}

extension ChatEvent {
    /// As the rules look at it: a message that waits is judged as one that was sent.
    fileprivate var judged: ChatEvent {
        guard type == HookEvent.pending else { return self }
        var event = self
        event.type = RuleEvent.messageNew
        return event
    }
}
