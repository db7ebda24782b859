import HTTPServer
import History
import Limits
import MongoDB

extension Routes {
    static func flags(_ database: Database, _ limits: Limits.API) -> [Route] {
        let path = webhookPath + "/messages/{id}"
        let id = Parameter.identifier("id", in: .path, "The message.")
        let moderator = Parameter.identifier("moderator", in: .body, "The user who decides.")
        let reason = Parameter.reason(limits)
        return [
            Route(
                "PATCH",
                "\(path)/flag",
                access: .roles([.moderator]),
                answers: .flagged,
                "Flags a message.",
                [id, reason, moderator]
            ) {
                try await flag(true, $0[id], reason: $0[reason], by: $0[moderator], $0, database)
            }.audited("message.flag", .within) { .init("message", $0[id], actor: $0[moderator]) },
            Route(
                "PATCH",
                "\(path)/unflag",
                access: .roles([.moderator]),
                answers: .flagged,
                "Takes a flag back.",
                [id, moderator]
            ) {
                try await flag(false, $0[id], reason: nil, by: $0[moderator], $0, database)
            }.audited("message.unflag", .within) { .init("message", $0[id], actor: $0[moderator]) },
        ]
    }

    private static func flag(
        _ isFlagged: Bool,
        _ id: String,
        reason: String?,
        by moderator: String,
        _ request: APIRequest,
        _ database: Database
    ) async throws -> HTTPResponse {
        let message = try await database.runRepeating { (queries) throws(MongoError) in
            try queries.flag(isFlagged, message: id, reason: reason, by: moderator, now: request.now) { author in
                request.audit.take(concerning: author)
            }
        }
        guard let message else { throw Problem.notFound("message") }
        return .json { MessageJSON.write(message, to: &$0) }
    }
}

extension Parameter where Value == String {
    /// Why somebody did something, in that person's words.
    static func reason(_ limits: Limits.API) -> Self {
        text(
            "reason",
            in: .body,
            "Why.",
            allowed: "1 to \(limits.reasonCharacters) characters",
            isAllowed: { 1...limits.reasonCharacters ~= $0.count && $0.utf8.count <= limits.bodyBytes }
        )
    }
}
