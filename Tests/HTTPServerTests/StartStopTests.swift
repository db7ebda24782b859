import Foundation
import HTTPServer
import Limits
import TestSupport
import Testing

@Suite(.apart) struct StartStopTests {
    static let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func aPortInUseIsSaid() throws {
        let server = try startServer()
        let error = #expect(throws: HTTPServerError.self) {
            try HTTPServer(host: "127.0.0.1", port: server.port, limits: Limits.HTTP(), handler: TestHandler())
        }
        #expect(error == .addressInUse(host: "127.0.0.1", port: server.port))
        #expect(error?.description.contains("127.0.0.1:\(server.port)") == true)
    }

    @Test func anAddressOfAnotherMachineIsSaid() {
        #expect(throws: HTTPServerError.addressNotAvailable(host: "192.0.2.1", port: 0)) {
            try startServer(host: "192.0.2.1")
        }
    }

    @Test func aHostThatIsNoneIsSaid() throws {
        let error = #expect(throws: HTTPServerError.self) { try startServer(host: "not a host") }
        guard case .unknownHost("not a host", _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// Every sentence says where, and what to do.
    @Test(arguments: [
        HTTPServerError.addressInUse(host: "h", port: 80), .addressNotAvailable(host: "h", port: 80),
        .permissionDenied(host: "h", port: 80), .unknownHost("h", reason: "r"), .cannotStart(reason: "r"),
    ])
    func errorsAreOneSentence(_ error: HTTPServerError) {
        #expect(error.description.hasPrefix("cannot "))
        #expect(error.description.contains(";"))
        #expect(!error.description.contains("\n"))
    }

    @Test func stoppingFinishesWhatIsInProgress() async throws {
        let handler = KeepingHandler()
        let server = try startServer(handler)
        let port = server.port
        let resting = try RawClient(port: port)
        let waiting = try RawClient(port: port)
        let sending = try RawClient(port: port)
        try waiting.send(Self.request)
        let first = try handler.take(1)[0]
        try sending.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na")
        try await eventually { server.openConnections == 3 }

        let stopping = Task.immediate { await server.stop() }
        #expect(try resting.isEnded())
        #expect(throws: RawClient.Failure.self) { try RawClient(port: port) }
        try sending.send("b")
        first.respond(ok("waiting"))
        try handler.take(1)[0].respond(ok("sending"))
        for (client, text) in [(waiting, "waiting"), (sending, "sending")] {
            let answer = try client.answer()
            #expect(answer.text == text)
            #expect(answer.headers["connection"] == "close")
            #expect(try client.isEnded())
        }
        await stopping.value
        #expect(server.openConnections == 0)
        await server.stop()
    }

    @Test func stoppingDoesNotWaitForEver() async throws {
        var limits = Limits.HTTP()
        limits.drainSeconds = 1
        let handler = KeepingHandler()
        let server = try startServer(handler, limits: limits)
        let clients = try (0..<3).map { _ in try RawClient(port: server.port) }
        for client in clients { try client.send(Self.request) }
        let exchanges = try handler.take(3)
        let half = try RawClient(port: server.port)
        try half.send("GET /")
        await server.stop()
        for client in clients { #expect(try client.answer().status == 503) }
        for client in clients + [half] { #expect(try client.isEnded()) }
        for exchange in exchanges { exchange.respond(ok("too late")) }
    }

    @Test func severalTasksMayStopIt() async throws {
        let server = try startServer()
        await withDiscardingTaskGroup { group in
            for _ in 0..<10 { group.addTask { await server.stop() } }
        }
        #expect(throws: RawClient.Failure.self) { try RawClient(port: server.port) }
    }

    @Test func releasingItEndsIt() throws {
        var server: HTTPServer? = try startServer()
        let port = try #require(server?.port)
        let client = try RawClient(port: port)
        #expect(try client.exchange(Self.request).status == 200)
        server = nil
        #expect(try client.isEnded())
    }

    @Test func itsPortIsFreeAfterwards() async throws {
        let first = try startServer()
        let client = try RawClient(port: first.port)
        #expect(try client.exchange(Self.request).status == 200)
        await first.stop()
        let second = try HTTPServer(
            host: "127.0.0.1",
            port: first.port,
            limits: Limits.HTTP(),
            handler: TestHandler()
        )
        #expect(try RawClient(port: second.port).exchange(Self.request).status == 200)
    }
}
