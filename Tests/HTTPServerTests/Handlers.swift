import Blocking
import Foundation
import Limits
import TestSupport
import Testing

@testable import HTTPServer

/// A handler made of closures: accepts what fits `bodyBytes` and echoes what it is sent, unless told otherwise.
struct TestHandler: HTTPHandler {
    var bodyBytes = 1_000
    var admission: (@Sendable (HTTPRequestHead) -> HTTPAdmission)?
    var handling: @Sendable (HTTPExchange) -> Void = { exchange in
        let head = exchange.head
        let line = "\(head.method) \(head.path) \(head.query.map { "\($0.name)=\($0.value)" }.joined(separator: ","))"
        exchange.respond(HTTPResponse(status: 200, body: Array("\(line)|".utf8) + exchange.body))
    }

    func admit(_ head: HTTPRequestHead) -> HTTPAdmission { admission?(head) ?? .accept(bodyBytes: bodyBytes) }
    func handle(_ exchange: HTTPExchange) { handling(exchange) }
    func tooLarge(_ head: HTTPRequestHead, limit: Int) -> HTTPResponse {
        HTTPResponse(status: 413, headers: [("X-Path", head.path)], body: Array("limit \(limit)".utf8))
    }
}

/// Keeps every exchange until the test takes it.
final class KeepingHandler: HTTPHandler {
    private let kept = Locked<[HTTPExchange]>([])
    private let arrival = DispatchSemaphore(value: 0)

    func admit(_ head: HTTPRequestHead) -> HTTPAdmission { .accept(bodyBytes: 1_000) }
    func tooLarge(_ head: HTTPRequestHead, limit: Int) -> HTTPResponse { HTTPResponse(status: 413) }
    func handle(_ exchange: HTTPExchange) {
        kept.withLock { $0.append(exchange) }
        arrival.signal()
    }

    /// Waits for so many exchanges and gives them up.
    func take(_ count: Int) throws -> [HTTPExchange] {
        for index in 0..<count {
            try #require(arrival.wait(timeout: .now() + 20) == .success, "only \(index) of \(count) requests arrived")
        }
        return kept.withLock { kept in
            defer { kept.removeFirst(count) }
            return Array(kept[..<count])
        }
    }
}

func startServer(
    _ handler: any HTTPHandler = TestHandler(),
    host: String = "127.0.0.1",
    limits: Limits.HTTP = Limits.HTTP(),
    onError: @escaping @Sendable (String) -> Void = { _ in }
) throws -> HTTPServer {
    try HTTPServer(host: host, port: 0, limits: limits, handler: handler, onError: onError)
}

func ok(_ text: String) -> HTTPResponse { HTTPResponse(status: 200, body: Array(text.utf8)) }

/// Runs every test of a suite on a thread of its own: its clients block, and bodies are produced on the few that Swift has.
struct Apart: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        try await blocking { try await function() }
    }
}

extension Trait where Self == Apart {
    static var apart: Self { Apart() }
}
