import HTTPServer
import JSON

extension HTTPResponse {
    /// A JSON object of the fields that `write` writes.
    static func json(_ status: Int = 200, _ write: (inout JSONWriter) -> Void) -> HTTPResponse {
        var writer = JSONWriter(capacity: 1_024)
        writer.object { write(&$0) }
        return HTTPResponse(status: status, headers: [("Content-Type", "application/json")], body: writer.bytes)
    }

    /// A page of a list: its rows, and the cursor of the next page where there is one.
    static func page<Row>(
        _ rows: [Row],
        next: String?,
        _ write: (Row, inout JSONWriter) -> Void
    ) -> HTTPResponse {
        .json { $0.page(rows, next: next, write) }
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

extension JSONWriter {
    mutating func page<Row>(_ rows: [Row], next: String?, _ write: (Row, inout JSONWriter) -> Void) {
        field("data") { $0.array { for row in rows { $0.object { write(row, &$0) } } } }
        field("next", next)
    }
}
