package import Chat
import Crypto
import Gzip
package import HTTPServer
package import Limits
package import Telemetry

/// Takes one delivery of the provider: verifies it, has it queued, and answers 200 only when it is on the disk.
///
/// What is correctly signed is never refused for what it says; what cannot be kept is answered 503, which the provider
/// repeats. Source: the provider's webhook documentation; RFC 9110.
package final class WebhookReceiver: Sendable {
    let limits: Limits.Ingest
    let log: Log
    let now: @Sendable () -> Timestamp
    let secrets: [SigningSecret]
    let examinations: Allowance
    let refusalLines = Allowance(perSecond: 1)
    let metrics: ReceiverMetrics
    /// The last rejected deliveries, and their number by cause.
    package let rejections: RejectionLog

    private let ring: SecretRing
    private let queue: GroupCommit
    private let provider: StreamProvider
    private let parsers = ParserPool()
    private let storedWaiter: StoredWaiter?

    /// - Parameters:
    ///   - secrets: without any, every delivery is rejected.
    ///   - storedWaiter: answers are held back until the event is in MongoDB (`ACK=stored`).
    package init(
        secrets: [SigningSecret],
        queue: GroupCommit,
        provider: StreamProvider,
        limits: Limits.Ingest,
        log: Log,
        metrics: Metrics,
        now: @escaping @Sendable () -> Timestamp,
        storedWaiter: StoredWaiter? = nil
    ) {
        self.secrets = secrets
        self.queue = queue
        self.provider = provider
        self.limits = limits
        self.log = log
        self.now = now
        self.storedWaiter = storedWaiter
        ring = SecretRing(secrets)
        examinations = Allowance(perSecond: limits.examinationsPerSecond)
        rejections = RejectionLog(capacity: limits.rejectionsKept, metrics: metrics)
        self.metrics = ReceiverMetrics(metrics, queue: queue.queue, now: now)
    }

    /// Deliveries answered 200 since the start.
    package var accepted: Int64 { metrics.accepted.value }

    /// When each secret last verified something.
    package var secretUses: [SecretUse] { ring.uses }

    /// Handles a delivery whose head was admitted.
    ///
    /// Does not block; the answer comes from the committing thread.
    package func receive(_ exchange: HTTPExchange) {
        let received = Received(exchange: exchange, at: now(), started: QueueClock.system.uptime())
        metrics.received.add()
        metrics.bytes.add(Int64(exchange.body.count))
        guard let signed = signed(received) else { return }
        keep(delivery(of: received, signed), received)
    }

    /// A body whose signature has verified.
    package struct Signed: Sendable {
        /// Inflated.
        package let body: [UInt8]
        let signature: [UInt8]
        let signer: String?
    }

    /// The body of a request of the provider that is no delivery of an event, such as a synchronous hook.
    ///
    /// - Returns: `nil` when the request has been answered because its signature is not right, or there is no body.
    package func signed(_ exchange: HTTPExchange) -> Signed? {
        signed(Received(exchange: exchange, at: now(), started: QueueClock.system.uptime()))
    }

    private func signed(_ received: Received) -> Signed? {
        let exchange = received.exchange
        let header = exchange.head[header: "X-Signature"]
        guard let signature = header.flatMap(SignatureDoctor.signature(of:)) else {
            reject(received, inflated: exchange.body)
            return nil
        }
        guard let body = inflated(received) else { return nil }
        let apiKey = exchange.head[header: "X-Api-Key"]
        guard let signer = ring.signer(of: body, signature: signature, apiKey: apiKey, now: received.at) else {
            reject(received, inflated: body)
            return nil
        }
        return Signed(body: body, signature: signature, signer: signer)
    }

    /// The signed bytes; `nil` when the delivery has been answered because there are none.
    private func inflated(_ received: Received) -> [UInt8]? {
        let body = received.exchange.body
        guard Gzip.isGzip(body) else { return body }
        do throws(GzipError) {
            return try Gzip.inflate(body, cap: limits.inflatedBytes)
        } catch {
            switch error {
            case .malformed, .truncated: reject(received, inflated: nil)
            case .tooLarge: rejectTooLarge(received)
            case .outOfMemory: refuse(received, error.description)
            }
            return nil
        }
    }

    private func delivery(of received: Received, _ signed: Signed) -> Delivery {
        let envelope = parsers.withParser { provider.envelope(of: signed.body, parser: $0) }
        let head = received.exchange.head
        return Delivery(
            id: EventID(bytes: SHA256.digest(signed.body)),
            type: envelope.type,
            lane: envelope.lane,
            receivedAt: received.at,
            body: signed.body,
            signature: signed.signature,
            apiKey: signed.signer,
            webhookID: head[header: "X-Webhook-Id"].flatMap(Self.printable),
            attempt: head[header: "X-Webhook-Attempt"].flatMap(Int.init)
        )
    }

    private func keep(_ delivery: Delivery, _ received: Received) {
        queue.append(delivery) { [self] result in
            switch result {
            case .failure(let error): refuse(received, error.description)
            case .success(let sequence):
                guard let storedWaiter else { return accept(received) }
                storedWaiter.register(sequence) { [self] isStored in
                    isStored ? accept(received) : refuse(received, "the event is queued, but not yet in MongoDB")
                }
            }
        }
    }
}
