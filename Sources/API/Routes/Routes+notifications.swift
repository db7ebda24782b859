import Chat
import Delivery
import HTTPServer
import History
import JSON
import MongoDB

extension Routes {
    /// What users want to be told.
    static func notificationPreferences(_ database: Database) -> [Route] {
        let path = "/api/v1/users/{id}/notification-preferences"
        let id = Parameter.identifier("id", in: .path, "The user.")
        return [
            Route(
                "GET",
                path,
                access: .roles([.moderator, .service]),
                answers: .preferences,
                "What a user wants to be told.",
                [id]
            ) {
                let user = $0[id]
                let preferences = try await database.run { (queries) throws(MongoError) in
                    try NotificationPreferences.read(user, in: queries.store)
                }
                return answer(preferences, of: user)
            },
            Route(
                "PUT",
                path,
                access: .roles([.service]),
                answers: .preferencesPut,
                "Sets what a user wants to be told.",
                [id]
            ) {
                let (user, now) = ($0[id], $0.now)
                let preferences = try NotificationPreferences(body: $0.body)
                try await database.runRepeating { (queries) throws(MongoError) in
                    try preferences.write(for: user, in: queries.store, at: now)
                }
                return answer(preferences, of: user)
            }.audited("preferences.put", .before) { .init("user", $0[id]) },
        ]
    }

    private static func answer(_ preferences: NotificationPreferences, of user: String) -> HTTPResponse {
        .json {
            $0.field("_id", user)
            for (name, kind) in NotificationPreferences.kinds { $0.field(name, preferences.wants(kind)) }
        }
    }
}

extension NotificationPreferences {
    /// What the body leaves out is wanted.
    fileprivate init(body: [UInt8]) throws(Problem) {
        self.init()
        let json: JSONValue
        do throws(JSONError) { json = try JSONParser().parse(body) } catch {
            throw Problem(400, "The body must be a JSON object: \(error).")
        }
        guard json.kind == .object else { throw Problem(400, "The body must be a JSON object.") }
        var seen: Set<String> = []
        for (name, value) in json.object {
            guard let kind = Self.kinds.first(where: { $0.name == name })?.kind else {
                throw .unknown(name, among: Self.kinds.map(\.name), place: .body)
            }
            guard let isWanted = value.bool, seen.insert(name).inserted else {
                throw .parameter(name, "The body's field \(name) must be true or false, once.")
            }
            set(kind, isWanted)
        }
    }
}
