import CMicrohttpd

/// The way of one request through libmicrohttpd's access handler, which is called once when the headers are there, then
/// for each piece of the body, then once more, and after a suspension again. Source: `MHD_AccessHandlerCallback`.
///
/// Every step returns whether libmicrohttpd is to go on with the connection.
extension Connection {
    func proceed(
        method: UnsafePointer<CChar>,
        piece: UnsafeRawBufferPointer,
        in context: RequestContext
    ) -> Bool {
        switch stage {
        case .head(let target):
            begin(method: String(cString: method), target: target, in: context)
        case .collecting(let head, let limit):
            piece.isEmpty
                ? handle(head, in: context)
                : collect(piece, limit: limit) { context.handler.tooLarge(head, limit: limit) }
        case .discarding(let response, let limit):
            piece.isEmpty ? answer(response, in: context) : discard(piece, limit: limit, then: response)
        case .resumed(let response):
            answer(response, in: context)
        case .answered:
            true
        case .cutOff:
            !piece.isEmpty
        case .awaiting, .handling, .suspended:
            false
        }
    }

    private func begin(method: String, target: RequestTarget, in context: RequestContext) -> Bool {
        guard let handle else { return false }
        isHead = method == "HEAD"
        let headerBytes = http_request_header_bytes(handle)
        guard headerBytes <= context.headerBytes else {
            let sentence = "request line and headers are longer than \(context.headerBytes) bytes\n"
            return answer(HTTPResponse(status: 431, sentence: sentence), in: context)
        }
        let head = HTTPRequestHead(
            method: method,
            target: target,
            remoteAddress: remoteAddress,
            headers: HeaderBlock(of: handle, byteCount: headerBytes)
        )
        let framing = RequestFraming(head.headers)
        if case .refused(let response) = framing { return answer(response, in: context) }
        switch context.handler.admit(head) {
        case .accept(let limit): return accept(head, framing, limit: limit, in: context)
        case .refuse(let response): return refuse(head, framing, with: response, in: context)
        }
    }

    private func accept(
        _ head: HTTPRequestHead,
        _ framing: RequestFraming,
        limit: Int,
        in context: RequestContext
    ) -> Bool {
        if case .length(let length) = framing {
            guard length <= limit else { return answer(context.handler.tooLarge(head, limit: limit), in: context) }
            body.reserveCapacity(length)
        }
        stage = .collecting(head, limit: limit)
        return true
    }

    /// Answers at once if the client waits for leave to send its body or the body is long, which costs the connection;
    /// else after the body, because closing on a client that still sends may lose it the answer (RFC 9112 §9.6).
    private func refuse(
        _ head: HTTPRequestHead,
        _ framing: RequestFraming,
        with response: HTTPResponse,
        in context: RequestContext
    ) -> Bool {
        let waits = head.headers["Expect"] != nil
        let mustEnd =
            switch framing {
            case .length(let length): length > 0 && (waits || length > context.discardedBytes)
            case .chunked: waits
            case .none, .refused: false
            }
        if mustEnd { return answer(response, in: context) }
        stage = .discarding(response, limit: context.discardedBytes)
        return true
    }

    private func collect(
        _ piece: UnsafeRawBufferPointer,
        limit: Int,
        tooLarge: () -> HTTPResponse
    ) -> Bool {
        guard piece.count <= limit - body.count else { return cutOff(with: tooLarge()) }
        body.append(contentsOf: piece)
        return true
    }

    private func discard(_ piece: UnsafeRawBufferPointer, limit: Int, then response: HTTPResponse) -> Bool {
        bodyCount += piece.count
        return bodyCount <= limit || cutOff(with: response)
    }

    /// The client may go on sending until the time of a request is over; it finds the answer and the end of our side.
    private func cutOff(with response: HTTPResponse) -> Bool {
        body = []
        stage = .cutOff
        return handle.map { response.cutOff(on: http_connection_socket($0)) } ?? false
    }

    private func handle(_ head: HTTPRequestHead, in context: RequestContext) -> Bool {
        guard !context.ended else { return answer(.stopping, in: context) }
        requestIsComplete()
        stage = .handling(nil)
        context.handler.handle(
            HTTPExchange(head: head, body: takeBody(), connection: self, mailbox: context.mailbox)
        )
        if case .handling(let response?) = stage { return answer(response, in: context) }
        // What another thread has posted meanwhile, this thread takes later: after the suspension.
        stage = .suspended
        MHD_suspend_connection(handle)
        return true
    }

    private func takeBody() -> [UInt8] {
        defer { body = [] }
        return body
    }

    private func answer(_ response: HTTPResponse, in context: RequestContext) -> Bool {
        requestIsComplete()
        stage = .answered
        if response.breakOff != nil {
            if let handle { response.sendBrokenOff(on: http_connection_socket(handle)) }
            return false  // libmicrohttpd closes the connection
        }
        if let stream = response.stream { return answer(response, with: stream, in: context) }
        let status = 200...599 ~= response.status ? response.status : 500
        if let handle, let made = response.made, !context.closing {
            return MHD_queue_response(handle, UInt32(status), made.handle) == .YES
        }
        guard let handle,
            let queued = MHDResponse(response, closing: context.closing, reportError: context.reportError)
        else {
            context.reportError("no memory for an answer; its connection is closed")
            return false
        }
        return MHD_queue_response(handle, UInt32(status), queued.handle) == .YES
    }

    private func answer(_ response: HTTPResponse, with source: HTTPStream, in context: RequestContext) -> Bool {
        if source.isEndless && context.closing { return answer(.stopping, in: context) }
        let stream = StreamedBody(source, of: self, limit: context.streamBytes, mailbox: context.mailbox)
        guard let handle,
            let queued = MHDResponse(
                response,
                stream: stream,
                isHead: isHead,
                closing: context.closing,
                reportError: context.reportError
            )
        else {
            context.reportError("no memory for an answer; its connection is closed")
            return false
        }
        self.stream = stream
        let status = 200...599 ~= response.status ? response.status : 500
        guard MHD_queue_response(handle, UInt32(status), queued.handle) == .YES else {
            endStream()
            return false
        }
        return true
    }
}

extension HeaderBlock {
    /// - Parameter byteCount: of the request line and headers, enough to hold the copy but for the lengths.
    fileprivate init(of connection: OpaquePointer, byteCount: Int) {
        self.init()
        reserveCapacity(byteCount + byteCount / 2)
        let add: MHD_KeyValueIteratorN = { block, _, name, nameLength, value, valueLength in
            block?.assumingMemoryBound(to: HeaderBlock.self).pointee.append(
                name: UnsafeRawBufferPointer(start: name, count: name == nil ? 0 : nameLength),
                value: UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueLength)
            )
            return .YES
        }
        withUnsafeMutablePointer(to: &self) { _ = MHD_get_connection_values_n(connection, .HEADER_KIND, add, $0) }
    }
}
