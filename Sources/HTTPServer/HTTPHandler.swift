/// What the server calls for each request: all on its one thread, so nothing here may block.
package protocol HTTPHandler: Sendable {
    /// Decides on a request once its headers are read, before its body and before `100 Continue`.
    func admit(_ head: HTTPRequestHead) -> HTTPAdmission
    /// Handles a whole request; the answer goes through the exchange, now or later, from any thread.
    func handle(_ exchange: HTTPExchange)
    /// The answer to a body that outgrew the `limit` that ``admit(_:)`` gave, in bytes: 413.
    func tooLarge(_ head: HTTPRequestHead, limit: Int) -> HTTPResponse
}

package enum HTTPAdmission: Sendable {
    /// The request is handled if its body is at most this long.
    case accept(bodyBytes: Int)
    /// The request is answered at once; its body, if any, is thrown away.
    case refuse(HTTPResponse)
}
