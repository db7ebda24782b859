import Chat
import HTTPServer
import History
import JSON
import Limits
import MongoDB

extension Routes {
    /// Who blocks whom.
    static func blocks(_ services: APIServices, _ database: Database) -> [Route] {
        let (path, limits) = ("/api/v1/blocks", services.limits)
        let blocker = Parameter.identifier("blocker", in: .body, "Who blocks.")
        let blocked = Parameter.identifier("blocked", in: .body, "Who is blocked.")
        let who = Parameter.identifier("blocker", in: .query, "Who blocked.")
        let whom = Parameter.identifier("blocked", in: .query, "Who was blocked.")
        let limit = Parameter.pageSize("Blocks on a page.", limits.query)
        let cursor = Parameter<ListPosition>.cursor(.blocks).optional
        return [
            Route(
                "POST",
                path,
                access: .roles([.moderator, .service]),
                answers: .block,
                "Notes that one user blocks another; rules can ask for it.",
                [blocker, blocked]
            ) { request in
                let block = UserBlock(blocker: request[blocker], blocked: request[blocked], at: request.now)
                guard block.blocker != block.blocked else {
                    throw Problem.parameter("blocked", "The body's field blocked must be another user than blocker.")
                }
                let outcome = try await database.runRepeating { (queries) throws(MongoError) in
                    try queries.block(block, limits.standing, at: request.now) { request.audit.take() }
                }
                switch outcome {
                case .erased: throw Problem(409, "One of the two users was erased.")
                case .tooMany:
                    throw Problem(409, "A user may block at most \(limits.standing.blocksPerUser) others.")
                case .blocked, .wasBlocked:
                    return .json(outcome == .blocked ? 201 : 200) {
                        $0.field("blocker", block.blocker)
                        $0.field("blocked", block.blocked)
                    }
                }
            }.audited("block.create", .within) { .init("user", $0[blocked], actor: nil, user: $0[blocker]) },
            Route(
                "DELETE",
                path,
                access: .roles([.moderator, .service]),
                answers: .unblocked,
                "Takes a block back.",
                [who, whom]
            ) { request in
                let block = UserBlock(blocker: request[who], blocked: request[whom], at: request.now)
                let wasThere = try await database.runRepeating { (queries) throws(MongoError) in
                    try queries.unblock(block) { request.audit.take() }
                }
                return .json {
                    $0.field("blocker", block.blocker)
                    $0.field("blocked", block.blocked)
                    $0.field("deleted", wasThere)
                }
            }.audited("block.delete", .within) { .init("user", $0[whom], actor: nil, user: $0[who]) },
            Route(
                "GET",
                path,
                access: .roles([.moderator, .service]),
                answers: .blocks,
                "Blocks, latest first.",
                [who.optional, whom.optional, limit, cursor]
            ) { request in
                let (who, whom) = (request[who.optional], request[whom.optional])
                let (position, limit) = (request[cursor], request[limit])
                let page = try await database.run { (queries) throws(MongoError) in
                    try queries.blocks(by: who, of: whom, after: position, limit: limit)
                }
                return .page(page.rows, next: page.next?.cursor(.blocks)) { block, writer in
                    writer.field("blocker", block.blocker)
                    writer.field("blocked", block.blocked)
                    writer.field("at", block.at)
                }
            },
        ]
    }
}
