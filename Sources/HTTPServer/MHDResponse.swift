import CMicrohttpd

/// A response in libmicrohttpd's hands: this reference to it is dropped with the value.
struct MHDResponse: ~Copyable {
    let handle: OpaquePointer

    /// The longest body that is copied at once, to leave together with its headers, in bytes.
    ///
    /// Longer ones are read in pieces of this size from the array they came in: no second copy of them ever exists.
    private static let pieceBytes = 131_072

    /// - Parameter reportError: is told the name of a header that HTTP does not allow; it is left out.
    init?(_ response: HTTPResponse, closing: Bool, reportError: (String) -> Void) {
        let body = response.body
        let made =
            body.count <= Self.pieceBytes
            ? body.withUnsafeBytes {
                // Copied, never written to: the parameter only lacks `const`.
                MHD_create_response_from_buffer(
                    $0.count,
                    UnsafeMutableRawPointer(mutating: $0.baseAddress),
                    .RESPMEM_MUST_COPY
                )
            }
            : MHD_create_response_from_callback(
                UInt64(body.count),
                Self.pieceBytes,
                readPiece,
                Unmanaged.passRetained(LongBody(body)).toOpaque(),
                releaseLongBody
            )
        guard let made else { return nil }
        handle = made
        add(response.headers, closing: closing, reportError: reportError)
    }

    /// An answer whose length nobody knows yet: in chunks, or for HTTP/1.0 up to the end of the connection.
    ///
    /// - Parameter isHead: such an answer ends its connection, since libmicrohttpd 0.9.75 would send the last chunk.
    init?(
        _ response: HTTPResponse,
        stream: StreamedBody,
        isHead: Bool,
        closing: Bool,
        reportError: (String) -> Void
    ) {
        let reader = Unmanaged.passRetained(stream)
        let made = MHD_create_response_from_callback(
            UInt64.max,  // MHD_SIZE_UNKNOWN
            Self.streamPieceBytes,
            readStream,
            reader.toOpaque(),
            releaseStream
        )
        guard let made else {
            reader.release()
            return nil
        }
        handle = made
        if isHead { http_response_without_chunks(made) }
        add(response.headers, closing: closing, reportError: reportError)
    }

    /// What is asked of a stream at once where it is not sent in chunks, in bytes.
    private static let streamPieceBytes = 16_384

    private func add(_ headers: [(name: String, value: String)], closing: Bool, reportError: (String) -> Void) {
        for (name, value) in headers where !HTTPResponse.isOwnedByServer(name) {
            if MHD_add_response_header(handle, name, value) != .YES {
                reportError("header \(name) of an answer is not valid HTTP and was left out")
            }
        }
        if closing { MHD_add_response_header(handle, "Connection", "close") }
    }

    deinit { MHD_destroy_response(handle) }
}

/// A response that many requests are answered with.
///
/// `@unchecked Sendable`: libmicrohttpd counts its references under a lock of its own, and nothing else of it changes.
final class SharedMHDResponse: @unchecked Sendable {
    private let response: MHDResponse
    var handle: OpaquePointer { response.handle }

    init?(_ response: HTTPResponse) {
        guard let made = MHDResponse(response, closing: false, reportError: { _ in }) else { return nil }
        self.response = made
    }
}

private final class LongBody {
    let bytes: [UInt8]
    init(_ bytes: [UInt8]) { self.bytes = bytes }
}

private func readPiece(
    _ body: UnsafeMutableRawPointer?,
    _ position: UInt64,
    _ buffer: UnsafeMutablePointer<CChar>?,
    _ room: Int
) -> Int {
    guard let body, let buffer else { return -2 }  // MHD_CONTENT_READER_END_WITH_ERROR
    let bytes = Unmanaged<LongBody>.fromOpaque(body).takeUnretainedValue().bytes
    let piece = bytes.dropFirst(Int(position)).prefix(room)
    UnsafeMutableRawBufferPointer(start: buffer, count: room).copyBytes(from: piece)
    return piece.count
}

private func releaseLongBody(_ body: UnsafeMutableRawPointer?) {
    if let body { Unmanaged<LongBody>.fromOpaque(body).release() }
}

private func readStream(
    _ stream: UnsafeMutableRawPointer?,
    _: UInt64,
    _ buffer: UnsafeMutablePointer<CChar>?,
    _ room: Int
) -> Int {
    guard let stream, let buffer else { return -2 }  // MHD_CONTENT_READER_END_WITH_ERROR
    let body = Unmanaged<StreamedBody>.fromOpaque(stream).takeUnretainedValue()
    return body.connection.read(body, into: UnsafeMutableRawBufferPointer(start: buffer, count: room))
}

private func releaseStream(_ stream: UnsafeMutableRawPointer?) {
    if let stream { Unmanaged<StreamedBody>.fromOpaque(stream).release() }
}
