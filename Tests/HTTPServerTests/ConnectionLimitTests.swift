import HTTPServer
import Limits
import Testing

@Suite(.apart) struct ConnectionLimitTests {
    static let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func beyondTheLimitClientsWaitForAPlace() throws {
        var limits = Limits.HTTP()
        limits.connections = 2
        let server = try startServer(limits: limits)
        var clients = try (0..<2).map { _ in try RawClient(port: server.port) }
        for client in clients { #expect(try client.exchange(Self.request).status == 200) }
        let waiting = try RawClient(port: server.port)
        try waiting.send(Self.request)
        #expect(try !waiting.isEnded(within: 300))
        #expect(server.openConnections == 2)
        clients.removeLast()
        #expect(try waiting.answer().status == 200)
    }

    @Test func anAddressHasItsOwnLimit() throws {
        var limits = Limits.HTTP()
        limits.connectionsPerAddress = 2
        let server = try startServer(host: "::", limits: limits)
        let clients = try (0..<2).map { _ in try RawClient(port: server.port) }
        for client in clients { #expect(try client.exchange(Self.request).status == 200) }
        #expect(try RawClient(port: server.port).isEnded())
        #expect(try RawClient(port: server.port, host: "::1").exchange(Self.request).status == 200)
    }
}
