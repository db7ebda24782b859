import Chat
import Facts
import HTTPServer
import History
import JSON
import Limits
import MongoDB

extension Routes {
    static func facts(_ services: APIServices, _ database: Database) -> [Route] {
        let (path, limits) = ("/api/v1/facts/{kind}", services.limits.facts)
        let kind = Parameter<String>.factKind(limits)
        let id = Parameter.identifier("id", in: .path, "Which one.")
        return [
            Route(
                "GET",
                "\(path)/{id}",
                access: .readers,
                answers: .facts,
                "What is known of a thing of the app.",
                [kind, id]
            ) {
                let key = FactKey(kind: $0[kind], id: $0[id])
                let table = try await database.run { (_) throws(MongoError) in services.facts.load([key]) }
                guard table.isKnown(key) || !table.unavailable(for: key).isEmpty else { throw Problem.notFound("fact") }
                return .json { write(key, table, to: &$0) }
            },
            Route(
                "PUT",
                "\(path)/{id}",
                access: .factWriters,
                answers: .factsTold,
                "Tells the facts of a thing, in place of those told before.",
                [kind, id]
            ) {
                let key = FactKey(kind: $0[kind], id: $0[id])
                let record = try record(in: $0.body, limits)
                try await put([(key, record)], at: $0.now, services, database)
                return .json { writer in
                    write(key, to: &writer)
                    writer.field("fields") { FactFields.write(record, to: &$0) }
                }
            }.audited("fact.put", .before) { .init(FactKey(kind: $0[kind], id: $0[id])) },
            Route(
                "PUT",
                path,
                access: .factWriters,
                answers: .factsStored,
                "The same for up to \(limits.bulkItems) things at once, by their ids.",
                [kind],
                bodyBytes: limits.bulkBytes
            ) {
                let kind = $0[kind]
                let batch = try FactBatch(try RequestJSON.object(in: $0.body), kind: kind, limits)
                try await put(batch.records, at: $0.now, services, database)
                return .json(batch.refusals.isEmpty ? 200 : 207) { batch.write(to: &$0) }
            }.audited("fact.put", .before) { .init("facts", $0[kind]) },
            Route(
                "DELETE",
                "\(path)/{id}",
                access: .factWriters,
                answers: .factsDeleted,
                "Takes back what was told of a thing.",
                [kind, id]
            ) {
                let key = FactKey(kind: $0[kind], id: $0[id])
                let wasThere = try await database.runRepeating { (queries) throws(MongoError) in
                    try PushedFacts(queries.store).remove(key)
                }
                services.facts.forget([key], from: .pushed)
                return .json {
                    write(key, to: &$0)
                    $0.field("deleted", wasThere)
                }
            }.audited("fact.delete", .before) { .init(FactKey(kind: $0[kind], id: $0[id])) },
        ]
    }

    private static func put(
        _ records: [(key: FactKey, record: FactRecord)],
        at time: Timestamp,
        _ services: APIServices,
        _ database: Database
    ) async throws {
        guard !records.isEmpty else { return }
        // Forgotten also when it failed: it may have been stored.
        defer { services.facts.forget(records.map(\.key), from: .pushed) }
        try await database.runRepeating { (queries) throws(MongoError) in
            try PushedFacts(queries.store).put(records, at: time)
        }
    }

    private static func record(in body: [UInt8], _ limits: Limits.Facts) throws(Problem) -> FactRecord {
        let json = try RequestJSON.object(in: body)
        do throws(FactFields.Fault) { return try FactFields.read(json, limits: limits) } catch { throw Problem(error) }
    }

    private static func write(_ key: FactKey, to writer: inout JSONWriter) {
        writer.field("kind", key.kind)
        writer.field("_id", key.id)
    }

    private static func write(_ key: FactKey, _ table: FactTable, to writer: inout JSONWriter) {
        let fields = table.fields(of: key)
        write(key, to: &writer)
        writer.field("fields") {
            $0.object { writer in
                for (name, value, _) in fields { writer.field(name) { value.write(to: &$0) } }
            }
        }
        writer.field("sources") {
            $0.object { writer in for (name, _, origin) in fields { writer.field(name, origin.rawValue) } }
        }
        writer.field("unavailable") {
            $0.array {
                for (origin, reason) in table.unavailable(for: key) {
                    $0.object {
                        $0.field("source", origin.rawValue)
                        $0.field("reason", reason)
                    }
                }
            }
        }
    }
}

/// Facts of many things of one kind, each taken or refused as a whole.
private struct FactBatch: Sendable {
    private(set) var records: [(key: FactKey, record: FactRecord)] = []
    private(set) var refusals: [(id: String, problem: Problem)] = []

    /// - Parameter json: an object of objects by id.
    init(_ json: JSONValue, kind: String, _ limits: Limits.Facts) throws(Problem) {
        guard json.fieldCount <= limits.bulkItems else {
            throw Problem(400, "The body must hold at most \(limits.bulkItems) things; it has \(json.fieldCount).")
        }
        let idBytes = Limits.Worker().identifierBytes
        var ids: Set<String> = []
        for (id, fields) in json.object {
            let isID = 1...idBytes ~= id.utf8.count
            guard isID, ids.insert(id).inserted else {
                let reason = isID ? "The id is given more than once." : "The id must have 1 to \(idBytes) bytes."
                refusals.append((id, Problem(400, reason)))
                continue
            }
            do throws(FactFields.Fault) {
                records.append((FactKey(kind: kind, id: id), try FactFields.read(fields, limits: limits)))
            } catch {
                refusals.append((id, Problem(error)))
            }
        }
    }

    func write(to writer: inout JSONWriter) {
        writer.field("stored", records.count)
        writer.field("refused") {
            $0.array {
                for (id, problem) in refusals {
                    $0.object {
                        $0.field("_id", id)
                        $0.field("parameter", problem.parameter)
                        $0.field("detail", problem.detail)
                    }
                }
            }
        }
    }
}

extension Route.Access {
    fileprivate static let factWriters = Route.Access.roles([.service])
}

extension Parameter where Value == String {
    fileprivate static func factKind(_ limits: Limits.Facts) -> Self {
        text(
            "kind",
            in: .path,
            "What kind of thing, such as `listing`.",
            allowed: "1 to \(limits.kindBytes) lower-case letters, digits, `_` and `-`, beginning with a letter",
            isAllowed: { FactKey.isKind($0, bytesMost: limits.kindBytes) }
        )
    }
}

extension Problem {
    fileprivate init(_ fault: FactFields.Fault) {
        guard let field = fault.field else {
            self.init(400, "The facts must be \(fault.allowed).")
            return
        }
        self = .parameter(Self.shown(field), "The fact \(Self.shown(field)) must be \(fault.allowed).")
    }
}

extension RouteAudit.Matter {
    fileprivate init(_ key: FactKey) {
        self.init("fact", joinedID(key.kind, key.id), user: key.kind == AuditEntry.userKind ? key.id : nil)
    }
}
