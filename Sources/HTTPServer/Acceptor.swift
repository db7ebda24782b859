import CMicrohttpd
import Glibc

/// Hands the clients that want to connect to a libmicrohttpd daemon.
///
/// The daemon could do that itself, but takes eleven a round: a thousand that come at once on a busy server would wait for
/// ninety rounds.
struct Acceptor: ~Copyable {
    private let socket: ListeningSocket
    /// In milliseconds of the monotonic clock.
    private(set) var pausedUntil: Int64 = 0

    /// Connections accepted before those that are open are served again.
    private static let connectionsPerRound = 256
    /// How long no connection is accepted once the process has no descriptors left: each attempt would fail.
    private static let pauseMilliseconds: Int64 = 500

    init(_ socket: consuming ListeningSocket) { self.socket = socket }

    /// The descriptor to wait for, or -1, which poll(2) passes over, while none may connect.
    func descriptor(room: Int, at now: Int64) -> Int32 { room > 0 && now >= pausedUntil ? socket.descriptor : -1 }

    /// - Parameter room: further clients wait in the kernel's backlog.
    mutating func accept(for daemon: OpaquePointer?, room: Int, at now: Int64, reportError: (String) -> Void) {
        var address = sockaddr_storage()
        var length = socklen_t()
        for _ in 0..<min(room, Self.connectionsPerRound) {
            switch socket.accept(&address, &length) {
            case .connection(let descriptor):
                // The daemon closes the descriptor when it is done with it, also if it refuses the connection.
                _ = withUnsafeBytes(of: &address) {
                    MHD_add_connection(
                        daemon,
                        descriptor,
                        $0.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                        length
                    )
                }
            case .nobody:
                return
            case .exhausted(let errno):
                pausedUntil = now + Self.pauseMilliseconds
                reportError("cannot accept a connection: \(String(cString: strerror(errno))); trying again")
                return
            }
        }
    }
}
