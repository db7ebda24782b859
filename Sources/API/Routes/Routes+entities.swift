import Chat
import HTTPServer
import History
import JSON
import MongoDB
import UserSync

extension Routes {
    static func entities(_ services: APIServices, _ database: Database) -> [Route] {
        let cid = Parameter.identifier("cid", in: .path, "The channel: `type:id`.")
        let user = Parameter.identifier("id", in: .path, "The user.")
        let listing = Parameter.identifier("id", in: .path, "The listing.")
        let seller = Parameter.identifier("id", in: .path, "The user who sells.")
        return [
            Route("GET", "/api/v1/channels/{cid}", access: .readers, answers: .channel, "A channel.", [cid]) {
                request in
                let cid = request[cid]
                let details = try await database.run { (queries) throws(MongoError) in try queries.channel(cid) }
                guard let details else { throw Problem.notFound("channel") }
                return .json { EntityJSON.write(details, to: &$0) }
            },
            Route("GET", "/api/v1/users/{id}", access: .readers, answers: .user, "A user.", [user]) { request in
                let id = request[user]
                let limits = services.limits
                let (details, sides) = try await database.run { (queries) throws(MongoError) in
                    let sides = try AppUserStore(queries.store, limits: limits).sides(of: [id])[id]
                    return (try queries.user(id, now: request.now), sides)
                }
                guard let sides, details != nil || sides.app != nil else { throw Problem.notFound("user") }
                return .json { writer in
                    if let details {
                        EntityJSON.write(details, now: request.now, to: &writer)
                    } else {
                        writer.field("_id", id)
                    }
                    write(sides, to: &writer)
                }
            },
            Route(
                "GET",
                "/api/v1/listings/{id}",
                access: .readers,
                answers: .listing,
                "A listing's figures.",
                [listing]
            ) { request in
                let id = request[listing]
                let found = try await database.run { (queries) throws(MongoError) in try queries.listing(id) }
                guard let found else { throw Problem.notFound("listing") }
                return .json { EntityJSON.write(listing: found, to: &$0) }
            },
            Route("GET", "/api/v1/sellers/{id}", access: .readers, answers: .seller, "A seller's figures.", [seller]) {
                request in
                let id = request[seller]
                let details = try await database.run { (queries) throws(MongoError) in try queries.seller(id) }
                guard let details else { throw Problem.notFound("seller") }
                return .json { EntityJSON.write(details, id: id, to: &$0) }
            },
        ]
    }

    static func users(_ services: APIServices) -> [Route] {
        let id = Parameter.identifier("id", in: .path, "The user.")
        return [
            Route(
                "POST",
                "/api/v1/users/{id}/erase",
                access: .admin,
                answers: .erasure,
                "Erases a user: every copy of content and profile; tombstones stay.",
                [id]
            ) { request in
                guard let erasure = try await services.eraseUser(request[id], request.audit.take()) else {
                    throw Problem.notFound("user")
                }
                return HTTPResponse(
                    status: erasure.isComplete ? 200 : 202,
                    headers: [("Content-Type", "application/json")],
                    body: Array(erasure.report.utf8)
                )
            }.audited("user.erase", .within) { _ in .init("user") }
        ]
    }
}
