import Chat
import JSON
import Limits

/// What is at `/_local/…`: not the provider's, but for whoever tests against it.
struct ControlAPI: Sendable {
    let provider: ProviderService
    let limits: Limits.LocalProvider

    /// - Parameter path: without `/_local`.
    func perform(
        _ request: ProviderService.Request,
        at now: Timestamp,
        done: @escaping @Sendable (ProviderService.Reply) -> Void
    ) {
        do throws(Refusal) {
            switch (request.method, request.path) {
            case ("GET", "/faults"): done(.init(status: 200, body: provider.faults.fields))
            case ("PUT", "/faults"):
                provider.faults = try FaultPlan(try Self.body(request), limits: limits)
                done(.init(status: 200, body: provider.faults.fields))
            case ("GET", "/applied"): done(.init(status: 200, body: try applied(request.query)))
            case ("GET", "/webhooks"): done(.init(status: 200, body: webhooks))
            case ("POST", "/act"): try act(try Self.body(request), at: now, done: done)
            case ("POST", "/reset"): provider.reset { done(.init(status: 200, body: [:])) }
            default: throw .notFound("there is nothing at \(request.method) /_local\(request.path)")
            }
        } catch {
            done(.init(refusal: error, nil))
        }
    }

    private static func body(_ request: ProviderService.Request) throws(Refusal) -> Fields {
        guard let fields = try? Value(JSONParser().parse(request.body)).object else {
            throw .input("the request's body is not a JSON object")
        }
        return fields
    }

    /// `counts` of every entity and operation that begins with `entity`, and the `entries` from `since` on.
    private func applied(_ query: [String: String]) throws(Refusal) -> Fields {
        let log = provider.applied
        let entity = query["entity"] ?? ""
        guard let since = Int(query["since"] ?? "0"), since >= 0,
            let limit = Int(query["limit"] ?? "1000"), (0...limits.changesListed).contains(limit)
        else { throw .input("since and limit are numbers, limit at most \(limits.changesListed)") }
        let counts = log.counts.filter { $0.key.entity.hasPrefix(entity) }
            .sorted { ($0.key.entity, $0.key.operation) < ($1.key.entity, $1.key.operation) }
        return [
            "total": .int(Int64(log.entries.count)),
            "counts": .array(
                counts.map { kind, count in
                    [
                        "entity": .string(kind.entity), "operation": .string(kind.operation),
                        "calls": .int(Int64(count.calls)), "changes": .int(Int64(count.changes)),
                    ]
                }
            ),
            "entries": .array(
                zip(since..., log.entries.dropFirst(since)).prefix(limit).map { number, entry in
                    [
                        "number": .int(Int64(number)), "at": .string(entry.at.rfc3339),
                        "endpoint": .string(entry.endpoint.rawValue), "entity": .string(entry.effect.kind.entity),
                        "operation": .string(entry.effect.kind.operation), "change": .bool(entry.effect.isChange),
                    ]
                }
            ),
        ]
    }

    private var webhooks: Fields {
        let counts = provider.webhooks.counts
        return [
            "delivered": .int(Int64(counts.delivered)), "failed": .int(Int64(counts.failed)),
            "dropped": .int(Int64(counts.dropped)), "waiting": .int(Int64(counts.waiting)),
            "dropped_events": .array(
                provider.webhooks.dropped.map { ["type": .string($0.type), "entity": .string($0.entity)] }
            ),
        ]
    }

    /// `{"user_id", "method", "path", "query", "body"}`: a call of the provider's API as that user's client makes it.
    private func act(
        _ fields: Fields,
        at now: Timestamp,
        done: @escaping @Sendable (ProviderService.Reply) -> Void
    ) throws(Refusal) {
        guard let user = fields["user_id"]?.string, let path = fields["path"]?.string else {
            throw .input("user_id and path are required")
        }
        let request = ProviderService.Request(
            method: fields["method"]?.string ?? "POST",
            path: path,
            query: Dictionary(
                (fields["query"]?.object ?? [:]).pairs.map { ($0.name, $0.value.string ?? "") },
                uniquingKeysWith: { _, last in last }
            ),
            body: fields["body"].map(\.json) ?? []
        )
        provider.act(as: user, request, at: now, done: done)
    }
}
