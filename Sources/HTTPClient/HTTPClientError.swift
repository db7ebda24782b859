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
        case cancelled
    }

    package let kind: Kind
    /// What was tried, what happened, what to do; names no path, query, header or body.
    package let description: String

    init(_ kind: Kind, _ request: HTTPClientRequest, _ reason: String) {
        self.kind = kind
        description = "\(request.method) \(request.destination): \(reason)"
    }

    /// Trying again unchanged may succeed.
    ///
    /// The request may have been carried out nevertheless.
    package var isRetriable: Bool { kind == .unreachable || kind == .timedOut }
}
