import Chat

/// Why a message is flagged or held.
struct ReasonDraft: Sendable {
    var reason: String?
    var severity = Severity.medium

    static let table = Keys<ReasonDraft>(
        noun: "key of a flag",
        keys: [
            Key("reason", "What moderators are told.", .reason) { $0.reason = $1 },
            Key("severity", "How bad it is; left out: medium.", .choice()) { $0.severity = $1 },
        ],
        also: ["why": "reason", "level": "severity", "text": "reason"]
    )
}
