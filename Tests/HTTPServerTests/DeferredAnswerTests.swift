import Foundation
import HTTPServer
import Synchronization
import TestSupport
import Testing

/// Answers given after `handle` has returned, from other threads.
@Suite(.apart) struct DeferredAnswerTests {
    static let request = "POST /e HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n"

    @Test func tenThousandRequestsAnsweredInBatches() throws {
        let handler = KeepingHandler()
        let server = try startServer(handler)
        let clients = try (0..<64).map { _ in try RawClient(port: server.port) }
        let (rounds, count) = (157, clients.count)
        let committer = Thread {
            for _ in 0..<rounds {
                guard let batch = try? handler.take(count) else { return }
                for exchange in batch { exchange.respond(HTTPResponse(status: 200, body: exchange.body)) }
            }
        }
        committer.start()
        for round in 0..<rounds {
            for index in clients.indices {
                try clients[index].send(Self.request + String(UnicodeScalar(UInt8(0x21 + index))) + "\(round % 10)")
            }
            for index in clients.indices {
                let answer = try clients[index].answer()
                #expect(answer.status == 200)
                #expect(answer.text == String(UnicodeScalar(UInt8(0x21 + index))) + "\(round % 10)")
            }
        }
        #expect(server.openConnections == clients.count)
    }

    /// Given within the handler or later, to a client whose next request then finds nobody.
    @Test(arguments: [true, false])
    func aHangUpEndsTheConnectionWithoutAnAnswer(_ isDeferred: Bool) async throws {
        let keeping = KeepingHandler()
        let atOnce = TestHandler(handling: { $0.respond(.hangUp) })
        let server = try startServer(isDeferred ? keeping : atOnce)
        let client = try RawClient(port: server.port)
        try client.send(Self.request + "ab")
        if isDeferred { try keeping.take(1)[0].respond(.hangUp) }
        #expect(throws: RawClient.Failure.self) { try client.answer() }
        try await eventually { server.openConnections == 0 }
    }

    @Test func anAnswerBreaksOff() throws {
        let server = try startServer(TestHandler(handling: { $0.respond(ok("0123456789").brokenOff(after: 4)) }))
        let client = try RawClient(port: server.port)
        try client.send(Self.request + "ab")
        let sent = String(decoding: try client.everything(), as: UTF8.self)
        #expect(sent.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(sent.contains("Content-Length: 10\r\n"))
        #expect(sent.hasSuffix("\r\n\r\n0123"))
    }

    /// More than one and two times the 128 events that the library takes at once.
    @Test(arguments: [128, 129, 320])
    func allSuspendedThenAnsweredAtOnce(_ count: Int) throws {
        let handler = KeepingHandler()
        let server = try startServer(handler)
        let clients = try (0..<count).map { _ in try RawClient(port: server.port) }
        for _ in 0..<5 {
            for client in clients { try client.send(Self.request + "ab") }
            for exchange in try handler.take(count) { exchange.respond(ok("x")) }
            for client in clients { #expect(try client.answer().status == 200) }
        }
    }

    /// Answers that waited until the server happens to look, which it does twice a second, would take four times as long.
    @Test func anAnswerWakesTheServer() throws {
        let handler = KeepingHandler()
        let server = try startServer(handler)
        let client = try RawClient(port: server.port)
        let duration = try ContinuousClock().measure {
            for _ in 0..<40 {
                try client.send(Self.request + "ab")
                try handler.take(1)[0].respond(ok("x"))
                #expect(try client.answer().status == 200)
            }
        }
        #expect(duration < .seconds(5))
    }

    @Test func onlyTheFirstAnswerCounts() throws {
        let handler = KeepingHandler()
        let server = try startServer(handler)
        let client = try RawClient(port: server.port)
        try client.send(Self.request + "ab")
        let exchange = try handler.take(1)[0]
        for text in ["first", "second"] { exchange.respond(ok(text)) }
        #expect(try client.answer().text == "first")
        try client.send(Self.request + "ab")
        exchange.respond(ok("third"))
        try handler.take(1)[0].respond(ok("right"))
        #expect(try client.answer().text == "right")
    }

    @Test func ofAnswersInsideTheHandlerOnlyTheFirstCounts() throws {
        let server = try startServer(
            TestHandler { exchange in
                for text in ["first", "second"] { exchange.respond(ok(text)) }
            }
        )
        let client = try RawClient(port: server.port)
        for _ in 0..<3 { #expect(try client.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n").text == "first") }
    }

    @Test func anExchangeReleasedUnansweredAnswers500() throws {
        let handler = KeepingHandler()
        let server = try startServer(handler)
        let client = try RawClient(port: server.port)
        for _ in 0..<3 {
            try client.send(Self.request + "ab")
            _ = try handler.take(1)
            #expect(try client.answer().status == 500)
        }
    }

    @Test func anExchangeReleasedInTheHandlerAnswers500() throws {
        let server = try startServer(TestHandler { _ in })
        let client = try RawClient(port: server.port)
        for _ in 0..<3 { #expect(try client.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n").status == 500) }
    }

    @Test func aPipelinedRequestWaitsForTheAnswerBefore() throws {
        let handler = KeepingHandler()
        let server = try startServer(handler)
        let client = try RawClient(port: server.port)
        try client.send(Self.request + "11" + Self.request + "22")
        for body in ["11", "22"] {
            let exchange = try handler.take(1)[0]
            #expect(String(decoding: exchange.body, as: UTF8.self) == body)
            exchange.respond(ok(body))
            #expect(try client.answer().text == body)
        }
    }

    @Test(arguments: [true, false])
    func aClientThatLeavesMeanwhileLeavesNothingBehind(byReset: Bool) async throws {
        let handler = KeepingHandler()
        let server = try startServer(handler)
        weak var released: HTTPExchange?
        for _ in 0..<20 {
            var client: RawClient? = try RawClient(port: server.port)
            try client?.send(Self.request + "ab")
            let exchange = try handler.take(1)[0]
            released = exchange
            if byReset { client?.reset() }
            client = nil
            exchange.respond(HTTPResponse(status: 200, body: [UInt8](repeating: 0x61, count: 1_000_000)))
        }
        try await eventually { server.openConnections == 0 }
        #expect(released == nil)
    }

    @Test func aClientThatOnlyEndsItsOwnSideStillGetsItsAnswer() throws {
        let handler = KeepingHandler()
        let server = try startServer(handler)
        let client = try RawClient(port: server.port)
        try client.send(Self.request + "ab")
        let exchange = try handler.take(1)[0]
        client.endSending()
        exchange.respond(ok("late"))
        #expect(try client.answer().text == "late")
        #expect(try client.isEnded())
    }
}
