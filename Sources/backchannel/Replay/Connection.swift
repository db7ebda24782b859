import Foundation
import Limits

/// A non-blocking connection and the one delivery it carries.
///
/// Belongs to the sender's thread.
final class Connection {
    enum State: Equatable {
        /// Not connected; may try again at that time (monotonic nanoseconds).
        case closed(until: UInt64)
        case connecting, idle, sending, receiving
        /// Keeps its delivery until it may be sent again.
        case waiting(until: UInt64)
    }

    /// What reading or writing led to.
    enum Outcome: Equatable {
        case pending
        case answered(HTTPAnswer)
        case lost(String)
    }

    private(set) var descriptor: Int32 = -1
    var state = State.closed(until: 0)
    var delivery: Delivery?
    /// Attempts made for the delivery.
    var attempts = 0
    /// When the delivery was due or first sent, and when this attempt began (monotonic nanoseconds).
    var startedAt: UInt64 = 0
    var attemptedAt: UInt64 = 0
    var request = ByteText(capacity: 4_096)
    /// The poller tells when there is room to send.
    var waitsForRoom = false
    /// Losses since the last answer, and failures to connect: the latter move on to the host's next address.
    var losses = 0
    var failures = 0
    private var sent = 0
    private var parser: ResponseParser

    init(limits: Limits.Replay) { parser = ResponseParser(limits: limits) }

    deinit { close() }

    func take(_ delivery: Delivery, at time: UInt64) {
        self.delivery = delivery
        attempts = 0
        startedAt = time
    }

    /// Begins to connect; `false` when the system refuses at once.
    func open(_ address: SocketAddress) -> Bool {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { return false }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        let result = address.bytes.withUnsafeBytes { bytes in
            bytes.baseAddress.map {
                connect(descriptor, $0.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
            } ?? -1
        }
        guard result == 0 || errno == EINPROGRESS else {
            close()
            return false
        }
        state = .connecting
        return true
    }

    /// After the descriptor became writable: whether the connection stands.
    func finishConnecting() -> Bool {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0, code == 0 else { return false }
        state = .idle
        return true
    }

    func close() {
        if descriptor >= 0 { _ = Foundation.close(descriptor) }
        descriptor = -1
        sent = 0
        parser = ResponseParser(limits: parser.limits)
    }

    /// Starts sending ``request``.
    func begin(at now: UInt64) -> Outcome {
        attemptedAt = now
        sent = 0
        state = .sending
        return send()
    }

    /// Sends as much as the system takes.
    func send() -> Outcome {
        while sent < request.bytes.count {
            let count = request.bytes.withUnsafeBytes { bytes in
                Foundation.send(
                    descriptor,
                    bytes.baseAddress.map { $0 + sent },
                    bytes.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                return .pending
            } else if errno != EINTR {
                return .lost("sending: \(String(cString: strerror(errno)))")
            }
        }
        state = .receiving
        return .pending
    }

    /// Reads what has arrived, once, by way of `buffer`.
    func receive(into buffer: inout [UInt8]) -> Outcome {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0 {
            return errno == EAGAIN || errno == EINTR
                ? .pending : .lost("receiving: \(String(cString: strerror(errno)))")
        }
        do throws(ResponseParser.Fault) {
            if count == 0 { return .answered(try parser.end()) }
            guard delivery != nil else { return .lost("bytes without a request") }
            return try parser.feed(buffer.span.extracting(..<count)).map { .answered($0) } ?? .pending
        } catch {
            return .lost(error.description)
        }
    }
}
