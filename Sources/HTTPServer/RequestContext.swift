import Limits

/// What a request needs of the server around it.
final class RequestContext {
    let handler: any HTTPHandler
    let mailbox: Mailbox
    /// Request line and headers together, in bytes.
    let headerBytes: Int
    /// Of a body that is thrown away for the sake of the connection, in bytes.
    let discardedBytes: Int
    /// Of a stream's body waiting to be sent, in bytes.
    let streamBytes: Int
    let reportError: @Sendable (String) -> Void
    /// The server is stopping: every answer is a connection's last.
    var closing = false
    /// The server is going down: no request may be set aside any more.
    var ended = false

    init(
        handler: any HTTPHandler,
        mailbox: Mailbox,
        limits: Limits.HTTP,
        reportError: @escaping @Sendable (String) -> Void
    ) {
        self.handler = handler
        self.mailbox = mailbox
        self.reportError = reportError
        headerBytes = limits.headerBytes
        discardedBytes = limits.bodyBytes
        streamBytes = limits.streamBytes
    }
}
