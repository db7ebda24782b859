import Blocking
import Chat
import Foundation
import HTTPClient
import HTTPServer
import JSON
import Limits
import Provider
import TestSupport

/// A server that answers as a closure says and remembers what it was asked.
final class ScriptedProvider: HTTPHandler {
    struct Received: Sendable {
        let head: HTTPRequestHead
        let body: String
    }

    private let answer: @Sendable (Received) -> HTTPResponse
    private let requests = Locked<[Received]>([])

    private init(_ answer: @escaping @Sendable (Received) -> HTTPResponse) { self.answer = answer }

    var received: [Received] { requests.withLock { $0 } }

    func admit(_ head: HTTPRequestHead) -> HTTPAdmission { .accept(bodyBytes: 1 << 24) }

    func handle(_ exchange: HTTPExchange) {
        let request = Received(head: exchange.head, body: String(decoding: exchange.body, as: UTF8.self))
        requests.withLock { $0.append(request) }
        exchange.respond(answer(request))
    }

    func tooLarge(_ head: HTTPRequestHead, limit: Int) -> HTTPResponse { HTTPResponse(status: 413) }

    /// Runs `body` with a client of such a server, and stops the server whatever happens.
    static func run(
        _ answer: @escaping @Sendable (Received) -> HTTPResponse,
        tick: Duration = .zero,
        _ body: (StreamClient, ScriptedProvider) async throws -> Void
    ) async throws {
        let provider = ScriptedProvider(answer)
        let server = try HTTPServer(host: "127.0.0.1", port: 0, limits: Limits.HTTP(), handler: provider)
        do {
            try await body(client(at: "http://127.0.0.1:\(server.port)/", tick: tick), provider)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    /// - Parameter tick: what the client's clock gains each time it is read; without it, waiting for a limit never ends.
    static func client(
        at url: String,
        limits: Limits.Provider = Limits.Provider(),
        tick: Duration = .zero
    ) -> StreamClient {
        let clock = Locked(ProviderFixture.now)
        return StreamClient(
            credentials: StreamCredentials(apiKey: "fixture key", secret: "fixture-secret", baseURL: url),
            http: HTTPClient(),
            limits: limits,
            now: {
                clock.withLock { time in
                    time.nanoseconds += tick.nanoseconds
                    return time
                }
            }
        )
    }

    static func json(_ status: Int, _ body: String, _ headers: [(name: String, value: String)] = []) -> HTTPResponse {
        HTTPResponse(status: status, headers: headers, body: Array(body.utf8))
    }
}

/// A peer that takes one connection after the other, reads what comes first, says its line and hangs up.
final class RudePeer: Sendable {
    private let descriptor: Int32
    let port: Int

    /// - Parameter line: `nil` never answers and keeps the connection open.
    init(saying line: String?) throws {
        let descriptor: Int32
        (descriptor, port) = try listeningSocket()
        self.descriptor = descriptor
        if let line { Thread { Self.serve(descriptor, line) }.start() }
    }

    /// Ends the thread's `accept`.
    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    var url: String { "http://127.0.0.1:\(port)" }

    private static func serve(_ descriptor: Int32, _ line: String) {
        while true {
            let connection = accept(descriptor, nil, nil)
            guard connection >= 0 else { return }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            _ = recv(connection, &buffer, buffer.count, 0)
            _ = send(connection, line, line.utf8.count, Int32(MSG_NOSIGNAL))
            close(connection)
        }
    }
}
