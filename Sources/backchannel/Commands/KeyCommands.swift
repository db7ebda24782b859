import Chat
import History
import JSON
import Limits
import WebhookIngest

/// `keys create|list|revoke`: the API keys that MongoDB keeps.
enum KeyCommands {
    private static let name = CommandOption<String?>.text("name", "NAME", "what the key is for")
    private static let role = CommandOption<String>.choice(
        "role",
        APIRole.allCases.map(\.rawValue),
        default: APIRole.analyst.rawValue,
        "what it may do"
    )
    private static let json = CommandOption<Bool>.flag("json", "print JSON")

    static let create = Command(
        name: "keys create",
        summary: "make an API key and print it, this once",
        discussion: "docs/api.md says which role may do what.",
        options: [name.form, role.form, json.form]
    ) { arguments, context in
        guard let name = arguments[name] else { throw UsageFault("'--name' is missing; say what the key is for") }
        let role = APIRole(rawValue: arguments[role]) ?? .analyst
        let made = try await withKeys(context) {
            try $0.create(name: name, role: role) { id in
                [.byCommand("key.create", of: .init("key", id), details: ["role": role.rawValue])]
            }
        }
        context.print(arguments[json] ? object([("id", made.id), ("key", made.key)]) : made.key)
        if !arguments[json] { context.complain("id \(made.id), role \(role.rawValue); it cannot be shown again") }
        return .ok
    }

    static let list = Command(
        name: "keys list",
        summary: "print every API key, without its secret",
        options: [json.form]
    ) { arguments, context in
        for key in try await withKeys(context, { try $0.list() }) {
            context.print(arguments[json] ? Self.json(key) : text(key))
        }
        return .ok
    }

    static let revoke = Command(
        name: "keys revoke",
        summary: "revoke an API key",
        discussion: "Running nodes notice within a minute.",
        arguments: [CommandArgument(name: "ID", summary: "what stands between bc_ and the next _")]
    ) { arguments, context in
        let id = arguments.words[0]
        guard
            try await withKeys(context, { try $0.revoke(id: id) { [.byCommand("key.revoke", of: .init("key", id))] } })
        else {
            throw CommandFailure("there is no key \(id); 'backchannel keys list' shows them")
        }
        context.print("revoked \(id)")
        return .ok
    }

    private static func withKeys<Value: Sendable>(
        _ context: CommandContext,
        _ work: @escaping @Sendable (APIKeys) throws -> Value
    ) async throws -> Value {
        try await context.withHistory { store, configuration in
            let value = try work(APIKeys(store, limits: configuration.limits.api, now: { QueueClock.system.now() }))
            try AuditChain(limits: configuration.limits.audit).append([], takingUp: true, to: store)
            return value
        }
    }

    private static func text(_ key: APIKey) -> String {
        let state = key.revoked.map { "revoked \($0.rfc3339)" } ?? "used \(key.lastUsed?.rfc3339.prefix(10) ?? "never")"
        return "\(key.id)  \(key.role.rawValue)  \(key.created.rfc3339)  \(state)  \(key.name)"
    }

    private static func json(_ key: APIKey) -> String {
        object([
            ("id", key.id), ("name", key.name), ("role", key.role.rawValue), ("created", key.created.rfc3339),
            ("revoked", key.revoked?.rfc3339), ("last_used", key.lastUsed?.rfc3339),
        ])
    }

    private static func object(_ fields: [(String, String?)]) -> String {
        var writer = JSONWriter()
        writer.object { for (name, value) in fields { $0.field(name, value) } }
        return writer.text
    }
}
