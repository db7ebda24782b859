import Foundation
import Limits
import TestSupport

@testable import backchannel

/// A blocking connection that stays open from request to request, for requests that a proper client would not send.
///
/// An answer that takes ten seconds is a failure.
final class KeepAliveConnection {
    private let address: SocketAddress
    private var descriptor: Int32 = -1
    private var parser = ResponseParser()
    /// Answers after which the service ended the connection, as it announced.
    private(set) var announcedEnds = 0

    /// Connects.
    init(port: Int) throws {
        guard let address = try Endpoint("http://127.0.0.1:\(port)").addresses().first else {
            throw TestFailure("127.0.0.1 has no address")
        }
        self.address = address
        try open()
    }

    deinit { close(descriptor) }

    /// - Returns: the answer's status.
    /// - Throws: when the connection ends without an answer.
    func exchange(_ request: [UInt8]) throws -> Int {
        try send(request)
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { throw TestFailure("connection cut: \(count == 0 ? "end" : error)") }
            guard let answer = try parser.feed(buffer.span.extracting(..<count)) else { continue }
            if !answer.keepsConnection { try reopen() }
            return answer.status
        }
    }

    private func send(_ request: [UInt8]) throws {
        var rest = request[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw TestFailure("sending: \(error)") }
            rest = rest.dropFirst(count)
        }
    }

    private func reopen() throws {
        close(descriptor)
        announcedEnds += 1
        parser = ResponseParser()
        try open()
    }

    private func open() throws {
        descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let result = address.bytes.withUnsafeBytes { bytes in
            bytes.baseAddress.map {
                connect(descriptor, $0.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
            }
        }
        guard result == 0 else { throw TestFailure("connecting: \(error)") }
    }

    private var error: String { String(cString: strerror(errno)) }
}
