import Foundation
import HTTPServer
import Limits
import Testing

/// Clients that send slowly, or nothing.
@Suite(.apart) struct SlowClientTests {
    static let beginnings = [
        "GET / HTTP/1.1\r\nHost: a\r\nX: ",
        "GET /",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n",
    ]

    private static func limits(requestSeconds: Int, idleSeconds: Int) -> Limits.HTTP {
        var limits = Limits.HTTP()
        limits.requestSeconds = requestSeconds
        limits.idleSeconds = idleSeconds
        return limits
    }

    /// A byte every 0.1 s is activity, yet the request as a whole takes too long; so it does if no byte follows at all.
    @Test func requestsThatTakeTooLongAreDropped() throws {
        let server = try startServer(limits: Self.limits(requestSeconds: 1, idleSeconds: 60))
        let silent = try Self.beginnings.map { try (name: "silent after \($0)", client: RawClient(port: server.port)) }
        let trickling = try Self.beginnings.map {
            try (name: "trickling after \($0)", client: RawClient(port: server.port))
        }
        for clients in [silent, trickling] {
            for (client, beginning) in zip(clients, Self.beginnings) { try client.client.send(beginning) }
        }
        #expect(try Self.survivors(of: silent + trickling, trickling: trickling.map(\.client)) == [])
    }

    @Test func soIsTheNextRequestOfAKeptConnection() throws {
        let server = try startServer(limits: Self.limits(requestSeconds: 1, idleSeconds: 60))
        let client = try RawClient(port: server.port)
        #expect(try client.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
        #expect(try !client.isEnded(within: 1_500))
        try client.send("GET /")
        #expect(try Self.survivors(of: [("kept", client)], trickling: [client]) == [])
    }

    @Test func aRestingConnectionIsKeptForTheIdleTimeOnly() throws {
        let server = try startServer(limits: Self.limits(requestSeconds: 1, idleSeconds: 2))
        let fresh = try RawClient(port: server.port)
        let used = try RawClient(port: server.port)
        #expect(try used.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
        for client in [fresh, used] { #expect(try !client.isEnded(within: 700)) }
        for client in [fresh, used] { #expect(try client.isEnded(within: 4_000)) }
    }

    @Test func aRequestThatWaitsForItsAnswerHasAllTheTime() throws {
        let handler = KeepingHandler()
        let server = try startServer(handler, limits: Self.limits(requestSeconds: 1, idleSeconds: 1))
        let client = try RawClient(port: server.port)
        try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let exchange = try handler.take(1)[0]
        #expect(try !client.isEnded(within: 2_500))
        exchange.respond(ok("late"))
        #expect(try client.answer().text == "late")
    }

    /// Looks for some five times the second that a request may take; those that trickle send a byte in every round.
    private static func survivors(
        of clients: [(name: String, client: RawClient)],
        trickling: [RawClient]
    ) throws -> [String] {
        var alive = clients
        for _ in 0..<50 where !alive.isEmpty {
            try alive.removeAll { try $0.client.isEnded(within: 100 / clients.count) }
            for client in trickling { try? client.send("1") }  // fails once the server has ended the connection
        }
        return alive.map(\.name)
    }
}
