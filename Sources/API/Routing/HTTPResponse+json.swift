import HTTPServer
import JSON

extension HTTPResponse {
    /// A JSON object of the fields that `write` writes.
    static func json(_ status: Int = 200, _ write: (inout JSONWriter) -> Void) -> HTTPResponse {
        var writer = JSONWriter(capacity: 1_024)
        writer.object { write(&$0) }
        return HTTPResponse(status: status, headers: [("Content-Type", "application/json")], body: writer.bytes)
    }

    /// No answer of the interface may be kept by anyone on the way, unless it says so itself, or be taken for another type
    /// than it says.
    var guarded: HTTPResponse {
        var response = self
        if !headers.contains(where: { $0.name == "Cache-Control" }) {
            response.headers.append(("Cache-Control", "no-store"))
        }
        response.headers.append(("X-Content-Type-Options", "nosniff"))
        return response
    }
}
