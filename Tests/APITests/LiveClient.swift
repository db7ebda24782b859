import Foundation
import Glibc
import TestSupport

/// One who reads the live feed over a connection of its own; every wait ends after 20 seconds.
///
/// Blocking.
final class LiveClient {
    struct Event: Equatable {
        var id: String?
        var event: String?
        var data: JSON = .null
        var comment: String?
    }

    let status: Int
    let headers: String
    private let descriptor: Int32
    private var wire: [UInt8] = []
    private var text: [UInt8] = []
    private(set) var hasEnded = false

    /// Asks, and reads the head of the answer.
    ///
    /// - Parameter receiveBuffer: of the kernel, in bytes; `nil` is as it likes.
    init(
        port: UInt16,
        _ query: String = "figures=false",
        key: String = TestService.adminKey,
        headers: [String: String] = [:],
        receiveBuffer: Int32? = nil
    ) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var time = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let descriptor = descriptor
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var request = "GET /api/v1/live?\(query) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(key)\r\n"
        for (name, value) in headers { request += "\(name): \(value)\r\n" }
        let bytes = Array((request + "\r\n").utf8)
        guard connected == 0, send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            close(descriptor)
            throw TestFailure("no connection to port \(port): errno \(errno)")
        }
        var received: [UInt8] = []
        let end = Array("\r\n\r\n".utf8)
        while received.firstRange(of: end) == nil {
            guard let more = Self.receive(descriptor) else { break }
            received += more
        }
        let headEnd = received.firstRange(of: end) ?? received.count..<received.count
        self.headers = String(decoding: received[..<headEnd.lowerBound], as: UTF8.self)
        status = Int(self.headers.split(separator: " ").dropFirst().first ?? "") ?? 0
        wire = Array(received[headEnd.upperBound...])
    }

    deinit { close(descriptor) }

    /// The next event or comment; `nil` at the end of the stream.
    func next() throws -> Event? {
        let end = Array("\n\n".utf8)
        while true {
            if let range = text.firstRange(of: end) {
                defer { text.removeFirst(range.upperBound) }
                return try Self.event(String(decoding: text[..<range.lowerBound], as: UTF8.self))
            }
            guard try readChunk() else { return nil }
        }
    }

    /// The next event that is none of figures; comments are passed over.
    func stored() throws -> Event? {
        while let event = try next() { if event.event == nil, event.comment == nil { return event } }
        return nil
    }

    func stored(_ count: Int) throws -> [Event] {
        try (0..<count).map { index in
            guard let event = try stored() else { throw TestFailure("the feed ended after \(index) of \(count)") }
            return event
        }
    }

    private func readChunk() throws -> Bool {
        let line = Array("\r\n".utf8)
        while true {
            if let range = wire.firstRange(of: line),
                let length = Int(String(decoding: wire[..<range.lowerBound], as: UTF8.self), radix: 16),
                wire.count >= range.upperBound + length + 2
            {
                text += wire[range.upperBound..<(range.upperBound + length)]
                wire.removeFirst(range.upperBound + length + 2)
                hasEnded = length == 0
                return length > 0
            }
            guard let more = Self.receive(descriptor) else { return false }
            wire += more
        }
    }

    private static func receive(_ descriptor: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer[..<count]) : nil
    }

    private static func event(_ text: String) throws -> Event {
        var event = Event()
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.dropFirst().first.map { $0.drop { $0 == " " } } ?? ""
            switch parts[0] {
            case "id": event.id = String(value)
            case "event": event.event = String(value)
            case "data": event.data = try JSONDecoder().decode(JSON.self, from: Data(value.utf8))
            case "": event.comment = String(value)
            default: break
            }
        }
        return event
    }
}
