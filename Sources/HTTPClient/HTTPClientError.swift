/// Why a request got no answer.
package struct HTTPClientError: Error, Equatable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable {
        /// No name, no route, nobody listening, or the connection broke.
        case unreachable
        case timedOut
        /// The other side's certificate or protocol was not accepted.
        case untrusted
        /// The answer is larger than the limit.
        case tooLarge
        /// The answer is not HTTP.
        case malformed
        /// The request itself cannot be sent: address, scheme, method or header.
        case invalidRequest
        /// The name stands only for addresses that the request may not go to.
        case forbiddenAddress
        case cancelled
    }

    package let kind: Kind
    /// What was tried, what happened, what to do; names no path, query, header or body.
    package let description: String
    /// Some of the request went out: it may have been carried out, in whole.
    ///
    /// After a redirect this is true of the first request, whatever became of the next.
    package internal(set) var mayHaveBeenSent = false

    init(_ kind: Kind, _ request: HTTPClientRequest, _ reason: String) {
        self.kind = kind
        description = "\(request.method) \(request.destination): \(reason)"
    }

    static func forbiddenAddress(_ request: HTTPClientRequest) -> HTTPClientError {
        let reason = "the address is not public (loopback, private, link-local or reserved) and not among those allowed"
        return HTTPClientError(.forbiddenAddress, request, "\(reason). Allow its range if it is meant.")
    }

    /// Trying again unchanged may succeed; see ``mayHaveBeenSent``.
    package var isRetriable: Bool { kind == .unreachable || kind == .timedOut }
}
