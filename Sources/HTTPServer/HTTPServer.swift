package import Limits
import Synchronization

/// An HTTP/1.1 server on one thread of its own.
///
/// It serves from its making until ``stop()`` or until it is released. Slow senders, long headers and bodies, and too many
/// connections are kept off by `Limits.HTTP`.
package final class HTTPServer: Sendable {
    /// The port listened on, also when any free one was asked for.
    package let port: UInt16
    private let limits: Limits.HTTP
    private let mailbox: Mailbox

    /// Binds and starts serving; blocks while a host name is resolved.
    ///
    /// - Parameters:
    ///   - host: a numeric IPv4 or IPv6 address of this machine, or a name of it; `::` is every address of both kinds.
    ///   - port: 0 is any free port.
    ///   - onError: is told, on the server's thread, of faults that no request can be answered with.
    package init(
        host: String,
        port: UInt16,
        limits: Limits.HTTP,
        handler: any HTTPHandler,
        onError: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(HTTPServerError) {
        let socket = try ListeningSocket(host: host, port: port)
        let mailbox = try Mailbox()
        self.port = socket.port
        self.limits = limits
        self.mailbox = mailbox
        try ServerLoop.start(on: socket, limits: limits, handler: handler, mailbox: mailbox, reportError: onError)
    }

    deinit { mailbox.requestStop(drainSeconds: 0) }

    package var openConnections: Int { mailbox.openConnections.load(ordering: .relaxed) }

    /// Takes no new connections, finishes the requests in progress within `limits.drainSeconds`, closes all, and returns.
    ///
    /// May be called again and from several tasks; each call returns once the server is down.
    package func stop() async {
        mailbox.requestStop(drainSeconds: limits.drainSeconds)
        await mailbox.untilClosed()
    }
}
