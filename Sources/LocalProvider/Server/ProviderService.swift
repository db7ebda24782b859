import Blocking
import Chat
import Crypto
import JSON
import Limits
import SQLite

/// Carries out what is asked: knows the state, the limits and the faults, but nothing of connections.
///
/// One call at a time; what it costs is far less than the connection it comes by.
final class ProviderService: Sendable {
    /// A request but for its credentials.
    struct Request: Sendable {
        let method: String
        let path: String
        var query: [String: String]
        var body: [UInt8]
    }

    /// What the caller gets, and how.
    struct Reply: Sendable {
        let status: Int
        let body: Fields
        var headers: [(name: String, value: String)] = []
        var fault: FaultPlan.Fault?
        var latency = Duration.zero
    }

    /// `@unchecked Sendable` by way of ``Locked``: the parser is used with the lock held.
    private struct Core {
        var state: ProviderState
        var windows: RateWindows
        var faults = FaultPlan()
        var random: SplitMix
        let parser = JSONParser()
    }

    private let core: Locked<Core>
    private let rules: RateWindows.Rules
    private let limits: Limits.LocalProvider
    private let authenticator: Authenticator
    private let journal: Journal?
    let webhooks: WebhookSender

    /// - Throws: ``SQLiteError`` when the journal cannot be read.
    init(
        authenticator: Authenticator,
        webhooks: WebhookSender,
        journal: Journal?,
        rules: RateWindows.Rules,
        seed: UInt64,
        limits: Limits.LocalProvider = Limits.LocalProvider()
    ) throws(SQLiteError) {
        self.authenticator = authenticator
        self.webhooks = webhooks
        self.journal = journal
        self.rules = rules
        self.limits = limits
        var core = Core(
            state: ProviderState(limits: limits),
            windows: RateWindows(rules),
            random: SplitMix(seed: seed)
        )
        try journal?.replay { record in
            // Only calls that were carried out are there, so none is refused now; their events have been sent.
            let request = Request(method: record.method, path: record.path, query: record.query, body: record.body)
            guard let call = try? Self.call(request, by: record.actor, core.parser) else { return }
            _ = try? core.state.apply(call, at: record.at)
        }
        self.core = Locked(core)
    }

    /// Carries out a call of the provider's API.
    ///
    /// - Parameter done: is given the reply once what changed is on stable storage.
    func perform(
        _ request: Request,
        _ credentials: Authenticator.Credentials,
        at now: Timestamp,
        done: @escaping @Sendable (Reply) -> Void
    ) {
        let seconds = now.nanoseconds / 1_000_000_000
        do throws(Refusal) {
            let actor = try authenticator.actor(for: credentials, at: seconds)
            guard let route = Route(method: request.method, path: request.path) else {
                throw .notFound("there is nothing at \(request.method) \(request.path)")
            }
            var request = request
            request.query[APICall.unscreened] = nil
            screened(request, by: actor, at: now, done: done) { [self] request in
                perform(request, route, by: actor, at: now, done: done)
            }
        } catch {
            finish([], Reply(status: error.status, body: error.fields(for: nil)), done)
        }
    }

    /// Carries out a call in a user's name, without limits and faults.
    func act(as user: String, _ request: Request, at now: Timestamp, done: @escaping @Sendable (Reply) -> Void) {
        screened(request, by: .user(user), at: now, done: done) { [self] request in
            let (reply, deliveries) = core.withLock { core in apply(request, by: .user(user), at: now, &core) }
            finish(deliveries, reply, done)
        }
    }

    // MARK: The app's hook

    /// Puts a message to the app's hook before it is sent, where the app has one.
    ///
    /// - Parameters:
    ///   - done: is given the answer to a message that the hook refuses.
    ///   - carryOn: is given the call as the hook leaves it, so that the journal knows nothing of hooks.
    private func screened(
        _ request: Request,
        by actor: APICall.Actor,
        at now: Timestamp,
        done: @escaping @Sendable (Reply) -> Void,
        carryOn: @escaping @Sendable (Request) -> Void
    ) {
        let asked = core.withLock { core in Self.question(request, by: actor, at: now, &core) }
        guard let (call, question) = asked else { return carryOn(request) }
        // Outlives whoever waits for the answer, as the provider's own question does.
        Task { [self] in
            var request = request
            switch await webhooks.ask(question) {
            case .accepted: break
            case .rewritten(let fields):
                request.body = Value.object(ProviderState.rewritten(call.body, by: fields)).json
            case .failed: request.query[APICall.unscreened] = "true"
            case .refused(let text):
                let answer = core.withLock { $0.state.refusedMessage(of: call, text: text, at: now) }
                if let answer { return done(Reply(status: answer.status, body: answer.body)) }
            }
            carryOn(request)
        }
    }

    private static func question(
        _ request: Request,
        by actor: APICall.Actor,
        at now: Timestamp,
        _ core: inout Core
    ) -> (APICall, HookQuestion)? {
        let (settings, limits) = (core.state.settings, core.state.limits)
        guard let url = settings["before_message_send_hook_url"]?.string, !url.isEmpty,
            let call = try? call(request, by: actor, core.parser), call.endpoint == .sendMessage,
            let body = core.state.hookRequest(of: call, at: now)
        else { return nil }
        let given = settings["before_message_send_hook_attempt_timeout_ms"]?.int ?? 0
        let question = HookQuestion(
            url: url,
            body: body,
            id: identifier(&core.random),
            milliseconds: given > 0 ? given : Int64(limits.hookMilliseconds)
        )
        return (call, question)
    }

    private func perform(
        _ request: Request,
        _ route: Route,
        by actor: APICall.Actor,
        at now: Timestamp,
        done: @escaping @Sendable (Reply) -> Void
    ) {
        let (reply, deliveries) = core.withLock { core in
            let seconds = now.nanoseconds / 1_000_000_000
            let standing = core.windows.admit(route.endpoint, at: seconds)
            let latency = core.faults.latency(using: &core.random)
            // A call that the limits refuse uses up no fault.
            let isAllowed = standing?.isAllowed ?? true
            let fault = isAllowed ? core.faults.next(for: route.endpoint, using: &core.random) : nil
            var result: (reply: Reply, deliveries: [WebhookSender.Delivery])
            if !isAllowed {
                result = (Reply(refusal: .tooManyRequests, route.endpoint), [])
            } else if case .error(let status, let code, _) = fault {
                let refusal = Refusal(code: code, status: status, "the local provider was asked to fail")
                result = (Reply(refusal: refusal, route.endpoint), [])
            } else if fault == .cut {
                result = (Reply(status: 500, body: [:]), [])
            } else if route.endpoint == .getRateLimits {
                let endpoints = Self.endpoints(request.query["endpoints"])
                result = (Self.rateLimits(endpoints, core.windows, at: seconds), [])
            } else {
                result = apply(request, by: actor, at: now, &core)
            }
            result.reply.latency = latency
            result.reply.fault = fault
            if let standing { result.reply.headers += Self.headers(standing) }
            if case .error(_, _, let seconds?) = fault { result.reply.headers.append(("retry-after", "\(seconds)")) }
            return result
        }
        finish(deliveries, reply, done)
    }

    private func finish(
        _ deliveries: [WebhookSender.Delivery],
        _ reply: Reply,
        _ done: @escaping @Sendable (Reply) -> Void
    ) {
        let isDropped = deliveries.map { _ in dropsNext() }
        let settle: @Sendable () -> Void = { [webhooks] in
            done(reply)
            for (delivery, isDropped) in zip(deliveries, isDropped) {
                if isDropped { webhooks.drop(delivery) } else { webhooks.send(delivery) }
            }
        }
        if let journal { journal.settle(then: settle) } else { settle() }
    }

    private func dropsNext() -> Bool {
        core.withLock { core in
            guard core.faults.webhooksToDrop > 0 else { return false }
            core.faults.webhooksToDrop -= 1
            return true
        }
    }

    // MARK: One call

    private func apply(
        _ request: Request,
        by actor: APICall.Actor,
        at now: Timestamp,
        _ core: inout Core
    ) -> (reply: Reply, deliveries: [WebhookSender.Delivery]) {
        let endpoint = Route(method: request.method, path: request.path)?.endpoint
        do throws(Refusal) {
            let call = try Self.call(request, by: actor, core.parser)
            let (answer, events) = try core.state.apply(call, at: now)
            let hooks = events.isEmpty ? [] : Hook.all(in: core.state.settings)
            var deliveries: [WebhookSender.Delivery] = []
            for event in events {
                for hook in hooks where hook.wants(event) {
                    deliveries.append(.init(event: event, hook: hook, id: Self.identifier(&core.random)))
                }
            }
            if call.endpoint.isChange {
                journal?.append(
                    Journal.Record(
                        at: now,
                        actor: actor,
                        method: request.method,
                        path: request.path,
                        query: request.query,
                        body: request.body
                    )
                )
            }
            return (Reply(status: answer.status, body: answer.body), deliveries)
        } catch {
            return (Reply(refusal: error, endpoint), [])
        }
    }

    private static func call(
        _ request: Request,
        by actor: APICall.Actor,
        _ parser: JSONParser
    ) throws(Refusal) -> APICall {
        guard let route = Route(method: request.method, path: request.path) else {
            throw .notFound("there is nothing at \(request.method) \(request.path)")
        }
        var body = Fields()
        if !request.body.isEmpty {
            guard let parsed = try? parser.parse(request.body), let fields = Value(parsed).object else {
                throw .input("the request's body is not a JSON object")
            }
            body = fields
        }
        return APICall(route: route, query: request.query, body: body, actor: actor)
    }

    private static func identifier(_ random: inout SplitMix) -> String {
        let digits = Array(Hex.encode((0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }))
        let parts = [digits[0..<8], digits[8..<12], ["4"] + digits[13..<16], ["a"] + digits[17..<20], digits[20..<32]]
        return parts.map { String($0) }.joined(separator: "-")
    }

    // MARK: Limits

    /// In lower case: the official Python library finds them by their names as sent.
    private static func headers(_ standing: RateWindows.Standing) -> [(name: String, value: String)] {
        [
            ("x-ratelimit-limit", "\(standing.limit)"), ("x-ratelimit-remaining", "\(standing.remaining)"),
            ("x-ratelimit-reset", "\(standing.reset)"),
        ]
    }

    private static func endpoints(_ names: String?) -> [Endpoint] {
        guard let names, !names.isEmpty else { return Endpoint.allCases }
        return names.split(separator: ",").compactMap { Endpoint(rawValue: String($0)) }
    }

    private static func rateLimits(_ endpoints: [Endpoint], _ windows: RateWindows, at seconds: Int64) -> Reply {
        var fields = Fields()
        for endpoint in endpoints {
            let standing = windows.standing(endpoint, at: seconds)
            fields.append(
                endpoint.rawValue,
                [
                    "limit": .int(Int64(standing.limit)), "remaining": .int(Int64(standing.remaining)),
                    "reset": .int(standing.reset),
                ]
            )
        }
        return Reply(status: 200, body: ["server_side": .object(fields)])
    }

    // MARK: Control

    var faults: FaultPlan {
        get { core.withLock { $0.faults } }
        set { core.withLock { $0.faults = newValue } }
    }

    var applied: AppliedLog { core.withLock { $0.state.applied } }

    /// Starts again from nothing: state, journal, limits, faults and webhooks.
    func reset(then done: @escaping @Sendable () -> Void) {
        core.withLock { [rules, limits] core in
            core.state = ProviderState(limits: limits)
            core.windows = RateWindows(rules)
            core.faults = FaultPlan()
        }
        webhooks.reset()
        if let journal { journal.clear(then: done) } else { done() }
    }
}

extension ProviderService.Reply {
    init(refusal: Refusal, _ endpoint: Endpoint?) {
        self.init(status: refusal.status, body: refusal.fields(for: endpoint))
    }
}
