/// A request without its body.
///
/// A class, because it is handed on with each piece of the body.
package final class HTTPRequestHead: Sendable {
    package let method: String
    /// Percent-decoded, without the query; as sent where decoding gives no UTF-8.
    package let path: String
    /// The path as sent, without the query.
    package let target: String?
    /// Decoded, in order; `?flag` has the value "".
    package let query: [(name: String, value: String)]
    /// The client's numeric address, or that of the proxy before it.
    package let remoteAddress: String
    let headers: HeaderBlock

    /// The first value of a header, whatever the case of its name.
    package subscript(header name: String) -> String? { headers[name] }

    init(method: String, target: RequestTarget, remoteAddress: String, headers: HeaderBlock) {
        self.method = method
        path = target.path
        self.target = target.rawPath
        query = target.query
        self.remoteAddress = remoteAddress
        self.headers = headers
    }
}
