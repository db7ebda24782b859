import Chat
import HTTPServer
import JSON
import Provider

extension Routes {
    /// Tokens for the app's own users.
    static func tokens(_ services: APIServices, _ database: Database) -> [Route] {
        let desk = TokenDesk(services, database)
        return ["GET", "POST"].map { method in
            Route(
                method,
                "/api/chat/token",
                access: .userToken,
                answers: method == "GET" ? .token : .tokenByBody,
                method == "GET"
                    ? "A token for the chat in exchange for the app's own user token."
                    : "The same; the app's token may be the body's field `token`."
            ) { request in
                let presented = try request.bearer ?? tokenInBody(request.body)
                let grant = try await desk.grant(presented, at: request.now)
                return .json { writer in
                    writer.field("token", grant.token)
                    writer.field("user") { $0.object { write(grant, to: &$0) } }
                    writer.field("api_key", grant.apiKey)
                    writer.field("expires_at", grant.expires.rfc3339)
                }
            }
        }
    }

    private static func write(_ grant: TokenDesk.Grant, to writer: inout JSONWriter) {
        writer.field("id", grant.user.id)
        for (name, value) in [("name", grant.user.name), ("image", grant.user.image), ("role", grant.user.role)] {
            if let value { writer.field(name, value) }
        }
    }

    private static func tokenInBody(_ body: [UInt8]) throws(Problem) -> String? {
        guard !body.isEmpty else { return nil }
        guard let root = try? JSONParser().parse(body), root.kind == .object else {
            throw Problem(400, "The body must be a JSON object.")
        }
        guard let token = root["token"], !token.isNull else { return nil }
        guard let text = token.string else { throw .parameter("token", "The body's field token must be a string.") }
        return text
    }
}
