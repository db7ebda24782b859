import Foundation
import HTTPServer
import Limits
import Randomness
import TestSupport
import Testing

/// What is not HTTP is answered as such, or dropped, and harms nobody else.
@Suite(.apart) struct MalformedRequestTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let status: Int
        let request: String

        init(_ fault: String, _ status: Int, _ request: String) {
            testDescription = fault
            self.status = status
            self.request = request
        }
    }

    static let cases = [
        Case("no Host", 400, "GET / HTTP/1.1\r\n\r\n"),
        Case("a header without a colon", 400, "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n"),
        Case("a length in words", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: five\r\n\r\n"),
        Case("a negative length", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n"),
        Case("a signed length", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello"),
        Case(
            "two lengths",
            400,
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"
        ),
        Case(
            "a length and chunks",
            400,
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello"
        ),
        Case("an unknown coding", 501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
        Case("a chunk without size", 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
        Case(
            "a long header",
            431,
            "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "x", count: 20_000) + "\r\n\r\n"
        ),
        Case("a long target", 414, "GET /" + String(repeating: "x", count: 30_000) + " HTTP/1.1\r\nHost: a\r\n\r\n"),
        Case("another version", 505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
    ]

    @Test(arguments: cases)
    func isRefused(_ example: Case) throws {
        let server = try startServer()
        let client = try RawClient(port: server.port)
        #expect(try client.exchange(example.request).status == example.status)
        #expect(try client.isEnded())
        #expect(try RawClient(port: server.port).exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
    }

    /// The limit is exact: the longest head allowed passes, one byte more does not.
    @Test func headersAreAllowedUpToTheLimit() throws {
        let server = try startServer()
        let frame = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n".utf8.count
        for (excess, status) in [(0, 200), (1, 431)] {
            let value = String(repeating: "x", count: Limits.HTTP().headerBytes - frame + excess)
            let client = try RawClient(port: server.port)
            #expect(try client.exchange("GET / HTTP/1.1\r\nHost: a\r\nX: \(value)\r\n\r\n").status == status)
        }
    }

    @Test func randomDamageHarmsNobody() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix(seed: seed)
        let server = try startServer()
        let good = Array("POST /a%20b?c=d HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello".utf8)
        for round in 0..<1_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
                }
            }
            let client = try RawClient(port: server.port)
            try client.send(bytes)
            client.reset()
            guard round % 100 == 99 else { continue }
            let answer = try RawClient(port: server.port).exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(answer.status == 200, "seed \(seed), round \(round)")
        }
        try await eventually("seed \(seed)") { server.openConnections == 0 }
    }
}
