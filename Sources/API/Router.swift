import Chat
package import HTTPServer
import History
import Hooks
import Limits
import MongoDB
import Synchronization
import Telemetry
import WebhookIngest

/// Answers every request: deliveries through the receiver, all else by the route that its method and path name.
package final class Router: HTTPHandler {
    private let table: RouteTable
    private let services: APIServices
    private let authenticator: Authenticator
    private let audit: AuditDesk
    private let presentation: Presentation
    private let latency: Metrics.Histogram
    /// The second of the last line about a failure: one a second is enough while MongoDB is away.
    private let lastLine = Atomic(Int64.min)

    package init(_ services: APIServices) {
        let database = Database(history: services.history, limits: services.limits)
        self.services = services
        authenticator = Authenticator(
            database: database,
            bootstrapKey: services.bootstrapKey,
            sessionSecret: services.dashboard.sessionSecret,
            limits: services.limits,
            now: services.now
        )
        presentation = Presentation(origins: services.origins, limits: services.limits.api)
        audit = AuditDesk(database, limits: services.limits)
        table = RouteTable(Routes.all(services, database, authenticator, audit))
        latency = services.metrics.histogram(
            "backchannel_api_seconds",
            help: "From a request's last byte to its answer, deliveries aside."
        )
    }

    /// What `docs/api.md` says of every route.
    package var reference: RouteReference { RouteReference(table.routes) }

    /// What `/openapi.json` says.
    package var document: OpenAPIDocument { OpenAPIDocument(table.routes, version: services.version) }

    // MARK: HTTPHandler

    package func admit(_ head: HTTPRequestHead) -> HTTPAdmission {
        switch match(head) {
        case .found(let route, _):
            guard route.access == .signature else {
                return .accept(bodyBytes: route.bodyBytes ?? services.limits.api.bodyBytes)
            }
            return services.receiver.admit(head)
        case .otherMethods(let methods):
            let allowed = RouteTable.allowed(methods)
            guard head.method == "OPTIONS" else {
                return .refuse(presentation.present(Problem.methodNotAllowed(allowed).response, to: head))
            }
            return .refuse(presentation.present(HTTPResponse(status: 204, headers: [("Allow", allowed)]), to: head))
        case .none:
            return .refuse(presentation.present(Problem.notFound("path").response, to: head))
        }
    }

    package func handle(_ exchange: HTTPExchange) {
        guard case .found(let route, let values) = match(exchange.head) else {
            return exchange.respond(presentation.present(Problem.notFound("path").response, to: exchange.head))
        }
        switch route.action {
        case .receive: services.receiver.receive(exchange)
        case .hook(let kind): services.hooks.receive(exchange, kind)
        case .answer(let answer):
            // A task of its own: the server's one thread cannot wait, and the exchange answers whenever it is done.
            Task {
                let start = ContinuousClock.now
                let response = await self.response(to: exchange, route, values, answer)
                count(response.status, route, since: start)
                exchange.respond(presentation.present(response, to: exchange.head))
            }
        }
    }

    package func tooLarge(_ head: HTTPRequestHead, limit: Int) -> HTTPResponse {
        if case .found(let route, _) = match(head), route.access == .signature {
            return services.receiver.tooLarge(head, limit: limit)
        }
        return presentation.present(Problem.tooLarge(limit: limit).response, to: head)
    }

    // MARK: Parts

    private func match(_ head: HTTPRequestHead) -> RouteTable.Match {
        table.match(head.method, head.target ?? head.path)
    }

    private func response(
        to exchange: HTTPExchange,
        _ route: Route,
        _ values: [String: Substring],
        _ answer: @Sendable (APIRequest) async throws -> HTTPResponse
    ) async -> HTTPResponse {
        do {
            let caller = try await authenticator.caller(of: exchange.head, for: route.access)
            let request = try APIRequest(
                exchange,
                for: route,
                pathValues: values,
                caller: caller,
                now: services.now()
            )
            if route.audit?.moment == .before { try await enter(request.audit.take()) }
            let response = try await answer(request)
            if 200..<300 ~= response.status { try await enter(request, route) }
            return response
        } catch {
            return problem(error, route).response
        }
    }

    private func enter(_ request: APIRequest, _ route: Route) async throws {
        try await enter(request.audit.rest)
        guard route.audit?.moment == .within, request.audit.isTaken else { return }
        do {
            try await audit.takeUp()
        } catch {
            // The act is done and its entry stored with it; the next one chains it.
            let reason = Problem(error, limits: services.limits.api)?.detail ?? "unexpected \(type(of: error))"
            services.log.warning("api: an act waits to be chained", ["reason": .string(reason)])
        }
    }

    /// Nothing is answered that the audit trail could not be told of: who has read in secret would never be found out.
    private func enter(_ entries: [AuditEntry]) async throws {
        do {
            try await audit.enter(entries)
        } catch {
            let cause = Problem(error, limits: services.limits.api)?.detail ?? "it failed unexpectedly."
            throw Problem.unavailable(
                "Nothing is done or shown that cannot be entered in the audit trail: \(cause)",
                retryAfter: services.limits.api.retryAfterSeconds
            )
        }
    }

    private func problem(_ error: any Error, _ route: Route) -> Problem {
        let problem = Problem(error, limits: services.limits.api)
        guard problem?.status ?? 500 >= 500 else { return problem ?? .internalFault }
        let second = services.now().milliseconds / 1_000
        guard problem == nil || lastLine.exchange(second, ordering: .relaxed) != second else {
            return problem ?? .internalFault
        }
        // What nobody expected may quote what it failed on: the log gets its kind alone.
        let reason = problem?.detail ?? "unexpected \(type(of: error))"
        services.log.warning(
            "api: request failed",
            ["route": .string("\(route.method) \(route.path)"), "reason": .string(reason)]
        )
        return problem ?? .internalFault
    }

    private func count(_ status: Int, _ route: Route, since start: ContinuousClock.Instant) {
        let (seconds, attoseconds) = start.duration(to: .now).components
        latency.observe(microseconds: seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
        services.metrics.counter(
            "backchannel_api_requests_total",
            help: "Requests answered, deliveries aside.",
            labels: ["method": route.method, "path": route.path.description, "status": "\(status)"]
        ).add()
    }
}
