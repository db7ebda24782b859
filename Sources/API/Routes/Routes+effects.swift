import Chat
import Crypto
import HTTPServer
import History
import JSON
import Limits
import MongoDB
import Outbox
import Provider

extension Routes {
    /// What was decided to be done in the outside world, how far it has come, and an operator's hand in it.
    static func effects(_ services: APIServices, _ database: Database) -> [Route] {
        [calls(services, database)] + effectLists(services, database) + effectChanges(services, database)
            + destinations(services, database)
    }

    /// A call of the chat provider, written into the outbox.
    private static func calls(_ services: APIServices, _ database: Database) -> Route {
        let key = Parameter<String?>.callKey
        return Route(
            "POST",
            effectsPath,
            access: .roles([.moderator, .service]),
            answers: .calledFor,
            "Has the chat provider do something, once.",
            [key],
            bodyBytes: services.limits.outbox.payloadBytes
        ) { request in
            try await write(try checkedCall(request, services), key: request[key], request, services, database)
        }.audited("effect.create", .within) { _ in .init("effect") }
    }

    /// Writes a call into the outbox and into the audit trail, and says so.
    ///
    /// - Parameters:
    ///   - key: makes repeated requests one.
    ///   - meaning: what they have in common besides; `nil` is the whole call.
    static func write(
        _ call: ProviderCall,
        key: String?,
        meaning: String? = nil,
        _ request: APIRequest,
        _ services: APIServices,
        _ database: Database
    ) async throws -> HTTPResponse {
        let given = key.map { "key-" + Hex.encode(SHA256.digest(Array(($0 + (meaning ?? call.json)).utf8))) }
        let version = try given ?? "one-" + Hex.encode(randomBytes(keyBytes))
        let cause = Effect.Cause(.call, request.caller?.keyID ?? "ADMIN_API_KEY")
        let effect = Effect(
            call,
            version: version,
            cause: cause,
            eventTime: request.now,
            maximumAge: maximumAge(of: call, services.limits)
        )
        let mode = services.effects.mode()
        _ = try await database.runRepeating { (queries) throws(MongoError) in
            try services.outbox(queries).write(
                [effect],
                mode: mode,
                order: services.effects.order,
                at: request.now,
                entering: request.audit.take(
                    of: effect.key.description,
                    concerning: call.user,
                    ["call": call.name, "effect": effect.key.description]
                )
            )
        }
        services.effects.notify()
        return .json(202) {
            $0.field("_id", effect.key.description)
            $0.field("effects", mode.rawValue)
        }
    }

    private static let keyBytes = 16

    /// What is said in a channel answers the moment; all else holds whenever it is done.
    private static func maximumAge(of call: ProviderCall, _ limits: Limits) -> Duration? {
        if case .sendMessage = call { .seconds(limits.channels.messageSeconds) } else { nil }
    }

    private static func checkedCall(_ request: APIRequest, _ services: APIServices) throws -> ProviderCall {
        let call: ProviderCall
        do throws(ProviderCallError) {
            call = try ProviderCall(json: String(decoding: request.body, as: UTF8.self))
        } catch {
            throw Problem(400, "The body is not a call: \(error).")
        }
        try check(call, services)
        if request.caller?.role == .moderator, !call.isModeration {
            throw Problem(403, "A key of the role moderator may not have \(call.name) done.")
        }
        return call
    }

    /// - Throws: ``Problem``: 409 without a provider, 400 for a call that it would not take.
    static func check(_ call: ProviderCall, _ services: APIServices) throws(Problem) {
        guard let provider = services.effects.provider else {
            throw Problem(409, "There is no chat provider: set GETSTREAM_API_KEY and GETSTREAM_API_SECRET.")
        }
        if let refusal = provider.refusal(of: call) {
            throw Problem(400, "The call cannot be made: \(refusal.reason).")
        }
    }

    private static func effectLists(_ services: APIServices, _ database: Database) -> [Route] {
        let limits = services.limits.query
        let state = Parameter<EffectState>.choice("state", in: .query, "How far they have come.").optional
        let destination = Parameter.identifier("destination", in: .query, "Where they go.").optional
        let cause = Parameter.identifier("cause", in: .query, "The event, key, schedule or rule that made them.")
            .optional
        let lane = Parameter.identifier("lane", in: .query, "The channel or user they concern.").optional
        let limit = Parameter.pageSize("Effects on a page.", limits)
        let cursor = Parameter<ListPosition>.cursor(.effects).optional
        let id = Parameter.effectID
        return [
            Route(
                "GET",
                effectsPath,
                access: .roles([.moderator]),
                answers: .effects,
                "Effects, latest first.",
                [state, destination, cause, lane, limit, cursor]
            ) {
                let filter = EffectFilter(
                    state: $0[state],
                    destination: $0[destination],
                    causeID: $0[cause],
                    lane: $0[lane]
                )
                let (position, limit) = ($0[cursor], $0[limit])
                let page = try await database.run { (queries) throws(MongoError) in
                    try services.outbox(queries).effects(filter, after: position, limit: limit)
                }
                return .page(page.rows, next: page.next?.cursor(.effects)) {
                    DocumentJSON().writeFields(of: $0, except: ["order", "token"], to: &$1)
                }
            },
            Route(
                "GET",
                "\(effectsPath)/{id}",
                access: .roles([.moderator]),
                answers: .effect,
                "One effect with its timeline.",
                [id]
            ) {
                try await answer($0[id], services, database)
            }.audited("effect.read", .after) { .init($0[id]) },
        ]
    }

    private static func effectChanges(_ services: APIServices, _ database: Database) -> [Route] {
        let id = Parameter.effectID
        return [
            Route(
                "POST",
                "\(effectsPath)/{id}/retry",
                access: .roles([.moderator]),
                answers: .effect,
                "Has one performed that was given up, too old, recorded or cancelled.",
                [id]
            ) { request in
                let (key, caller, now) = (request[id], request.caller?.keyID ?? "ADMIN_API_KEY", request.now)
                try await checkMayChange(key, request, services, database)
                try await change(key, to: "retried", services, database) { (store) throws(MongoError) in
                    try store.retry(key, by: caller, order: services.effects.order, at: now) { request.audit.take() }
                }
                services.effects.notify()
                return try await answer(key, services, database)
            }.audited("effect.retry", .within) { .init($0[id]) },
            Route(
                "POST",
                "\(effectsPath)/{id}/cancel",
                access: .roles([.moderator]),
                answers: .effect,
                "Stops one that has not begun.",
                [id]
            ) { request in
                let (key, caller, now) = (request[id], request.caller?.keyID ?? "ADMIN_API_KEY", request.now)
                try await checkMayChange(key, request, services, database)
                try await change(key, to: "cancelled", services, database) { (store) throws(MongoError) in
                    try store.cancel(key, by: caller, at: now) { request.audit.take() }
                }
                return try await answer(key, services, database)
            }.audited("effect.cancel", .within) { .init($0[id]) },
        ]
    }

    private static func destinations(_ services: APIServices, _ database: Database) -> [Route] {
        let path = "/api/v1/destinations"
        let name = Parameter.text(
            "name",
            in: .path,
            "The destination.",
            allowed: "the name of a destination",
            isAllowed: { services.effects.destinations.contains(Effect.Destination($0)) }
        )
        let list = Route(
            "GET",
            path,
            access: .roles([.moderator]),
            answers: .destinations,
            "Where effects go, and what waits there."
        ) { _ in
            try await answerDestinations(services, database)
        }
        let changes = [("pause", true, "Stops one: its effects wait."), ("resume", false, "Lets one go on.")]
        return [list]
            + changes.map { verb, isPaused, summary in
                Route("POST", "\(path)/{name}/\(verb)", access: .admin, answers: .destinations, summary, [name]) {
                    request in
                    let (destination, caller) = (
                        Effect.Destination(request[name]), request.caller?.keyID ?? "ADMIN_API_KEY"
                    )
                    try await database.runRepeating { (queries) throws(MongoError) in
                        try DestinationControls(services.outbox(queries))
                            .set(destination, isPaused: isPaused, by: caller, at: request.now)
                    }
                    services.effects.notify()
                    return try await answerDestinations(services, database)
                }.audited("destination.\(verb)", .before) { .init("destination", $0[name]) }
            }
    }

    // MARK: Answers

    private static func answer(
        _ key: Effect.EffectKey,
        _ services: APIServices,
        _ database: Database
    ) async throws -> HTTPResponse {
        let effect = try await database.run { (queries) throws(MongoError) in try services.outbox(queries).effect(key) }
        guard let effect else { throw Problem.notFound("effect") }
        return .json {
            DocumentJSON().writeFields(of: effect, except: ["open", "shard", "order", "token", "next"], to: &$0)
        }
    }

    /// - Throws: ``Problem``: 403 for a moderator's key and a call of the provider that it could not have asked for.
    private static func checkMayChange(
        _ key: Effect.EffectKey,
        _ request: APIRequest,
        _ services: APIServices,
        _ database: Database
    ) async throws {
        guard request.caller?.role == .moderator else { return }
        let effect = try await database.run { (queries) throws(MongoError) in try services.outbox(queries).effect(key) }
        guard let effect, effect.string("destination") == Effect.Destination.provider.description else { return }
        let action = effect.string("action") ?? ""
        guard ProviderCall.isModeration(action) else {
            throw Problem(403, "A key of the role moderator may not change an effect that is \(action).")
        }
    }

    /// - Throws: ``Problem``: 404 for an effect that there is not, 409 for one that cannot be changed so.
    private static func change(
        _ key: Effect.EffectKey,
        to verb: String,
        _ services: APIServices,
        _ database: Database,
        _ change: @escaping @Sendable (OutboxStore) throws(MongoError) -> Bool
    ) async throws {
        let isChanged = try await database.run { (queries) throws(MongoError) in try change(services.outbox(queries)) }
        guard !isChanged else { return }
        let effect = try await database.run { (queries) throws(MongoError) in try services.outbox(queries).effect(key) }
        guard let state = effect?.string("state") else { throw Problem.notFound("effect") }
        throw Problem(409, "The effect is \(state) and cannot be \(verb).")
    }

    private static func answerDestinations(
        _ services: APIServices,
        _ database: Database
    ) async throws -> HTTPResponse {
        let (board, depths) = try await database.run { (queries) throws(MongoError) in
            let store = services.outbox(queries)
            return (try DestinationControls(store).read(), try store.depths())
        }
        let stopped = services.effects.health.stopped
        return .json { writer in
            writer.field("mode", services.effects.mode().rawValue)
            writer.field("data") {
                $0.array {
                    for destination in services.effects.destinations {
                        $0.object {
                            $0.field("name", destination.description)
                            $0.field("paused", board.isPaused(destination))
                            if let stop = stopped[destination] {
                                $0.field("stopped") {
                                    $0.object {
                                        $0.field("reason", stop.reason)
                                        $0.field("since", stop.since.rfc3339)
                                    }
                                }
                            }
                            for state in [EffectState.scheduled, .waiting, .running, .dead] {
                                let depth = depths.first {
                                    $0.destination == destination.description && $0.state == state
                                }
                                $0.field(state.rawValue, depth?.count ?? 0)
                            }
                        }
                    }
                }
            }
        }
    }

    private static let effectsPath = "/api/v1/effects"
}

extension RouteAudit.Matter {
    /// Of an effect, whose key begins with the channel or the user that it concerns.
    fileprivate init(_ effect: Effect.EffectKey) {
        self.init("effect", effect.description, user: effect.entity.contains(":") ? nil : effect.entity)
    }
}

extension APIServices {
    func outbox(_ queries: HistoryQueries) -> OutboxStore { OutboxStore(queries.store, limits: limits.outbox) }
}

extension Parameter where Value == Effect.EffectKey {
    fileprivate static let effectID = Parameter(
        name: "id",
        place: .path,
        summary: "The effect: its `_id`, escaped as in URLs.",
        allowed: "1 to \(Limits.Outbox().keyBytes) bytes",
        fallback: nil,
        shownFallback: nil,
        read: { 1...Limits.Outbox().keyBytes ~= $0.utf8.count ? Effect.EffectKey(stored: $0) : nil }
    )
}
