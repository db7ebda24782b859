import Foundation
import Synchronization

/// A port of the loopback address on which nothing listened just now, and that no other test is given.
///
/// None that the system gives to connections: whoever is killed on it finds it free when started again.
package func freePort() throws -> Int {
    for _ in 0..<100 {
        let port = Int.random(in: 20_000..<32_768)
        guard given.withLock({ $0.insert(port).inserted }) else { continue }
        guard let (descriptor, _) = try? boundSocket(port, { listen($0, 8) == 0 }) else { continue }
        close(descriptor)
        return port
    }
    throw TestFailure("100 ports between 20000 and 32767 are all taken")
}

private let given = Mutex<Set<Int>>([])

/// A port of the loopback address on which nobody will listen: it is taken, and connecting to it is refused.
package func closedPort() throws -> Int { try closed.get() }

/// Held as long as the tests run; the same for all.
private let closed = Result { try boundSocket(0) { _ in true }.port }

/// A socket that listens on a free port of the loopback address; closed by who asked for it.
package func listeningSocket() throws -> (descriptor: Int32, port: Int) {
    try boundSocket(0) { listen($0, 8) == 0 }
}

private func boundSocket(_ port: Int, _ prepare: (Int32) -> Bool) throws -> (descriptor: Int32, port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw TestFailure("no socket: errno \(errno)") }
    var address = loopback(port: port)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isReady = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, size) == 0 && prepare(descriptor) && getsockname(descriptor, $0, &size) == 0
        }
    }
    guard isReady else {
        close(descriptor)
        throw TestFailure("no port: errno \(errno)")
    }
    return (descriptor, Int(in_port_t(bigEndian: address.sin_port)))
}

/// Whether something accepts connections on this port of the loopback address.
package func isListening(on port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = loopback(port: port)
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}

private func loopback(port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    return address
}
