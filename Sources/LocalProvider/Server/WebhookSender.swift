import Blocking
import Crypto
import HTTPClient
import Limits

/// Sends events to the app's hooks: signed, several at once, each tried again as the provider does.
final class WebhookSender: Sendable {
    /// One event for one hook.
    struct Delivery: Sendable {
        let event: ProviderEvent
        let hook: Hook
        /// The same for all attempts.
        let id: String
    }

    /// What became of deliveries so far.
    struct Counts: Sendable, Equatable {
        var delivered = 0
        /// Given up after the attempts.
        var failed = 0
        var dropped = 0
        /// Not sent yet, or under way.
        var waiting = 0
    }

    private struct State {
        var counts = Counts()
        var queue: [Delivery] = []
        var first = 0
        var running = 0
        var dropped: [ProviderEvent] = []
        /// Changes with every reset: what is under way then no longer counts.
        var generation = 0
    }

    private let signature: HMACSHA256
    private let apiKey: String
    private let client: HTTPClient
    private let policy: DeliveryPolicy
    private let state = Locked(State())

    init(apiKey: String, secret: String, limits: Limits.LocalProvider) {
        self.apiKey = apiKey
        signature = HMACSHA256(key: secret)
        policy = DeliveryPolicy(limits: limits)
        var client = Limits.Client()
        client.concurrent = limits.webhooksAtOnce
        self.client = HTTPClient(limits: client)
    }

    var counts: Counts { state.withLock { $0.counts } }
    /// The events whose deliveries were dropped, oldest first.
    var dropped: [ProviderEvent] { state.withLock { $0.dropped } }

    func drop(_ delivery: Delivery) {
        state.withLock { state in
            state.counts.dropped += 1
            if state.dropped.count < policy.limits.droppedListed { state.dropped.append(delivery.event) }
        }
    }

    /// Sends as soon as fewer than the allowed number are under way.
    func send(_ delivery: Delivery) {
        let isFull = state.withLock { state in
            guard state.counts.waiting < policy.limits.webhooksWaiting else { return true }
            state.counts.waiting += 1
            state.queue.append(delivery)
            return false
        }
        if isFull { drop(delivery) } else { startNext() }
    }

    /// Forgets what waits and every count.
    func reset() {
        state.withLock { state in
            state = State(running: state.running, generation: state.generation + 1)
        }
    }

    private func startNext() {
        let next = state.withLock { state -> (Delivery, Int)? in
            guard state.running < policy.limits.webhooksAtOnce, state.first < state.queue.count else { return nil }
            state.running += 1
            defer {
                state.first += 1
                if state.first == state.queue.count { (state.queue, state.first) = ([], 0) }
            }
            return (state.queue[state.first], state.generation)
        }
        guard let (delivery, generation) = next else { return }
        // Outlives the call that caused it, as the provider's own deliveries do.
        Task { await self.deliver(delivery, generation) }
    }

    private func deliver(_ delivery: Delivery, _ generation: Int) async {
        let isDelivered = await attempt(delivery)
        state.withLock { state in
            state.running -= 1
            guard state.generation == generation else { return }
            state.counts.waiting -= 1
            if isDelivered { state.counts.delivered += 1 } else { state.counts.failed += 1 }
        }
        startNext()
    }

    private func attempt(_ delivery: Delivery) async -> Bool {
        let body = Value.object(delivery.event.body).json
        let start = ContinuousClock.now
        var attempt = 1
        while true {
            let outcome = await outcome(of: request(delivery, body, attempt))
            if policy.isDelivered(outcome) { return true }
            let elapsed = start.duration(to: .now)
            guard let wait = policy.wait(after: outcome, attempt: attempt, elapsed: elapsed) else { return false }
            try? await Task.sleep(for: wait)
            attempt += 1
        }
    }

    private func request(_ delivery: Delivery, _ body: [UInt8], _ attempt: Int) -> HTTPClientRequest {
        HTTPClientRequest(
            method: "POST",
            url: delivery.hook.url + (delivery.event.path.map { "/\($0)" } ?? ""),
            headers: headers(body, delivery.id, attempt),
            body: body,
            timeout: .seconds(policy.limits.deliverySeconds)
        )
    }

    private func headers(_ body: [UInt8], _ id: String, _ attempt: Int) -> [(name: String, value: String)] {
        [
            ("Content-Type", "application/json"), ("X-Signature", Hex.encode(signature.sign(body))),
            ("X-Api-Key", apiKey), ("X-Webhook-Id", id), ("X-Webhook-Attempt", "\(attempt)"),
        ]
    }

    /// Asks the app's hook, once.
    func ask(_ question: HookQuestion) async -> HookVerdict {
        let body = Value.object(question.body).json
        let request = HTTPClientRequest(
            method: "POST",
            url: question.url,
            headers: headers(body, question.id, 1),
            body: body,
            timeout: .milliseconds(question.milliseconds)
        )
        let response = try? await client.send(request)
        return response.map { HookVerdict(status: $0.status, body: $0.body) } ?? .failed
    }

    private func outcome(of request: HTTPClientRequest) async -> DeliveryPolicy.Outcome {
        do throws(HTTPClientError) {
            return .answered(status: try await client.send(request).status)
        } catch {
            return error.kind == .timedOut ? .timedOut : .unreachable
        }
    }
}
