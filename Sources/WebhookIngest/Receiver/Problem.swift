import HTTPServer
import JSON

/// An answer that is not a success, as problem details.
///
/// Source: RFC 9457.
enum Problem {
    static func response(
        _ status: Int,
        _ title: String,
        detail: String,
        cause: RejectionCause? = nil,
        headers: [(name: String, value: String)] = []
    ) -> HTTPResponse {
        var writer = JSONWriter(capacity: 256)
        writer.object {
            // The title says what the status says; what is special is in detail and cause.
            $0.field("type", "about:blank")
            $0.field("title", title)
            $0.field("status", status)
            $0.field("detail", detail)
            if let cause { $0.field("cause", cause.rawValue) }
        }
        return HTTPResponse(
            status: status,
            headers: [("Content-Type", "application/problem+json")] + headers,
            body: writer.bytes
        )
    }
}
