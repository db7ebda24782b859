import JSON

/// What a synchronous hook answers the provider, always with status 200: anything else counts as no answer.
///
/// Source: the provider's documentation "Before Message Send Webhook".
package enum HookAnswer: Sendable, Equatable {
    case accept
    /// Sent with this text, and with a field of ours by which the event that tells of it is recognised.
    case rewrite(text: String, mark: String)
    /// Not sent; the sender reads the text.
    case refuse(text: String)

    /// The field of a message that holds the mark.
    package static let markField = "backchannel_hook"

    /// The answer's body; empty where nothing is changed.
    package var body: [UInt8] {
        switch self {
        case .accept: []
        case .rewrite(let text, let mark): Self.message(("text", text), (Self.markField, mark))
        case .refuse(let text): Self.message(("type", "error"), ("text", text))
        }
    }

    private static func message(_ fields: (name: String, value: String)...) -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.object {
            $0.field("message") { $0.object { for (name, value) in fields { $0.field(name, value) } } }
        }
        return writer.bytes
    }
}
