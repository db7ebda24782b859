import Chat
import HTTPServer
import History
import JSON
import Limits
import MongoDB

extension Routes {
    /// Who did what, and who read what.
    static func audit(_ database: Database, _ limits: Limits.Query) -> [Route] {
        let action = Parameter.identifier("action", in: .query, "What was done: `message.read`, `message.flag`, ….")
            .optional
        let key = Parameter.identifier("key", in: .query, "The API key's id, `ADMIN_API_KEY` or `command`.").optional
        let actor = Parameter.identifier("actor", in: .query, "The user who did it.").optional
        let kind = Parameter.identifier("kind", in: .query, "The kind of thing it was done to: `message`, `user`, ….")
            .optional
        let subject = Parameter.identifier("subject", in: .query, "The id of the thing it was done to.").optional
        let user = Parameter.identifier("user", in: .query, "The user whom it concerns.").optional
        let from = Parameter.instant("from", "From then on.").optional
        let until = Parameter.instant("until", "Before then.").optional
        let limit = Parameter.pageSize("Entries on a page.", limits)
        let cursor = Parameter<ListPosition>.cursor(.audit).optional
        return [
            Route(
                "GET",
                "/api/v1/audit",
                access: .admin,
                answers: .audit,
                "The audit trail, latest first: acts, and readings of what people wrote.",
                [action, key, actor, kind, subject, user, from, until, limit, cursor]
            ) { request in
                var filter = AuditFilter()
                (filter.action, filter.key, filter.actor) = (request[action], request[key], request[actor])
                (filter.subjectKind, filter.subject) = (request[kind], request[subject])
                (filter.user, filter.from, filter.until) = (request[user], request[from], request[until])
                let (wanted, position, limit) = (filter, request[cursor], request[limit])
                let page = try await database.run { (queries) throws(MongoError) in
                    try queries.audit(wanted, after: position, limit: limit)
                }
                return .page(page.rows, next: page.next?.cursor(.audit)) { $0.writeFields(to: &$1) }
            }
        ]
    }
}
