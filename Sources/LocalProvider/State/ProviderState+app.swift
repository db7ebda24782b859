import Chat
import Limits

extension ProviderState {
    static let defaultSettings: Fields = [
        "name": "local", "organization": "local", "use_hook_v2": true, "event_hooks": [], "webhook_url": "",
        "webhook_events": [], "sqs_url": "", "sns_topic_arn": "", "before_message_send_hook_url": "",
        "custom_action_handler_url": "", "enable_hook_payload_compression": false, "multi_tenant_enabled": false,
        "disable_auth_checks": false, "disable_permissions_checks": false, "suspended": false,
    ]

    /// Sets what the body names; `event_hooks` is replaced as a whole, so that a hook left out is gone.
    mutating func updateSettings(_ call: APICall) throws(Refusal) -> Answer {
        var changed = settings
        for (name, value) in call.body.pairs {
            if name == "event_hooks" {
                guard let hooks = value.array else { throw .input("event_hooks must be a list") }
                changed[name] = .array(try completed(hooks))
            } else {
                changed[name] = value
            }
        }
        let timeout = changed["before_message_send_hook_attempt_timeout_ms"]?.int ?? 0
        guard (0...limits.hookMostMilliseconds).contains(timeout) else {
            throw .input(
                "before_message_send_hook_attempt_timeout_ms must be between 0 and \(limits.hookMostMilliseconds)"
            )
        }
        note("app", "update", isChange: changed != settings)
        settings = changed
        refreshWantedTypes()
        return .ok()
    }

    private mutating func completed(_ hooks: [Value]) throws(Refusal) -> [Value] {
        for hook in hooks { try check(hook) }
        return hooks.map { hook in
            var fields = hook.object ?? [:]
            let id = fields["id"]?.string ?? ""
            let before = Hook.all(in: settings).first { $0.id == id && !id.isEmpty }
            fields["id"] = .string(id.isEmpty ? makeIdentifier() : id)
            fields["enabled"] = fields["enabled"] ?? true
            fields["product"] = fields["product"] ?? "all"
            fields["event_types"] = fields["event_types"] ?? []
            fields["created_at"] = before?.fields["created_at"] ?? .string(now.rfc3339)
            fields["updated_at"] = .string(now.rfc3339)
            return .object(fields)
        }
    }

    private func check(_ hook: Value) throws(Refusal) {
        guard let fields = hook.object else { throw .input("event_hooks must be a list of objects") }
        let type = fields["hook_type"]?.string ?? ""
        guard ["webhook", "sqs", "sns", "pending_message"].contains(type) else {
            throw .input("event_hooks.hook_type must be one of webhook, sqs, sns, pending_message")
        }
        let url = fields["webhook_url"]?.string ?? ""
        guard !["webhook", "pending_message"].contains(type) || url.hasPrefix("https://") || url.hasPrefix("http://")
        else {
            throw .input("event_hooks.webhook_url must be an http or https address")
        }
        if let types = fields["event_types"], types.array?.allSatisfy({ $0.string != nil }) != true, !types.isNull {
            throw .input("event_hooks.event_types must be a list of strings")
        }
    }

    private mutating func refreshWantedTypes() {
        let hooks = Hook.all(in: settings).filter { $0.isEnabled }
        wantedTypes = hooks.contains { $0.types.isEmpty } ? nil : Set(hooks.flatMap(\.types))
    }

    // MARK: Types of channels

    /// Of what a type says only whether its messages wait to be committed means anything here.
    mutating func updateChannelType(_ call: APICall) -> Answer {
        let name = call.parameters[0]
        let isPending = call.body["mark_messages_pending"]?.bool == true
        note("channel_type:\(name)", "update", isChange: pendingTypes.contains(name) != isPending)
        if isPending { pendingTypes.insert(name) } else { pendingTypes.remove(name) }
        return .created(["name": .string(name), "mark_messages_pending": .bool(isPending)])
    }

    // MARK: Tasks

    mutating func makeTask(_ result: Fields) -> String {
        let id = makeIdentifier()
        tasks[id] = StoredTask(createdAt: now, result: result)
        return id
    }

    mutating func task(_ call: APICall) throws(Refusal) -> Answer {
        let id = call.parameters[0]
        guard let task = tasks[id] else { throw .notFound("task \(id) not found") }
        let age = (now.nanoseconds - task.createdAt.nanoseconds) / 1_000_000
        let isOver = age >= Int64(limits.taskMilliseconds)
        return .ok([
            "task_id": .string(id), "status": isOver ? "completed" : "pending",
            "created_at": .string(task.createdAt.rfc3339), "updated_at": .string(now.rfc3339),
            "result": isOver ? .object(task.result) : nil,
        ])
    }
}

/// One of the app's event hooks.
struct Hook: Sendable, Equatable {
    let fields: Fields
    var id: String { fields["id"]?.string ?? "" }
    var url: String { fields["webhook_url"]?.string ?? "" }
    /// None is all, those of the future included.
    var types: [String] { fields["event_types"]?.strings ?? [] }
    /// Only deliveries over HTTP are played.
    var isEnabled: Bool { fields["enabled"]?.bool != false && fields["hook_type"]?.string == "webhook" }

    func wants(_ event: ProviderEvent) -> Bool {
        event.path == nil ? isEnabled && (types.isEmpty || types.contains(event.type)) : takesPending
    }

    /// It is told of messages that wait to be committed.
    var takesPending: Bool {
        fields["enabled"]?.bool != false && fields["hook_type"]?.string == "pending_message" && !url.isEmpty
    }

    static func all(in settings: Fields) -> [Hook] {
        (settings["event_hooks"]?.array ?? []).compactMap(\.object).map(Hook.init)
    }
}
