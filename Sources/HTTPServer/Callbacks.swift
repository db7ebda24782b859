import CMicrohttpd
import Glibc

extension http_daemon_options {
    /// Lets the daemon call the ``ServerLoop`` that `context` points to; all calls come from within `MHD_run` or
    /// `MHD_stop_daemon`, thus on its thread.
    mutating func setCallbacks() {
        log = report
        connection_changed = connectionChanged
        request_line = requestLine
        self.request = proceed
        request_completed = requestCompleted
    }
}

private func loop(_ context: UnsafeMutableRawPointer?) -> ServerLoop? {
    context.map { Unmanaged<ServerLoop>.fromOpaque($0).takeUnretainedValue() }
}

private func connection(_ context: UnsafeMutableRawPointer?) -> Connection? {
    context.map { Unmanaged<Connection>.fromOpaque($0).takeUnretainedValue() }
}

private func connectionChanged(
    _ context: UnsafeMutableRawPointer?,
    _ handle: OpaquePointer?,
    _ stored: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ change: MHD_ConnectionNotificationCode
) {
    guard let loop = loop(context), let handle, let stored else { return }
    switch change {
    case .CONNECTION_NOTIFY_STARTED:
        stored.pointee = Unmanaged.passRetained(loop.add(handle)).toOpaque()
    default:
        guard let connection = stored.pointee else { return }
        loop.remove(Unmanaged<Connection>.fromOpaque(connection).takeRetainedValue())
        stored.pointee = nil
    }
}

/// - Returns: the connection, which the daemon hands to the other two callbacks of the same request.
private func requestLine(
    _ context: UnsafeMutableRawPointer?,
    _ target: UnsafePointer<CChar>?,
    _ handle: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    guard let loop = loop(context), let target, let stored = http_connection_context(handle),
        let connection = connection(stored)
    else { return nil }
    connection.requestBegan(at: loop.now)
    connection.stage = .head(
        RequestTarget(UnsafeRawBufferPointer(start: target, count: strlen(target)))
    )
    return stored
}

private func proceed(
    _ context: UnsafeMutableRawPointer?,
    _: OpaquePointer?,
    _: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?,
    _: UnsafePointer<CChar>?,
    _ piece: UnsafePointer<CChar>?,
    _ pieceLength: UnsafeMutablePointer<Int>?,
    _ stored: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let loop = loop(context), let connection = connection(stored?.pointee), let method, let pieceLength else {
        return .NO
    }
    let piece = UnsafeRawBufferPointer(start: piece, count: pieceLength.pointee)
    pieceLength.pointee = 0  // all of it is taken
    return connection.proceed(method: method, piece: piece, in: loop.context) ? .YES : .NO
}

private func requestCompleted(
    _ context: UnsafeMutableRawPointer?,
    _: OpaquePointer?,
    _ stored: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _: MHD_RequestTerminationCode
) {
    guard let loop = loop(context), let connection = connection(stored?.pointee) else { return }
    connection.requestIsOver(at: loop.now)
}

/// Passes on what concerns the server; what concerns one client is that client's affair, and may contain its input.
private func report(_ context: UnsafeMutableRawPointer?, _ format: UnsafePointer<CChar>?, _ arguments: CVaListPointer?)
{
    guard let loop = loop(context), let format, let arguments else { return }
    let text = String(cString: format)
    guard ["Error accepting", "Hit process", "Call to epoll", "Error allocating"].contains(where: text.hasPrefix) else {
        return
    }
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
        guard let start = buffer.baseAddress else { return }
        vsnprintf(start, buffer.count, format, arguments)
        loop.context.reportError("libmicrohttpd: " + String(cString: start).trimmingLineEnd())
    }
}

extension String {
    fileprivate func trimmingLineEnd() -> String { hasSuffix("\n") ? String(dropLast()) : self }
}
