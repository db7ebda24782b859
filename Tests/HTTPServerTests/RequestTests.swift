import Foundation
import HTTPServer
import Synchronization
import TestSupport
import Testing

/// Requests without a body, and what the answers look like.
@Suite(.apart) struct RequestTests {
    @Test func aConnectionIsKept() throws {
        let server = try startServer()
        let client = try RawClient(port: server.port)
        for index in 0..<50 {
            let answer = try client.exchange("GET /a/\(index)?x=1 HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(answer.status == 200)
            #expect(answer.text == "GET /a/\(index) x=1|")
        }
        #expect(server.openConnections == 1)
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() throws {
        let server = try startServer()
        let client = try RawClient(port: server.port)
        try client.send((0..<20).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
        for index in 0..<20 { #expect(try client.answer().text == "GET /\(index) |") }
    }

    @Test func connectionCloseIsObeyed() throws {
        let server = try startServer()
        let client = try RawClient(port: server.port)
        #expect(try client.exchange("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").status == 200)
        #expect(try client.isEnded())
    }

    @Test func everyAnswerHasDateAndLength() throws {
        let server = try startServer(TestHandler { $0.respond(HTTPResponse(status: 404)) })
        let client = try RawClient(port: server.port)
        let answer = try client.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(answer.status == 404)
        #expect(answer.headers["content-length"] == "0")
        #expect(answer.headers["date"]?.hasSuffix("GMT") == true)
    }

    @Test func headIsAnsweredLikeGetWithoutTheBody() throws {
        let server = try startServer(TestHandler { $0.respond(ok("twelve bytes")) })
        let client = try RawClient(port: server.port)
        let answer = try client.exchange("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", withoutBody: true)
        #expect(answer.headers["content-length"] == "12")
        #expect(try client.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n").text == "twelve bytes")
    }

    @Test func headersAreFoundWhateverTheirCase() throws {
        let server = try startServer(
            TestHandler { exchange in
                let values = ["x-two", "X-ONE", "x-none"].map { exchange.head[header: $0] ?? "-" }
                exchange.respond(ok(values.joined(separator: " ")))
            }
        )
        let client = try RawClient(port: server.port)
        let answer = try client.exchange("GET / HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nX-Two: 2\r\nx-two: 3\r\n\r\n")
        #expect(answer.text == "2 1 -")
    }

    @Test func remoteAddressAndRawPathAreGiven() throws {
        let server = try startServer(
            TestHandler { $0.respond(ok("\($0.head.remoteAddress) \($0.head.target ?? "-")")) }
        )
        let client = try RawClient(port: server.port)
        #expect(try client.exchange("GET /a%2Fb?c=d HTTP/1.1\r\nHost: a\r\n\r\n").text == "127.0.0.1 /a%2Fb")
    }

    @Test(arguments: [("::1", "::1"), ("::", "127.0.0.1"), ("localhost", "127.0.0.1")])
    func listensOn(_ host: String, client address: String) throws {
        let server = try startServer(TestHandler { $0.respond(ok($0.head.remoteAddress)) }, host: host)
        let client = try RawClient(port: server.port, host: address)
        #expect(try client.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n").text == address)
    }

    @Test(arguments: [131_072, 131_073, 10_000_000])
    func longAnswersArriveWhole(_ count: Int) throws {
        let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let server = try startServer(TestHandler { $0.respond(HTTPResponse(status: 200, body: body)) })
        let client = try RawClient(port: server.port)
        for _ in 0..<2 { #expect(try client.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n").body == body) }
    }

    @Test func aClientThatLeavesWhileItIsAnsweredHarmsNobody() async throws {
        let body = [UInt8](repeating: 0x61, count: 10_000_000)
        let server = try startServer(TestHandler { $0.respond(HTTPResponse(status: 200, body: body)) })
        for _ in 0..<20 {
            let client = try RawClient(port: server.port)
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            client.reset()
        }
        try await eventually { server.openConnections == 0 }
        let client = try RawClient(port: server.port)
        #expect(try client.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n").body.count == body.count)
    }

    @Test func aHeaderThatIsNotHTTPIsLeftOutAndReported() throws {
        let errors = Mutex<[String]>([])
        let headers = [("X-Bad", "a\r\nX-Injected: 1"), ("X-Good", "1"), ("Content-Length", "7"), ("date", "never")]
        let handler = TestHandler { $0.respond(HTTPResponse(status: 200, headers: headers, body: [1])) }
        let server = try startServer(handler) { error in errors.withLock { $0.append(error) } }
        let answer = try RawClient(port: server.port).exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(answer.headers["x-good"] == "1")
        #expect(answer.headers["x-bad"] == nil && answer.headers["x-injected"] == nil)
        #expect(answer.headers["content-length"] == "1")
        #expect(errors.withLock { $0 } == ["header X-Bad of an answer is not valid HTTP and was left out"])
    }

    @Test(arguments: [0, 99, 100, 101, 199, 600, -1, 99_999])
    func aStatusThatIsNoneIsSentAs500(_ status: Int) throws {
        let server = try startServer(TestHandler { $0.respond(HTTPResponse(status: status)) })
        let client = try RawClient(port: server.port)
        #expect(try client.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n").status == 500)
        #expect(try client.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n").status == 500)
    }
}

extension TestHandler {
    init(_ handling: @escaping @Sendable (HTTPExchange) -> Void) {
        self.init()
        self.handling = handling
    }
}
