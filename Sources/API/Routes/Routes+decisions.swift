import Chat
import Decisions
import HTTPServer
import History
import JSON
import Limits
import MongoDB
import Rules

extension Routes {
    /// What the rules have decided, and why.
    static func decisions(_ services: APIServices, _ database: Database) -> [Route] {
        let limits = services.limits.query
        let rule = Parameter.identifier("rule", in: .query, "A rule that fired.").optional
        let user = Parameter.identifier("user", in: .query, "Who wrote or did what was judged.").optional
        let message = Parameter.identifier("message", in: .query, "The message that was judged.").optional
        let verdict = Parameter<Verdict>.choice("verdict", in: .query, "What the rules in force came to.").optional
        let from = Parameter.instant("from", "Events from then on.").optional
        let until = Parameter.instant("until", "Events before then.").optional
        let limit = Parameter.pageSize("Decisions on a page.", limits)
        let cursor = Parameter<ListPosition>.cursor(.decisions).optional
        let id = Parameter.identifier("id", in: .path, "The decision's `_id`, escaped as in URLs.")
        return [
            Route(
                "GET",
                decisionsPath,
                access: .roles([.moderator]),
                answers: .decisions,
                "Decisions of rules, latest event first.",
                [rule, user, message, verdict, from, until, limit, cursor]
            ) { request in
                var filter = DecisionFilter()
                (filter.rule, filter.user, filter.message) = (request[rule], request[user], request[message])
                (filter.verdict, filter.from, filter.until) = (request[verdict], request[from], request[until])
                let (position, limit, wanted) = (request[cursor], request[limit], filter)
                let page = try await database.run { (queries) throws(MongoError) in
                    try queries.decisions(wanted, after: position, limit: limit)
                }
                return .page(page.rows, next: page.next?.cursor(.decisions)) { $0.writeFields(to: &$1) }
            }.audited("decision.read", .after) {
                .init("decisions", user: $0[user], details: ["message": $0[message], "rule": $0[rule]])
            },
            Route(
                "GET",
                "\(decisionsPath)/{id}",
                access: .roles([.moderator]),
                answers: .decision,
                "One decision, with those it took the place of.",
                [id]
            ) { request in
                let record = try await record(request[id], database)
                return .json { record.writeFields(to: &$0) }
            }.audited("decision.read", .after) { .init("decision", $0[id]) },
            Route(
                "GET",
                "\(decisionsPath)/{id}/explain",
                access: .roles([.moderator]),
                answers: .explanation,
                "Why a decision came about: every rule of its set, condition by condition, and the same decision made again.",
                [id]
            ) { request in
                try await explanation(try await record(request[id], database), services, database)
            }.audited("decision.read", .after) { .init("decision", $0[id]) },
        ]
    }

    private static let decisionsPath = "/api/v1/decisions"

    private static func record(_ id: String, _ database: Database) async throws -> DecisionRecord {
        let found = try await database.run { (queries) throws(MongoError) in
            try queries.record(DecisionRecord.self, id)
        }
        guard let found else { throw Problem.notFound("decision") }
        return found
    }

    private static func explanation(
        _ record: DecisionRecord,
        _ services: APIServices,
        _ database: Database
    ) async throws -> HTTPResponse {
        guard let decision = record.decision, let settings = services.rules.settings else {
            throw Problem(409, "The decision was withdrawn: a late event has changed what it came to.")
        }
        let inForce = services.rules.inForce?.engine
        let (rerun, traces) = try await database.run { (queries) throws(MongoError) in
            let review = DecisionReview(queries, provider: services.provider, settings: settings, inForce: inForce)
            return (try review.rerun(decision), try review.traces(decision))
        }
        return .json { writer in
            writer.field("decision") { $0.object { record.writeFields(to: &$0) } }
            writer.field("rerun") { $0.object { write(rerun, to: &$0) } }
            writer.field("rules") { $0.array { for trace in traces ?? [] { trace.write(to: &$0) } } }
        }
    }

    private static func write(_ rerun: DecisionReview.Rerun, to writer: inout JSONWriter) {
        switch rerun {
        case .same: writer.field("result", "same")
        case .impossible(let reason):
            writer.field("result", "impossible")
            writer.field("reason", reason)
        case .different(let decision):
            writer.field("result", "different")
            if let decision { writer.field("decision") { $0.object { decision.writeFields(to: &$0) } } }
        }
    }
}
