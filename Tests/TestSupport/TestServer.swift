import Foundation
package import HTTPServer
import Limits
import Synchronization

/// A server in the test's own process that answers as a closure says and remembers what it was asked.
package final class TestServer: Sendable {
    package struct Received: Sendable {
        package let head: HTTPRequestHead
        package let body: [UInt8]
    }

    private let server: HTTPServer
    private let handler: Handler

    /// - Parameter port: 0 is any free one.
    package init(port: Int = 0, _ answer: @escaping @Sendable (Received) -> HTTPResponse) throws {
        handler = Handler(answer: answer)
        server = try HTTPServer(host: "127.0.0.1", port: UInt16(port), limits: Limits.HTTP(), handler: handler)
    }

    package var port: Int { Int(server.port) }
    package var url: String { "http://127.0.0.1:\(port)" }
    package var received: [Received] { handler.received.withLock { $0 } }

    package var openConnections: Int { server.openConnections }

    package func stop() async { await server.stop() }

    private final class Handler: HTTPHandler {
        let answer: @Sendable (Received) -> HTTPResponse
        let received = Mutex<[Received]>([])

        init(answer: @escaping @Sendable (Received) -> HTTPResponse) { self.answer = answer }

        func admit(_ head: HTTPRequestHead) -> HTTPAdmission { .accept(bodyBytes: 1 << 24) }

        func handle(_ exchange: HTTPExchange) {
            let request = Received(head: exchange.head, body: exchange.body)
            received.withLock { $0.append(request) }
            exchange.respond(answer(request))
        }

        func tooLarge(_ head: HTTPRequestHead, limit: Int) -> HTTPResponse { HTTPResponse(status: 413) }
    }
}

/// Runs `body` with a server, and stops the server whatever happens.
package func withTestServer(
    _ answer: @escaping @Sendable (TestServer.Received) -> HTTPResponse,
    _ body: (TestServer) async throws -> Void
) async throws {
    let server = try TestServer(answer)
    do {
        try await body(server)
    } catch {
        await server.stop()
        throw error
    }
    await server.stop()
}

/// Accepts connections in the kernel's backlog and never says a word.
package final class SilentServer: Sendable {
    private let descriptor: Int32
    package let port: Int

    package init() throws { (descriptor, port) = try listeningSocket() }

    deinit { close(descriptor) }

    package var url: String { "http://127.0.0.1:\(port)" }
}
