import CMicrohttpd
import Glibc

/// One client's connection and the request on it.
///
/// `@unchecked Sendable`: only the server's thread reads or changes it. Other threads merely carry the reference, from an
/// exchange back to the mailbox.
final class Connection: @unchecked Sendable {
    /// Where the current request stands; libmicrohttpd handles one request of a connection after the other.
    enum Stage {
        /// Between requests, or before the first line of one is complete.
        case awaiting
        /// The request line is there.
        case head(RequestTarget)
        /// Its body is collected, up to `limit` bytes.
        case collecting(HTTPRequestHead, limit: Int)
        /// Its answer is known; its body, up to `limit` bytes, is thrown away first so that the connection can be kept.
        case discarding(HTTPResponse, limit: Int)
        /// The handler is being called; the answer, if it gave one already.
        case handling(HTTPResponse?)
        /// The handler has returned without an answer; libmicrohttpd has set the connection aside.
        case suspended
        /// The handler's answer is there; libmicrohttpd is about to ask for it.
        case resumed(HTTPResponse)
        /// libmicrohttpd has the answer; of a stream it may be asking for more, see ``Connection/stream``.
        case answered
        /// The answer was sent in the midst of the body, of which the rest is thrown away.
        case cutOff
    }

    /// libmicrohttpd's connection; `nil` once that is gone.
    var handle: OpaquePointer?
    var stage = Stage.awaiting
    /// The body so far, or while it is thrown away only its length.
    var body: [UInt8] = []
    var bodyCount = 0
    /// The answer is to have no body.
    var isHead = false
    /// The body that is being sent, if it comes in pieces.
    var stream: StreamedBody?
    /// libmicrohttpd has set the connection aside until there is more of the stream.
    var isStreamSuspended = false
    /// Since when nothing of the stream was taken, as far as looked; `nil` when something was since the last look.
    var stalledSince: Int64?
    let remoteAddress: String
    /// Its place in the server's list.
    var index: Int

    /// When it was accepted or last answered, in milliseconds of the monotonic clock.
    private var awaitingSince: Int64
    /// When the first byte of a request that is not complete was noticed.
    private var receivingSince: Int64?
    private var isFresh = true

    init(handle: OpaquePointer, index: Int, now: Int64) {
        self.handle = handle
        self.index = index
        remoteAddress = numericAddress(http_connection_peer(handle))
        awaitingSince = now
    }

    // MARK: the time of a request

    func requestBegan(at now: Int64) {
        if receivingSince == nil { receivingSince = now }
    }

    func requestIsComplete() { receivingSince = nil }

    func requestIsOver(at now: Int64) {
        stage = .awaiting
        endStream()
        body = []
        bodyCount = 0
        awaitingSince = now
        receivingSince = nil
        isFresh = false
    }

    /// Whether a request has begun but not been received whole.
    ///
    /// Asks the kernel while not even a request line is there; to be called now and then, not for every request.
    func isReceiving(at now: Int64) -> Bool {
        if receivingSince == nil, case .awaiting = stage, hasBytesOfNextRequest(at: now) { receivingSince = now }
        return receivingSince != nil
    }

    func hasBeenReceiving(forMilliseconds limit: Int64, at now: Int64) -> Bool {
        guard isReceiving(at: now), let receivingSince else { return false }
        return now - receivingSince >= limit
    }

    /// The kernel counts in ticks of up to 10 ms: the last bytes of the request just answered may seem this much younger.
    private static let kernelTickMilliseconds: Int64 = 20

    private func hasBytesOfNextRequest(at now: Int64) -> Bool {
        guard let received = handle.flatMap({ ReceivedBytes(socket: http_connection_socket($0)) }) else { return false }
        if isFresh { return received.count > 0 }
        return now - received.millisecondsSinceLast > awaitingSince + Self.kernelTickMilliseconds
    }

    /// Whether nothing of a request is there or in progress.
    func isResting(at now: Int64) -> Bool {
        guard case .awaiting = stage else { return false }
        return !isReceiving(at: now)
    }

    // MARK: its answer

    /// Takes the answer of a handler that is still being called, on the server's thread.
    ///
    /// - Returns: `false` if it is not being called: then the connection is set aside, and the mailbox is the way.
    func answerWithinHandler(_ response: HTTPResponse) -> Bool {
        guard case .handling = stage else { return false }
        stage = .handling(response)
        return true
    }

    /// Gives the answer that the connection was set aside for.
    func resume(with response: HTTPResponse) {
        guard let handle, case .suspended = stage else { return }
        stage = .resumed(response)
        MHD_resume_connection(handle)
    }

    // MARK: its end

    /// Ends the connection: libmicrohttpd, which has no call for this, finds it closed by the client and cleans up.
    func hangUp() {
        if let handle { shutdown(http_connection_socket(handle), Int32(SHUT_RDWR)) }
    }
}
