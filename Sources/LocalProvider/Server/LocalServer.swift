import Chat
import Foundation
import HTTPServer
import JSON
import Limits

/// Requests in, answers out: all there is between the connections and the provider.
struct LocalServer: HTTPHandler {
    let provider: ProviderService
    let limits: Limits.LocalProvider
    private static let controlPrefix = "/_local"

    func admit(_: HTTPRequestHead) -> HTTPAdmission { .accept(bodyBytes: limits.bodyBytes) }

    func tooLarge(_: HTTPRequestHead, limit _: Int) -> HTTPResponse {
        Self.response(ProviderService.Reply(refusal: .payloadTooLarge, nil), after: .zero)
    }

    func handle(_ exchange: HTTPExchange) {
        let (head, start) = (exchange.head, ContinuousClock.now)
        var query = Dictionary(head.query.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        let done: @Sendable (ProviderService.Reply) -> Void = { Self.send($0, on: exchange, since: start) }
        guard !head.path.hasPrefix(Self.controlPrefix + "/") else {
            let path = String(head.path.dropFirst(Self.controlPrefix.count))
            let request = ProviderService.Request(method: head.method, path: path, query: query, body: exchange.body)
            return ControlAPI(provider: provider, limits: limits).perform(request, at: .current, done: done)
        }
        let credentials = Authenticator.Credentials(
            apiKey: query.removeValue(forKey: "api_key"),
            authType: head[header: "stream-auth-type"],
            token: head[header: "Authorization"]
        )
        let request = ProviderService.Request(method: head.method, path: head.path, query: query, body: exchange.body)
        provider.perform(request, credentials, at: .current, done: done)
    }

    private static func send(
        _ reply: ProviderService.Reply,
        on exchange: HTTPExchange,
        since start: ContinuousClock.Instant
    ) {
        guard reply.latency > .zero else {
            return exchange.respond(response(reply, after: start.duration(to: .now)))
        }
        Task {
            try? await Task.sleep(for: reply.latency)
            exchange.respond(response(reply, after: start.duration(to: .now)))
        }
    }

    /// - Parameter elapsed: what the provider says the call took.
    private static func response(_ reply: ProviderService.Reply, after elapsed: Duration) -> HTTPResponse {
        var body = reply.body
        body.append("duration", .string("\(Double(Int(elapsed / .microseconds(10))) / 100)ms"))
        let headers = [(name: "Content-Type", value: "application/json;charset=utf-8")] + reply.headers
        let response = HTTPResponse(status: reply.status, headers: headers, body: Value.object(body).json)
        switch reply.fault {
        case .cut, .silentCutAfterApply: return .hangUp
        case .cutAfterApply: return response.brokenOff(after: response.body.count / 2)
        case .malformed:
            let half = Array(response.body.prefix(response.body.count / 2))
            return HTTPResponse(status: reply.status, headers: headers, body: half)
        case .error, nil: return response
        }
    }
}

extension Timestamp {
    /// The clock's time.
    fileprivate static var current: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
