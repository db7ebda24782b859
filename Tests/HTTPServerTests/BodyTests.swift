import HTTPServer
import Testing

/// Requests with a body: admitted, refused, outgrown.
@Suite(.apart) struct BodyTests {
    static let bodies: [(String, String)] = [
        ("Content-Length: 5\r\n\r\nhello", "hello"),
        ("Content-Length: 0\r\n\r\n", ""),
        ("\r\n", ""),
        ("Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nTrailer: x\r\n\r\n", "hello"),
        ("Content-Length: 1000\r\n\r\n" + String(repeating: "x", count: 1_000), String(repeating: "x", count: 1_000)),
    ]

    @Test(arguments: bodies)
    func theBodyArrives(_ rest: String, body: String) throws {
        let server = try startServer()
        let client = try RawClient(port: server.port)
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let answer = try client.exchange("\(method) / HTTP/1.1\r\nHost: a\r\n\(rest)")
            #expect(answer.text == "\(method) / |\(body)")
        }
    }

    @Test func aBodyInManyPiecesArrivesWhole() throws {
        let body = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let handler = TestHandler(
            bodyBytes: body.count,
            handling: { $0.respond(HTTPResponse(status: 200, body: $0.body)) }
        )
        let server = try startServer(handler)
        let client = try RawClient(port: server.port)
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
        for start in stride(from: 0, to: body.count, by: 9_999) {
            try client.send(Array(body[start..<min(start + 9_999, body.count)]))
        }
        #expect(try client.answer().body == body)
    }

    @Test func anAcceptedBodyIsAskedFor() throws {
        let server = try startServer()
        let client = try RawClient(port: server.port)
        let head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        #expect(try client.exchange(head).status == 100)
        #expect(try client.exchange("hello").text == "POST / |hello")
    }

    @Test func aRefusedBodyIsNotAskedFor() throws {
        let server = try startServer(TestHandler(admission: { _ in .refuse(HTTPResponse(status: 401)) }))
        let client = try RawClient(port: server.port)
        let head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        #expect(try client.exchange(head).status == 401)
        #expect(try client.isEnded())
    }

    @Test(arguments: ["POST", "PUT", "PATCH", "DELETE"], ["", "Expect: 100-continue\r\n"])
    func aBodyAnnouncedTooLongIsAnsweredBeforeItComes(_ method: String, _ expect: String) throws {
        let server = try startServer()
        let client = try RawClient(port: server.port)
        let answer = try client.exchange("\(method) /p HTTP/1.1\r\nHost: a\r\n\(expect)Content-Length: 1001\r\n\r\n")
        #expect(answer.status == 413)
        #expect(answer.text == "limit 1000")
        #expect(answer.headers["x-path"] == "/p")
        #expect(try client.isEnded())
    }

    @Test func aChunkedBodyThatOutgrowsItsLimitIsCutOff() throws {
        let server = try startServer()
        let client = try RawClient(port: server.port)
        try client.send("POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        try client.send("3e8\r\n" + String(repeating: "x", count: 1_000) + "\r\n1\r\nx\r\n")
        let answer = try client.answer()
        #expect(answer.status == 413)
        #expect(answer.text == "limit 1000")
        #expect(answer.headers["x-path"] == "/p")
        #expect(answer.headers["connection"] == "close")
        #expect(answer.headers["date"]?.hasSuffix("GMT") == true)
        #expect(try client.isEnded())
    }

    @Test func aClientThatSendsOnAfterTheCutStillGetsItsAnswer() throws {
        let server = try startServer()
        let client = try RawClient(port: server.port)
        try client.send("POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        let chunk = "400\r\n" + String(repeating: "x", count: 1_024) + "\r\n"
        for _ in 0..<1_000 { try client.send(chunk) }
        #expect(try client.answer().status == 413)
    }

    /// A refusal must reach a client that does not wait for leave, and need not cost it the connection.
    @Test(arguments: [
        "Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "\r\n",
    ])
    func aRefusalKeepsTheConnection(_ rest: String) throws {
        let server = try startServer(TestHandler(admission: { _ in .refuse(ok("refused")) }))
        let client = try RawClient(port: server.port)
        for _ in 0..<3 { #expect(try client.exchange("POST / HTTP/1.1\r\nHost: a\r\n\(rest)").text == "refused") }
    }

    @Test func aLongRefusedBodyIsNotReadOn() throws {
        let server = try startServer(TestHandler(admission: { _ in .refuse(HTTPResponse(status: 503)) }))
        let client = try RawClient(port: server.port)
        #expect(try client.exchange("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n").status == 503)
        #expect(try client.isEnded())
        let endless = try RawClient(port: server.port)
        try endless.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        let chunk = "10000\r\n" + String(repeating: "x", count: 65_536) + "\r\n"
        for _ in 0..<20 { try endless.send(chunk) }
        #expect(try endless.answer().status == 503)
    }
}
