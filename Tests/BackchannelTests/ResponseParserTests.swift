import Limits
import Testing

@testable import backchannel

struct ResponseParserTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        let answer: HTTPAnswer
        /// Complete only once the connection is closed.
        var endsWithConnection = false
    }

    private static func answer(
        _ status: Int,
        keeps: Bool = true,
        retryAfter: Int? = nil,
        body: String = ""
    ) -> HTTPAnswer {
        HTTPAnswer(
            status: status,
            retryAfterSeconds: retryAfter,
            keepsConnection: keeps,
            bodyStart: Array(body.utf8)
        )
    }

    static let cases = [
        Case(
            testDescription: "content length",
            text: "HTTP/1.1 200 OK\r\nContent-Length: 16\r\nDate: x\r\n\r\n{\"success\":true}",
            answer: answer(200)
        ),
        Case(testDescription: "no body", text: "HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n", answer: answer(200)),
        Case(testDescription: "no reason", text: "HTTP/1.1 202 \r\nContent-Length: 0\r\n\r\n", answer: answer(202)),
        Case(testDescription: "no content", text: "HTTP/1.1 204 No Content\r\n\r\n", answer: answer(204)),
        Case(testDescription: "bare line feeds", text: "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", answer: answer(200)),
        Case(
            testDescription: "refusal with its body",
            text: "HTTP/1.1 401 Unauthorized\r\nContent-Length: 3\r\nConnection: close\r\n\r\nwhy",
            answer: answer(401, keeps: false, body: "why")
        ),
        Case(
            testDescription: "retry after",
            text: "HTTP/1.1 503 x\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n",
            answer: answer(503, retryAfter: 2)
        ),
        Case(
            testDescription: "retry after a date",
            text: "HTTP/1.1 503 x\r\nRetry-After: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n",
            answer: answer(503)
        ),
        Case(
            testDescription: "chunked",
            text: "HTTP/1.1 400 x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n, world!!!\r\n0\r\n\r\n",
            answer: answer(400, body: "hello, world!!!")
        ),
        Case(
            testDescription: "chunked with trailers",
            text: "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n1\r\nx\r\n0\r\nA: b\r\nC: d\r\n\r\n",
            answer: answer(200)
        ),
        Case(
            testDescription: "after 100 Continue",
            text: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            answer: answer(200)
        ),
        Case(
            testDescription: "HTTP/1.0",
            text: "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
            answer: answer(200, keeps: false)
        ),
        Case(
            testDescription: "HTTP/1.0 kept open",
            text: "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx",
            answer: answer(200)
        ),
        Case(
            testDescription: "until the connection ends",
            text: "HTTP/1.1 500 x\r\n\r\nsome words",
            answer: answer(500, keeps: false, body: "some words"),
            endsWithConnection: true
        ),
    ]

    /// However the bytes are cut, the answer is the same, and comes with the last byte.
    @Test(arguments: cases)
    func readsEveryCut(_ example: Case) throws {
        let bytes = Array(example.text.utf8)
        for cut in 0...bytes.count {
            var parser = ResponseParser()
            var answer = try parser.feed(Array(bytes[..<cut]))
            if answer == nil { answer = try parser.feed(Array(bytes[cut...])) }
            if example.endsWithConnection {
                #expect(answer == nil)
                answer = try parser.end()
            }
            #expect(answer == example.answer, "cut at \(cut)")
            #expect(parser.isUntouched, "ready for the next response")
        }
    }

    @Test(arguments: cases)
    func readsByteByByte(_ example: Case) throws {
        var parser = ResponseParser()
        var answers: [HTTPAnswer] = []
        for byte in example.text.utf8 { if let answer = try parser.feed([byte]) { answers.append(answer) } }
        if example.endsWithConnection { answers.append(try parser.end()) }
        #expect(answers == [example.answer])
    }

    @Test func readsOneResponseAfterTheOther() throws {
        var parser = ResponseParser()
        for status in [200, 401, 200] {
            let answer = try parser.feed(Array("HTTP/1.1 \(status) x\r\nContent-Length: 1\r\n\r\ny".utf8))
            #expect(answer?.status == status)
        }
    }

    @Test(arguments: [
        ("HTTP/2 200\r\n", "not HTTP/1"), ("SSH-2.0-OpenSSH\r\n", "not HTTP/1"), ("HTTP/1.1 2x0 OK\r\n", "not HTTP/1"),
        ("HTTP/1.1 99 OK\r\n", "not HTTP/1"), ("HTTP/1.1 200 OK\r\nno colon\r\n", "without a colon"),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n", "no number"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n", "no number"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n", "unknown transfer encoding"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "without a size"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", "longer than announced"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200", "behind the response"),
    ])
    func refusesWhatIsNoResponse(_ text: String, _ expected: String) {
        var parser = ResponseParser()
        let fault = #expect(throws: ResponseParser.Fault.self) { _ = try parser.feed(Array(text.utf8)) }
        #expect(fault?.description.contains(expected) == true, "\(fault?.description ?? "")")
    }

    @Test func headersAreBounded() {
        var limits = Limits.Replay()
        limits.responseHeaderBytes = 100
        var parser = ResponseParser(limits: limits)
        let text = "HTTP/1.1 200 OK\r\n" + String(repeating: "A: b\r\n", count: 50)
        #expect(throws: ResponseParser.Fault("over 100 bytes of headers")) {
            _ = try parser.feed(Array(text.utf8))
        }
    }

    @Test func refusalsAreKeptInPart() throws {
        var limits = Limits.Replay()
        limits.refusalBytes = 4
        var parser = ResponseParser(limits: limits)
        let answer = try parser.feed(Array("HTTP/1.1 500 x\r\nContent-Length: 6\r\n\r\nabcdef".utf8))
        #expect(answer?.bodyStart == Array("abcd".utf8))
    }

    @Test(arguments: [("", "the connection was closed"), ("HTTP/1.1 200 OK\r\nContent-Len", "within the response")])
    func anEarlyEndIsAFault(_ text: String, _ expected: String) throws {
        var parser = ResponseParser()
        _ = try parser.feed(Array(text.utf8))
        let fault = #expect(throws: ResponseParser.Fault.self) { _ = try parser.end() }
        #expect(fault?.description.contains(expected) == true)
    }
}

extension ResponseParser {
    fileprivate mutating func feed(_ bytes: [UInt8]) throws(Fault) -> HTTPAnswer? { try feed(bytes.span) }
}
