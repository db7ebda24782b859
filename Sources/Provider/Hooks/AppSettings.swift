import JSON

/// What the provider's app is set to, as far as connecting needs it.
package struct AppSettings: Sendable, Equatable {
    package var name: String?
    /// The app knows several hooks (`use_hook_v2`); one that was never moved over has a single address.
    package var usesHooks: Bool
    /// The single address (`webhook_url`).
    package var webhookURL: String?
    package var hooks: [EventHook]

    package init(name: String? = nil, usesHooks: Bool = true, webhookURL: String? = nil, hooks: [EventHook] = []) {
        (self.name, self.usesHooks, self.webhookURL, self.hooks) = (name, usesHooks, webhookURL, hooks)
    }

    /// - Parameter body: the answer to `GET /app`; `nil` when it is none.
    init?(answer body: [UInt8]) {
        guard let slices = JSONSlices(body), let app = slices.field("app", of: slices.root),
            let value = try? JSONParser().parse(Array(slices.text(app).utf8)), value.kind == .object
        else { return nil }
        name = value["name"]?.string
        usesHooks = value["use_hook_v2"]?.bool ?? true
        webhookURL = value["webhook_url"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let elements = slices.field("event_hooks", of: app).map(slices.elements) ?? []
        hooks = elements.map { EventHook(json: slices.text($0)) }
    }
}

/// One place that the provider sends events to.
package struct EventHook: Sendable, Equatable {
    /// The provider's own bytes; may hold credentials of a queue or bucket, so never show them.
    package let json: String
    package let id: String?
    /// `webhook`, `sqs`, `sns`, `pending_message`, …: an open set.
    package let kind: String
    package let url: String?
    /// Empty is every event, also those still to come.
    package let eventTypes: [String]
    package let isEnabled: Bool

    package init(json: String) {
        self.json = json
        let value = try? JSONParser().parse(Array(json.utf8))
        id = value?["id"]?.string
        kind = value?["hook_type"]?.string ?? ""
        url = value?["webhook_url"]?.string
        eventTypes = value?["event_types"]?.array.compactMap(\.string) ?? []
        isEnabled = value?["enabled"]?.bool ?? false
    }

    /// What may be shown: the address without user and query, which may be secrets.
    package var shownURL: String? {
        guard let url, let scheme = url.firstRange(of: "://") else { return nil }
        let rest = url[scheme.upperBound...].prefix { !"?#".contains($0) }
        let authority = rest.prefix { $0 != "/" }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        return "\(url[..<scheme.upperBound])\(host)\(rest[authority.endIndex...])"
    }
}
