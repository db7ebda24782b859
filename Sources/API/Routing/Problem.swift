import HTTPServer
import JSON

/// An answer that is not a success.
///
/// Source: RFC 9457.
///
/// Holds nothing that a client sent but the name of a parameter, cut to what can be printed.
struct Problem: Error, Equatable {
    var status: Int
    var detail: String
    /// What of the request is wrong, by its name.
    var parameter: String?
    var headers: [Header] = []

    struct Header: Equatable {
        let name: String
        let value: String
    }

    init(_ status: Int, _ detail: String, parameter: String? = nil, headers: KeyValuePairs<String, String> = [:]) {
        (self.status, self.detail, self.parameter) = (status, detail, parameter)
        self.headers = headers.map(Header.init)
    }

    /// A parameter is not what is allowed.
    static func parameter(_ name: String, _ detail: String) -> Problem { Problem(400, detail, parameter: name) }

    static func notFound(_ what: String) -> Problem { Problem(404, "There is no such \(what).") }

    static func unavailable(_ detail: String, retryAfter seconds: Int) -> Problem {
        Problem(503, detail, headers: ["Retry-After": "\(seconds)"])
    }

    static func tooLarge(limit: Int) -> Problem { Problem(413, "The body is larger than \(limit) bytes.") }

    static func methodNotAllowed(_ allowed: String) -> Problem {
        Problem(405, "This path takes \(allowed).", headers: ["Allow": allowed])
    }

    static let internalFault = Problem(500, "The service failed to answer; its log says why.")

    var response: HTTPResponse {
        var writer = JSONWriter(capacity: 256)
        writer.object {
            // The title says what the status says; what is special is in detail and parameter.
            $0.field("type", "about:blank")
            $0.field("title", title)
            $0.field("status", status)
            $0.field("detail", detail)
            if let parameter { $0.field("parameter", parameter) }
        }
        let type = (name: "Content-Type", value: "application/problem+json")
        return HTTPResponse(
            status: status,
            headers: [type] + headers.map { (name: $0.name, value: $0.value) },
            body: writer.bytes
        )
    }

    /// Source: RFC 9110 §15.
    var title: String {
        switch status {
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 429: "Too Many Requests"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        default: "Internal Server Error"
        }
    }
}
