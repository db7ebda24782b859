import CMicrohttpd
import Glibc

/// A body that comes in pieces: libmicrohttpd asks for them when it can send, and is told to wait while there are none.
extension Connection {
    /// - Returns: as `MHD_ContentReaderCallback` has it.
    func read(_ stream: StreamedBody, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        stalledSince = nil
        switch stream.take(into: buffer) {
        case .bytes(let count): return count
        case .nothing:
            isStreamSuspended = true
            MHD_suspend_connection(handle)
            return 0
        case .end: return -1  // MHD_CONTENT_READER_END_OF_STREAM
        case .broken: return -2  // MHD_CONTENT_READER_END_WITH_ERROR
        }
    }

    /// There is more of the stream, or its end.
    ///
    /// - Parameter stream: nothing is done if it is no longer the connection's.
    func resume(_ stream: StreamedBody) {
        guard let handle, self.stream === stream, isStreamSuspended else { return }
        isStreamSuspended = false
        stalledSince = nil
        MHD_resume_connection(handle)
    }

    /// Drops a reader that has gone or takes nothing for `stallMilliseconds`; to be called now and then.
    ///
    /// libmicrohttpd does not look at a connection that it has set aside.
    func lookAfterStream(stallMilliseconds: Int64, at now: Int64) {
        if isStreamSuspended {
            if hasClientGone { breakOffStream() }
        } else if let stalledSince {
            if now - stalledSince >= stallMilliseconds { hangUp() }
        } else {
            stalledSince = now
        }
    }

    /// Also a client that only ends its own side: the two cannot be told apart before something is sent.
    private var hasClientGone: Bool {
        var state = pollfd(fd: http_connection_socket(handle), events: Self.peerHasEnded, revents: 0)
        return poll(&state, 1, 0) > 0
    }

    /// `POLLRDHUP`, which Swift's Glibc module leaves out (poll(2)).
    private static let peerHasEnded: Int16 = 0x2000

    /// Ends the stream before its end, so that the client can see it, and the connection with it.
    func breakOffStream() {
        guard let stream else { return }
        stream.close()
        resume(stream)
    }

    /// The answer is over, for whatever reason.
    func endStream() {
        stream?.close()
        (stream, isStreamSuspended, stalledSince) = (nil, false, nil)
    }
}
