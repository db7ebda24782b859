import Limits

/// One request to another service.
package struct HTTPClientRequest: Sendable {
    /// A method's name in capitals: `GET`, `POST`.
    package var method: String
    /// Absolute, `http` or `https`.
    package var url: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// From looking up the name to the last byte of the answer.
    package var timeout: Duration
    /// Redirects followed before giving up; 0 hands a redirect back as the answer.
    package var redirects = 0
    /// Where the request, and each redirect of it, may go: judged by the address connected to, not by the name.
    package var addresses = AddressPolicy.any

    package init(
        method: String = "GET",
        url: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = [],
        timeout: Duration = .milliseconds(Limits.Client().requestMilliseconds)
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }

    /// Scheme, host and port: what a log line may show, since path, query and user may hold secrets.
    var destination: String {
        guard let scheme = url.firstRange(of: "://") else { return "an address without a scheme" }
        let rest = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
        let host = rest.lastIndex(of: "@").map { rest[rest.index(after: $0)...] } ?? rest
        return "\(url[..<scheme.upperBound])\(host)"
    }
}

/// An answer, whatever its status: only a request that got none is an error.
package struct HTTPClientResponse: Sendable {
    package let status: Int
    /// In the order received, names as sent.
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }

    /// The first header of that name, whatever its case.
    package func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name.lowercased() == name }?.value
    }
}
