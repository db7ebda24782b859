import Chat
import HTTPServer
import History
import JSON
import Limits
import MongoDB
import Outbox
import UserSync

extension Routes {
    /// What the app tells of its users.
    static func userSync(_ services: APIServices, _ database: Database) -> [Route] {
        let limits = services.limits.users
        let id = Parameter.identifier("id", in: .path, "The user.")
        let mode = Parameter<UserEnding>.choice("mode", in: .query, "Whether the user can come back.")
            .defaulting(to: .delete, shown: "delete")
        let messages = Parameter<Bool>.flag("messages", "Deletes the user's messages, too.")
            .defaulting(to: false, shown: "false")
        return [
            Route(
                "POST",
                "/api/chat/sync-user",
                access: .userWriters,
                answers: .users,
                "Takes one user of the app, or up to \(limits.bulkItems), and tells the provider what changed.",
                bodyBytes: limits.bulkBytes
            ) { request in
                let root = try json(request.body)
                let list = root.kind == .array ? root : root["users"].flatMap { $0.kind == .array ? $0 : nil }
                guard let list else { return try await putOne(root, id: nil, request, services, database) }
                return try await putMany(list, request, services, database)
            }.audited("user.put", .before) { _ in .init("users") },
            Route(
                "PUT",
                userPath,
                access: .userWriters,
                answers: .users,
                "The same for one user, whose id is in the path.",
                [id],
                bodyBytes: limits.recordBytes
            ) {
                try await putOne(try json($0.body), id: $0[id], $0, services, database)
            }.audited("user.put", .before) { .init("user", $0[id]) },
            Route(
                "DELETE",
                userPath,
                access: .userWriters,
                answers: .userEnded,
                "Deletes or deactivates a user at the provider; the history stays (`erase` is what empties it).",
                [id, mode, messages]
            ) { request in
                let (given, ending, messages) = (request[id], request[mode], request[messages])
                let id: String
                do throws(AppUserFault) {
                    id = try AppUser.checkedID(given, field: "id", services.limits.users)
                } catch {
                    throw Problem(error)
                }
                let change = change(by: request, services)
                let limits = services.limits
                let result = try await database.runRepeating { (queries) throws(MongoError) in
                    let store = AppUserStore(queries.store, limits: limits)
                    return switch ending {
                    case .delete: try store.delete(id, messages: messages, change)
                    case .deactivate: try store.deactivate(id, messages: messages, change)
                    }
                }
                guard let result else { throw Problem.internalFault }
                return try answer(result, [], services)
            }.audited("user.delete", .before) { .init("user", $0[id], details: ["mode": $0[mode].rawValue]) },
        ]
    }

    // MARK: Taking

    private static func putOne(
        _ json: JSONValue,
        id: String?,
        _ request: APIRequest,
        _ services: APIServices,
        _ database: Database
    ) async throws -> HTTPResponse {
        let user: AppUser
        do throws(AppUserFault) {
            user = try AppUser(json, id: id, services.users.mapping, services.limits.users)
        } catch {
            throw Problem(error)
        }
        guard let result = try await put([user], request, services, database).first else { throw Problem.internalFault }
        return try answer(result, user.ignored, services)
    }

    private static func putMany(
        _ list: JSONValue,
        _ request: APIRequest,
        _ services: APIServices,
        _ database: Database
    ) async throws -> HTTPResponse {
        let limits = services.limits.users
        let count = Array(list.array).count
        guard count <= limits.bulkItems else {
            throw Problem(400, "The list may have at most \(limits.bulkItems) users; it has \(count).")
        }
        var (users, places): ([AppUser], [String: Int]) = ([], [:])
        var refusals: [UserRefusal] = []
        for (index, json) in list.array.enumerated() {
            do throws(AppUserFault) {
                let user = try AppUser(json, services.users.mapping, limits)
                // Of one user the last word counts.
                if let place = places[user.id] {
                    users[place] = user
                } else {
                    places[user.id] = users.count
                    users.append(user)
                }
            } catch {
                refusals.append(UserRefusal(index: index, id: json["user_id"]?.string, fault: error))
            }
        }
        let results = try await put(users, request, services, database)
        var counts: [SyncDecision.Outcome: Int] = [:]
        for result in results {
            switch result.decision {
            case .success(let decision): counts[decision.outcome, default: 0] += 1
            case .failure(let fault): refusals.append(UserRefusal(index: nil, id: result.id, fault: fault))
            }
        }
        if counts[.queued] != nil { services.effects.notify() }
        return .json(refusals.isEmpty ? 200 : 207) { writer in
            writer.field("stored", results.count { (try? $0.decision.get()) != nil })
            for outcome in SyncDecision.Outcome.allCases { writer.field(outcome.rawValue, counts[outcome] ?? 0) }
            writer.field("refused") { $0.array { for refusal in refusals { $0.object { refusal.write(to: &$0) } } } }
        }
    }

    private static func put(
        _ users: [AppUser],
        _ request: APIRequest,
        _ services: APIServices,
        _ database: Database
    ) async throws -> [AppUserStore.Result] {
        let (change, limits) = (change(by: request, services), services.limits)
        return try await database.runRepeating { (queries) throws(MongoError) in
            try AppUserStore(queries.store, limits: limits).put(users, change)
        }
    }

    private static func change(by request: APIRequest, _ services: APIServices) -> AppUserStore.Change {
        AppUserStore.Change(
            cause: Effect.Cause(.call, request.caller?.keyID ?? "ADMIN_API_KEY"),
            mode: services.effects.mode(),
            order: services.effects.order,
            now: request.now
        )
    }

    private static func json(_ body: [UInt8]) throws(Problem) -> JSONValue {
        do throws(JSONError) { return try JSONParser().parse(body) } catch {
            throw Problem(400, "The body must be a user as a JSON object, or a list of them: \(error).")
        }
    }

    // MARK: Answering

    private static func answer(
        _ result: AppUserStore.Result,
        _ ignored: [String],
        _ services: APIServices
    ) throws(Problem) -> HTTPResponse {
        let decision: SyncDecision
        do throws(AppUserFault) { decision = try result.decision.get() } catch { throw Problem(error) }
        if decision.outcome == .queued { services.effects.notify() }
        return .json { writer in
            writer.field("_id", result.id)
            writer.field("outcome", decision.outcome.rawValue)
            writer.field("state", decision.record.state.rawValue)
            writer.field("effects", result.effects)
            writer.field("ignored", ignored.map(Problem.shown))
        }
    }

    /// Both sides of a user, as part of the user's answer.
    static func write(_ sides: AppUserStore.Sides, to writer: inout JSONWriter) {
        writer.field("sync") { writer in
            guard let app = sides.app else { return writer.null() }
            writer.object { writer in
                writer.field("app") {
                    $0.object {
                        $0.field("profile", raw: app.fields.json)
                        $0.field("changed", app.changedAt.rfc3339)
                        $0.field("state", app.state.rawValue)
                    }
                }
                writer.field("provider") { writer in
                    guard let fields = sides.provider?.fields else { return writer.null() }
                    writer.object {
                        $0.field("profile", raw: fields.json)
                        $0.field("changed", sides.provider?.changedAt?.rfc3339)
                    }
                }
                let differences = sides.provider?.fields.map { theirs in
                    app.fields.names.filter { !app.fields.agrees(with: theirs, in: $0) }
                }
                writer.field("differing", differences ?? [])
                writer.field("sent", app.sentAt?.rfc3339)
                writer.field("effect", app.effect)
                writer.field("effect_state", sides.effect?.rawValue)
            }
        }
    }

    private static let userPath = "/api/v1/users/{id}"
}

/// How a user ends at the provider.
private enum UserEnding: String, CaseIterable { case delete, deactivate }

private struct UserRefusal {
    let index: Int?
    let id: String?
    let fault: AppUserFault

    func write(to writer: inout JSONWriter) {
        writer.field("index", index)
        writer.field("_id", id)
        writer.field("parameter", fault.field)
        writer.field("detail", fault.sentence)
    }
}

extension AppUserFault {
    fileprivate var sentence: String { field.map { "The field \($0) \(reason)." } ?? "Refused: \(reason)." }
}

extension Problem {
    fileprivate init(_ fault: AppUserFault) {
        self.init(fault.kind == .gone ? 409 : 400, fault.sentence, parameter: fault.field)
    }
}

extension Route.Access {
    fileprivate static let userWriters = Route.Access.roles([.service])
}
