import Crypto
import Foundation

/// The ids of acknowledged bodies, a line each, written before the sender waits for the next answers.
///
/// A body that is acknowledged twice is listed twice.
struct AcknowledgedFile: ~Copyable {
    private let descriptor: Int32
    private let path: String
    private var lines: [UInt8] = []

    init(path: String) throws(ReplayFault) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ReplayFault("\(path): cannot be written: \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    mutating func add(_ body: [UInt8]) {
        lines.append(contentsOf: Hex.encode(SHA256.digest(body)).utf8)
        lines.append(UInt8(ascii: "\n"))
    }

    mutating func flush() throws(ReplayFault) {
        var rest = lines[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw ReplayFault("\(path): cannot be written: \(String(cString: strerror(errno)))")
            }
            rest = rest.dropFirst(count)
        }
        lines.removeAll(keepingCapacity: true)
    }
}
