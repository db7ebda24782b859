import Foundation
import HTTPServer
import Limits
import Synchronization
import TestSupport
import Testing

/// Answers whose bodies come in pieces.
@Suite(.apart) struct StreamTests {
    static let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    /// What a producer has done, and what it is let do next.
    final class Script: Sendable {
        let pieces = AsyncStream.makeStream(of: String.self)
        let written = Atomic(0)
        let mostWaiting = Atomic(0)
        let wasCancelled = Atomic(false)
        let calls = Atomic(0)
        var most: Int { mostWaiting.load(ordering: .relaxed) }
        var count: Int { written.load(ordering: .relaxed) }
        var callCount: Int { calls.load(ordering: .relaxed) }
        var isCancelled: Bool { wasCancelled.load(ordering: .relaxed) }
        private let over = DispatchSemaphore(value: 0)

        func end() { over.signal() }
        func isOver() -> Bool { over.wait(timeout: .now() + 10) == .success }

        func note(_ count: Int, _ writer: HTTPBodyWriter) {
            written.add(count, ordering: .relaxed)
            mostWaiting.max(writer.backlog, ordering: .relaxed)
        }
    }

    /// Answers with what the test says, piece by piece, until it ends the pieces.
    private static func following(_ script: Script, isEndless: Bool = false) -> TestHandler {
        TestHandler { exchange in
            let stream = HTTPStream(isEndless: isEndless) { writer in
                defer { script.end() }
                script.calls.add(1, ordering: .relaxed)
                for await piece in script.pieces.stream { try await writer.write(Array(piece.utf8)) }
                script.wasCancelled.store(Task.isCancelled, ordering: .relaxed)
                if Task.isCancelled { try await writer.write(Array("bye".utf8)) }
            }
            exchange.respond(HTTPResponse(status: 200, headers: [("Content-Type", "text/plain")], stream: stream))
        }
    }

    /// Answers with so many pieces of 10,000 bytes, each full of its number.
    private static func pieces(_ count: Int, _ script: Script, isEndless: Bool = false) -> TestHandler {
        TestHandler { exchange in
            let stream = HTTPStream(isEndless: isEndless) { writer in
                defer {
                    script.wasCancelled.store(Task.isCancelled, ordering: .relaxed)
                    script.end()
                }
                for index in 0..<count {
                    try await writer.write([UInt8](repeating: UInt8(index % 251), count: 10_000))
                    script.note(10_000, writer)
                }
            }
            exchange.respond(HTTPResponse(status: 200, stream: stream))
        }
    }

    private static func limits(_ change: (inout Limits.HTTP) -> Void) -> Limits.HTTP {
        var limits = Limits.HTTP()
        change(&limits)
        return limits
    }

    @Test func eachPieceArrivesAsItIsMade() throws {
        let script = Script()
        let server = try startServer(Self.following(script))
        let client = try RawClient(port: server.port)
        try client.send(Self.request)
        let head = try client.text(endingWith: "\r\n\r\n")
        #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(head.contains("Transfer-Encoding: chunked\r\n"))
        #expect(!head.lowercased().contains("content-length"))
        for piece in ["first", "second", "third"] {
            script.pieces.continuation.yield(piece)
            #expect(try client.text(endingWith: "\r\n") == "\(piece.utf8.count)\r\n\(piece)\r\n")
        }
        script.pieces.continuation.finish()
        #expect(try client.text(endingWith: "\r\n\r\n") == "0\r\n\r\n")
        #expect(!script.isCancelled)
    }

    @Test func theConnectionIsKept() throws {
        let server = try startServer(Self.pieces(3, Script()))
        let client = try RawClient(port: server.port)
        for _ in 0..<3 {
            _ = try client.exchange(Self.request)
            #expect(try client.chunkedBody().count == 30_000)
        }
    }

    @Test func aLongBodyArrivesWholeAndOnlySoMuchOfItWaits() throws {
        let script = Script()
        let server = try startServer(Self.pieces(5_000, script), limits: Self.limits { $0.streamBytes = 50_000 })
        let client = try RawClient(port: server.port)
        _ = try client.exchange(Self.request)
        let body = try client.chunkedBody()
        #expect(body.count == 50_000_000)
        let isWhole = (0..<5_000).allSatisfy { index in
            let piece = body[(index * 10_000)..<((index + 1) * 10_000)]
            return piece.first == UInt8(index % 251) && piece.last == piece.first
        }
        #expect(isWhole)
        #expect(script.most <= 50_000)
    }

    @Test func aPieceLargerThanWhatMayWaitIsTakenAlone() throws {
        let server = try startServer(Self.pieces(20, Script()), limits: Self.limits { $0.streamBytes = 1_000 })
        let client = try RawClient(port: server.port)
        _ = try client.exchange(Self.request)
        #expect(try client.chunkedBody().count == 200_000)
    }

    /// 10 GB would be made for a client that takes nothing, if nothing made the producer wait.
    @Test func whoTakesNothingIsDropped() async throws {
        let script = Script()
        let server = try startServer(
            Self.pieces(1_000_000, script),
            limits: Self.limits { $0.streamStallSeconds = 1 }
        )
        let client = try RawClient(port: server.port, receiveBuffer: 4_096)
        try client.send(Self.request)
        #expect(script.isOver())
        #expect(script.isCancelled)
        #expect(script.count < 50_000_000)
        try await eventually { server.openConnections == 0 }
    }

    /// Neither the time of a stalled reader nor that of an idle connection is for a stream that has nothing to say.
    @Test func silenceIsNoStall() throws {
        let script = Script()
        let server = try startServer(
            Self.following(script),
            limits: Self.limits { ($0.streamStallSeconds, $0.idleSeconds) = (1, 1) }
        )
        let client = try RawClient(port: server.port)
        try client.send(Self.request)
        _ = try client.text(endingWith: "\r\n\r\n")
        #expect(try !client.isEnded(within: 3_500))
        script.pieces.continuation.yield("late")
        #expect(try client.text(endingWith: "\r\n") == "4\r\nlate\r\n")
    }

    @Test(arguments: [true, false])
    func aClientThatLeavesCancelsTheProducer(byReset: Bool) async throws {
        let script = Script()
        let server = try startServer(Self.following(script))
        var client: RawClient? = try RawClient(port: server.port)
        try client?.send(Self.request)
        _ = try client?.text(endingWith: "\r\n\r\n")
        if byReset { client?.reset() }
        client = nil
        #expect(script.isOver())
        #expect(script.isCancelled)
        try await eventually { server.openConnections == 0 }
    }

    @Test func aFailureOfTheProducerIsSeen() throws {
        struct Failure: Error {}
        let server = try startServer(
            TestHandler { exchange in
                let stream = HTTPStream { writer in
                    try await writer.write(Array("half".utf8))
                    throw Failure()
                }
                exchange.respond(HTTPResponse(status: 200, stream: stream))
            }
        )
        let client = try RawClient(port: server.port)
        try client.send(Self.request)
        let everything = String(decoding: try client.everything(), as: UTF8.self)
        #expect(everything.hasSuffix("4\r\nhalf\r\n"))
    }

    /// RFC 9112 §7: chunks are not for clients of HTTP/1.0; the end of the connection ends the body.
    @Test func HTTP10IsSentNoChunks() throws {
        let server = try startServer(Self.pieces(10, Script()))
        let client = try RawClient(port: server.port)
        try client.send("GET / HTTP/1.0\r\n\r\n")
        let everything = try client.everything()
        let headEnd = try #require(everything.firstRange(of: Array("\r\n\r\n".utf8)))
        let head = String(decoding: everything[..<headEnd.lowerBound], as: UTF8.self).lowercased()
        #expect(!head.contains("transfer-encoding"))
        #expect(!head.contains("content-length"))
        #expect(everything.count - headEnd.upperBound == 100_000)
    }

    @Test func HEADIsAnsweredWithoutProducing() throws {
        let script = Script()
        let server = try startServer(Self.following(script))
        let client = try RawClient(port: server.port)
        try client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        let everything = String(decoding: try client.everything(), as: UTF8.self)
        #expect(everything.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(everything.contains("Content-Type: text/plain\r\n"))
        #expect(everything.hasSuffix("\r\n\r\n"))
        #expect(!everything.contains("0\r\n\r\n"))
        #expect(script.callCount == 0)
    }

    /// More than two times the 128 events that the library takes at once.
    @Test func manyStreamsAtOnce() throws {
        let scripts = (0..<300).map { _ in Script() }
        let handlers = scripts.map { Self.following($0) }
        let server = try startServer(
            TestHandler { exchange in
                let index = exchange.head.path.dropFirst()
                handlers[Int(index) ?? 0].handle(exchange)
            }
        )
        let clients = try scripts.map { _ in try RawClient(port: server.port) }
        for (index, client) in clients.enumerated() {
            try client.send("GET /\(index) HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try client.text(endingWith: "\r\n\r\n")
        }
        for round in 0..<5 {
            for script in scripts { script.pieces.continuation.yield("round \(round)") }
            for client in clients { #expect(try client.text(endingWith: "\r\n") == "7\r\nround \(round)\r\n") }
        }
        for script in scripts { script.pieces.continuation.finish() }
        for client in clients { #expect(try client.text(endingWith: "\r\n\r\n") == "0\r\n\r\n") }
        #expect(server.openConnections == 300)
    }

    @Test func stoppingEndsAnEndlessStreamWithItsLastWords() async throws {
        let script = Script()
        let server = try startServer(Self.following(script, isEndless: true))
        let client = try RawClient(port: server.port)
        try client.send(Self.request)
        _ = try client.text(endingWith: "\r\n\r\n")
        let stopping = Task.immediate { await server.stop() }
        #expect(try client.text(endingWith: "\r\n\r\n") == "3\r\nbye\r\n0\r\n\r\n")
        #expect(try client.isEnded())
        await stopping.value
    }

    @Test func stoppingLetsAStreamWithAnEndFinish() async throws {
        let script = Script()
        let server = try startServer(Self.following(script))
        let client = try RawClient(port: server.port)
        try client.send(Self.request)
        _ = try client.text(endingWith: "\r\n\r\n")
        let stopping = Task.immediate { await server.stop() }
        try await eventually { (try? RawClient(port: server.port)) == nil }
        script.pieces.continuation.yield("whole")
        script.pieces.continuation.finish()
        #expect(try client.text(endingWith: "0\r\n\r\n") == "5\r\nwhole\r\n0\r\n\r\n")
        await stopping.value
        #expect(!script.isCancelled)
    }

    /// Once as it waits for its producer, once as it waits for its reader.
    @Test(arguments: [true, false])
    func stoppingBreaksOffWhatTakesTooLong(isSilent: Bool) async throws {
        let script = Script()
        let handler = isSilent ? Self.following(script) : Self.pieces(1_000_000, script)
        let server = try startServer(handler, limits: Self.limits { $0.drainSeconds = 1 })
        let client = try RawClient(port: server.port, receiveBuffer: 4_096)
        try client.send(Self.request)
        if isSilent { _ = try client.text(endingWith: "\r\n\r\n") }
        await server.stop()
        #expect(script.isOver())
        #expect(server.openConnections == 0)
        let end = try client.everything().suffix(5)
        #expect(Array(end) != Array("0\r\n\r\n".utf8))
    }
}
