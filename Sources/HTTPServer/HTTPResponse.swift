/// An answer.
///
/// The server itself adds `Date`, `Connection` and `Content-Length`, leaves the body out where HTTP has none (`HEAD`, 204,
/// 304), and ignores these headers here.
package struct HTTPResponse: Sendable {
    /// 200 to 599; anything else is sent as 500.
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// See ``hangUp`` and ``brokenOff(after:)``.
    private(set) var breakOff: BreakOff?
    /// See ``madeOnce()``.
    private(set) var made: SharedMHDResponse?

    /// Makes the body, instead of ``body``.
    private(set) var stream: HTTPStream?

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// An answer whose body comes in pieces, however many: in chunks, or for a client of HTTP/1.0 until the connection ends.
    ///
    /// Where no body is to be sent (`HEAD`) its producer is never called.
    package init(status: Int, headers: [(name: String, value: String)] = [], stream: HTTPStream) {
        self.init(status: status, headers: headers)
        self.stream = stream
    }

    package var isStream: Bool { stream != nil }

    /// No answer at all: the connection ends, as when this side has crashed.
    package static var hangUp: HTTPResponse {
        var response = HTTPResponse(status: 500)
        response.breakOff = .atOnce
        return response
    }

    /// The same answer, of which only so many bytes of the body are sent before the connection ends.
    package func brokenOff(after bodyBytes: Int) -> HTTPResponse {
        var response = self
        response.breakOff = .after(bodyBytes: bodyBytes)
        return response
    }

    enum BreakOff: Sendable {
        case atOnce
        case after(bodyBytes: Int)
    }

    /// The same answer, made for sending now instead of for each request: for one that is sent often.
    ///
    /// Later changes to it do not show.
    package func madeOnce() -> HTTPResponse {
        precondition(stream == nil, "a stream is made for one request")
        var constant = self
        constant.made = SharedMHDResponse(self)
        return constant
    }
}

extension HTTPResponse {
    /// One sentence as plain text: for what is answered before any handler could.
    init(status: Int, sentence: String) {
        self.init(
            status: status,
            headers: [("Content-Type", "text/plain; charset=utf-8")],
            body: Array(sentence.utf8)
        )
    }

    /// The handler let go of an exchange without answering it.
    static let unanswered = HTTPResponse(status: 500, sentence: "the request was not answered\n")
    /// The server stopped before the handler answered.
    static let stopping = HTTPResponse(status: 503, sentence: "the server is stopping\n")

    /// Headers that follow from the connection and the body, never from a handler.
    static func isOwnedByServer(_ name: String) -> Bool {
        switch name.utf8.count {
        case 4: name.lowercased() == "date"
        case 10: name.lowercased() == "connection"
        case 14: name.lowercased() == "content-length"
        case 17: name.lowercased() == "transfer-encoding"
        default: false
        }
    }
}
