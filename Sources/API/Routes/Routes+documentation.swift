import Blocking
import HTTPServer

/// Where the document is put once every route is known, its own among them.
final class OpenAPIPlace: Sendable {
    private let document = Locked<OpenAPIDocument?>(nil)

    func put(_ made: OpenAPIDocument) { document.withLock { $0 = made } }
    var bytes: [UInt8] { document.withLock { $0?.bytes } ?? [] }
}

extension Routes {
    /// The interface, for programs and for people.
    static func documentation(_ place: OpenAPIPlace) -> [Route] {
        func route(_ path: String, _ type: String, _ answers: RouteAnswers, _ summary: String, _ text: String) -> Route
        {
            let body = Array(text.utf8)
            return Route("GET", path, access: .open, answers: answers, summary) { _ in
                HTTPResponse(
                    status: 200,
                    headers: [
                        ("Content-Type", "\(type); charset=utf-8"),
                        ("Content-Security-Policy", DocumentationPage.policy),
                        ("Referrer-Policy", "no-referrer"),
                    ],
                    body: body
                )
            }
        }
        return [
            Route("GET", "/openapi.json", access: .open, answers: .document, "This interface in OpenAPI 3.1.") { _ in
                HTTPResponse(status: 200, headers: [("Content-Type", "application/json")], body: place.bytes)
            },
            route(
                "/docs",
                "text/html",
                .page,
                "The same as a page to read, without anything from elsewhere.",
                DocumentationPage.html
            ),
            route("/docs/page.js", "text/javascript", .script, "What that page runs.", DocumentationPage.script),
            route("/docs/page.css", "text/css", .style, "How it looks.", DocumentationPage.style),
        ]
    }
}
