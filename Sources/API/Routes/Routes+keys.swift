import HTTPServer
import History
import JSON
import Limits
import MongoDB

extension Routes {
    static func keys(
        _ services: APIServices,
        _ database: Database,
        _ authenticator: Authenticator
    ) -> [Route] {
        let (limits, now) = (services.limits.api, services.now)
        let role = Parameter<APIRole>.choice("role", in: .body, "What it may do.")
        let id = Parameter.identifier("id", in: .path, "The key's id: what stands between `bc_` and the next `_`.")
        let name = Parameter.text(
            "name",
            in: .body,
            "What it is for.",
            allowed: "1 to \(limits.keyNameBytes) bytes without control characters",
            isAllowed: { name in
                1...limits.keyNameBytes ~= name.utf8.count && !name.utf8.contains { $0 < 0x20 || $0 == 0x7f }
            }
        )
        return [
            Route("GET", "/api/v1/keys", access: .admin, answers: .keys, "Every key, without its secret.") { _ in
                let keys = try await database.run { (queries) throws(MongoError) in
                    try APIKeys(queries.store, limits: limits, now: now).list()
                }
                return .json {
                    $0.field("data") { $0.array { for key in keys { $0.object { write(key, to: &$0) } } } }
                }
            },
            Route(
                "POST",
                "/api/v1/keys",
                access: .admin,
                answers: .keyMade,
                "Makes a key, which is shown this once.",
                [name, role]
            ) {
                let (name, role) = ($0[name], $0[role])
                let audit = $0.audit
                let made = try await database.run { (queries) throws(MongoError) in
                    Result { () throws(APIKeyError) in
                        try APIKeys(queries.store, limits: limits, now: now).create(name: name, role: role) {
                            audit.take(of: $0)
                        }
                    }
                }.get()
                return .json(201) {
                    $0.field("_id", made.id)
                    $0.field("key", made.key)
                    $0.field("name", name)
                    $0.field("role", role.rawValue)
                }
            }.audited("key.create", .within) { .init("key", details: ["role": $0[role].rawValue]) },
            Route("DELETE", "/api/v1/keys/{id}", access: .admin, answers: .keyRevoked, "Revokes a key.", [id]) {
                request in
                let id = request[id]
                let isKnown = try await database.runRepeating { (queries) throws(MongoError) in
                    try APIKeys(queries.store, limits: limits, now: now).revoke(id: id) { request.audit.take() }
                }
                guard isKnown else { throw Problem.notFound("key") }
                authenticator.forget(id)
                return .json {
                    $0.field("_id", id)
                    $0.field("revoked", true)
                }
            }.audited("key.revoke", .within) { .init("key", $0[id]) },
        ]
    }

    private static func write(_ key: APIKey, to writer: inout JSONWriter) {
        writer.field("_id", key.id)
        writer.field("name", key.name)
        writer.field("role", key.role.rawValue)
        writer.field("created", key.created)
        writer.field("revoked", key.revoked)
        writer.field("last_used", key.lastUsed)
    }
}
