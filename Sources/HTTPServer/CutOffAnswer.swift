import CMicrohttpd
import Glibc

extension HTTPResponse {
    /// Sends this answer past libmicrohttpd, which takes none while a body arrives, and ends our side of the connection.
    ///
    /// - Returns: whether all of it fitted the socket's buffer; if not, the connection is of no further use.
    func cutOff(on socket: Int32) -> Bool {
        let bytes = serialized()
        let sent = bytes.withUnsafeBytes {
            send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
        return sent == bytes.count && shutdown(socket, Int32(SHUT_WR)) == 0
    }

    /// Sends the part of this answer that is to be sent before the connection ends.
    func sendBrokenOff(on socket: Int32) {
        guard case .after(let bodyBytes) = breakOff else { return }
        let bytes = serialized().dropLast(max(0, body.count - bodyBytes))
        _ = bytes.withUnsafeBytes {
            send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
    }

    /// The answer as it goes over the wire, ending the connection (RFC 9112 §2.1).
    private func serialized() -> [UInt8] {
        let reason = MHD_get_reason_phrase_for(UInt32(clamping: status)).map { String(cString: $0) } ?? ""
        var text = "HTTP/1.1 \(status) \(reason)\r\nDate: \(Self.date())\r\nConnection: close\r\n"
        for (name, value) in headers where !Self.isOwnedByServer(name) && Self.isSafe(name) && Self.isSafe(value) {
            text += "\(name): \(value)\r\n"
        }
        return Array("\(text)Content-Length: \(body.count)\r\n\r\n".utf8) + body
    }

    private static func isSafe(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }

    /// Now, as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
    private static func date() -> String {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            strftime(start, buffer.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            return String(cString: start)
        }
    }
}
