import CMicrohttpd
import Glibc

/// A bound, listening, non-blocking TCP socket; closed unless released.
struct ListeningSocket: ~Copyable {
    /// The port bound, also when 0 was asked for.
    let port: UInt16
    let descriptor: Int32

    /// Resolves the host, which blocks if that takes a name server, and listens on the first of its addresses that can
    /// be bound, IPv4 first: "localhost" is 127.0.0.1 where both exist.
    init(host: String, port: UInt16) throws(HTTPServerError) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var addresses: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, "\(port)", &hints, &addresses)
        guard status == 0, let addresses else {
            throw .unknownHost(host, reason: String(cString: gai_strerror(status)))
        }
        defer { freeaddrinfo(addresses) }

        let candidates = sequence(first: addresses) { $0.pointee.ai_next }.map(\.pointee)
        let preferred = candidates.filter { $0.ai_family == AF_INET } + candidates.filter { $0.ai_family != AF_INET }
        var failure: Int32 = EADDRNOTAVAIL
        for address in preferred {
            switch Self.listen(on: address) {
            case .success(let (descriptor, port)):
                self.descriptor = descriptor
                self.port = port
                return
            case .failure(let errno):
                failure = errno.code
            }
        }
        throw HTTPServerError(errno: failure, host: host, port: port)
    }

    deinit { close(descriptor) }

    enum Accepted {
        case connection(Int32)
        case nobody
        /// The process or the system is short of something, such as file descriptors.
        case exhausted(errno: Int32)
    }

    /// Takes the next connection that waits; its descriptor is the caller's.
    func accept(_ address: inout sockaddr_storage, _ length: inout socklen_t) -> Accepted {
        while true {
            length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let accepted = withUnsafeMutableBytes(of: &address) {
                accept4(
                    descriptor,
                    $0.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                    &length,
                    Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
                )
            }
            if accepted >= 0 { return .connection(accepted) }
            switch errno {
            case EAGAIN: return .nobody
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted(errno: errno)
            default: continue  // that client gave up, or a signal came: accept(2) says to try again
            }
        }
    }

    private struct Errno: Error {
        let code = errno
    }

    private static func listen(on address: addrinfo) -> Result<(descriptor: Int32, port: UInt16), Errno> {
        // Non-blocking: connections are accepted until nobody waits.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.ai_family, kind, 0)
        guard descriptor >= 0 else { return .failure(Errno()) }
        enable(SO_REUSEADDR, at: SOL_SOCKET, on: descriptor)
        // Inherited by accepted connections: a small answer must not wait for the acknowledgement of the one before.
        enable(TCP_NODELAY, at: Int32(IPPROTO_TCP), on: descriptor)
        guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0, Glibc.listen(descriptor, SOMAXCONN) == 0,
            let port = boundPort(descriptor)
        else {
            let failure = Errno()
            close(descriptor)
            return .failure(failure)
        }
        return .success((descriptor, port))
    }

    private static func enable(_ option: Int32, at level: Int32, on descriptor: Int32) {
        var on: Int32 = 1
        setsockopt(descriptor, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func boundPort(_ descriptor: Int32) -> UInt16? {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let bigEndian: UInt16? = withUnsafeMutablePointer(to: &address) { storage in
            // The C interface takes every kind of address by the same pointer; the port of both IP kinds lies at the
            // same place.
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) } == 0
                ? storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee.sin_port } : nil
        }
        return bigEndian.map(UInt16.init(bigEndian:))
    }
}

extension HTTPServerError {
    fileprivate init(errno code: Int32, host: String, port: UInt16) {
        switch code {
        case EADDRINUSE: self = .addressInUse(host: host, port: port)
        case EADDRNOTAVAIL: self = .addressNotAvailable(host: host, port: port)
        case EACCES, EPERM: self = .permissionDenied(host: host, port: port)
        default: self = .cannotStart(reason: "listening on \(host):\(port): \(String(cString: strerror(code)))")
        }
    }
}
