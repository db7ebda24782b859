import Foundation
import Testing

/// A blocking TCP client that sends bytes as they are and reads HTTP/1.1 answers.
///
/// Every wait ends after ten seconds.
final class RawClient {
    struct Answer: Equatable {
        var status: Int
        /// Names in lower case.
        var headers: [String: String]
        var body: [UInt8]
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
        private(set) var isEnd = false
        init(_ what: String) { description = "\(what): \(String(cString: strerror(errno)))" }

        static var end: Failure {
            var failure = Failure("the server ended the connection")
            failure.isEnd = true
            return failure
        }
    }

    private let descriptor: Int32
    private var received: [UInt8] = []

    /// - Parameter receiveBuffer: of the kernel, in bytes; `nil` is as it likes.
    init(port: UInt16, host: String = "127.0.0.1", receiveBuffer: Int32? = nil) throws {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICHOST
        var address: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &address) == 0, let address else { throw Failure("address") }
        defer { freeaddrinfo(address) }
        descriptor = socket(address.pointee.ai_family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        try setReceiveTimeout(milliseconds: 10_000)
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        guard connect(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0 else {
            throw Failure("connect")  // `deinit` closes, since all is initialized
        }
    }

    deinit { close(descriptor) }

    /// Ends the connection at once, with a reset.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Ends the client's side: the server may still answer.
    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure("send") }
            rest = rest.dropFirst(count)
        }
    }

    /// - Parameter withoutBody: the answer to a `HEAD`, whose length is announced and not sent.
    func answer(withoutBody: Bool = false) throws -> Answer {
        let end = Array("\r\n\r\n".utf8)
        var headEnd = received.firstRange(of: end)
        while headEnd == nil {
            try receiveMore()
            headEnd = received.firstRange(of: end)
        }
        let head = String(decoding: received[..<(headEnd?.lowerBound ?? 0)], as: UTF8.self)
        received.removeFirst(headEnd?.upperBound ?? 0)
        var lines = head.components(separatedBy: "\r\n")
        let statusLine = lines.removeFirst().split(separator: " ")
        var headers: [String: String] = [:]
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        }
        guard let status = Int(statusLine[1]) else { throw Failure("no status") }
        let length = withoutBody || status < 200 ? 0 : Int(headers["content-length"] ?? "0") ?? 0
        while received.count < length { try receiveMore() }
        defer { received.removeFirst(length) }
        return Answer(status: status, headers: headers, body: Array(received[..<length]))
    }

    func exchange(_ request: String, withoutBody: Bool = false) throws -> Answer {
        try send(request)
        return try answer(withoutBody: withoutBody)
    }

    /// Waits until the server ends the connection, however it does; `false` if it does not in time.
    func isEnded(within milliseconds: Int = 10_000) throws -> Bool {
        try setReceiveTimeout(milliseconds: milliseconds)
        defer { try? setReceiveTimeout(milliseconds: 10_000) }
        while true {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count == 0 || (count < 0 && errno == ECONNRESET) { return true }
            if count < 0 { return false }
        }
    }

    /// All there is until the server ends the connection.
    func everything() throws -> [UInt8] {
        do {
            while true { try receiveMore() }
        } catch let end as Failure where end.isEnd {
            return received
        }
    }

    /// Waits until what has arrived and was not taken ends with `end`, and takes it.
    func text(endingWith end: String) throws -> String {
        while !received.suffix(end.utf8.count).elementsEqual(end.utf8) { try receiveMore() }
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    /// The body of an answer in chunks whose head was taken (RFC 9112 §7.1).
    func chunkedBody() throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let line = Array("\r\n".utf8)
            while received.firstRange(of: line) == nil { try receiveMore() }
            let end = received.firstRange(of: line) ?? 0..<0
            guard let length = Int(String(decoding: received[..<end.lowerBound], as: UTF8.self), radix: 16) else {
                throw Failure("no length of a chunk")
            }
            while received.count < end.upperBound + length + 2 { try receiveMore() }
            body += received[end.upperBound..<(end.upperBound + length)]
            received.removeFirst(end.upperBound + length + 2)
            if length == 0 { return body }
        }
    }

    private func receiveMore() throws {
        let room = 262_144
        let more = try [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            let received = recv(descriptor, buffer.baseAddress, room, 0)
            guard received > 0 else { throw received == 0 ? Failure.end : Failure("recv") }
            count = received
        }
        received += more
    }

    private func setReceiveTimeout(milliseconds: Int) throws {
        var time = timeval(tv_sec: milliseconds / 1_000, tv_usec: milliseconds % 1_000 * 1_000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }
}
