import JSON

/// Events that the provider's synchronous hooks leave behind: our own types, whose bodies are the hooks' requests with a few
/// fields before theirs.
package enum HookEvent {
    /// A message was refused before it was sent.
    package static let refused = EventType(rawValue: "hook.refused")
    /// A message was sent with another text than was written.
    package static let rewritten = EventType(rawValue: "hook.rewritten")
    /// A user has given a command, such as `/status delivered`, or sent the form that answered one.
    package static let command = EventType(rawValue: "command.received")
    /// A message waits at the provider for being let through.
    package static let pending = EventType(rawValue: "message.pending")
    /// A message that waited was removed instead.
    package static let pendingDeleted = EventType(rawValue: "message.pending_deleted")

    /// The field of ``refused`` and ``rewritten`` that holds what was decided.
    package static let decisionField = "hook_decision"

    /// What was decided before a message was sent; the history knows no such message.
    package static func isDecision(_ type: EventType) -> Bool { type == refused || type == rewritten }

    /// Users in them are named and not described: a hook's request knows little of them.
    static func isOfHook(_ type: EventType) -> Bool { isDecision(type) || type == command || type == pendingDeleted }

    /// The body of an event of this type.
    ///
    /// - Parameters:
    ///   - request: a JSON object.
    ///   - time: tells apart what is asked twice with the same bytes.
    /// - Returns: `nil` where the request is no object.
    package static func body(
        _ type: EventType,
        of request: [UInt8],
        at time: Timestamp,
        _ fields: KeyValuePairs<String, String> = [:]
    ) -> [UInt8]? {
        guard let opening = request.firstIndex(of: UInt8(ascii: "{")) else { return nil }
        var writer = JSONWriter(capacity: request.count + 512)
        writer.object {
            $0.field("type", type.rawValue)
            $0.field("created_at", time.nanoseconds)
            for (name, value) in fields { $0.field(name, value) }
        }
        let rest = request[(opening + 1)...]
        let isEmpty = rest.first { !Self.blanks.contains($0) } == UInt8(ascii: "}")
        return writer.bytes.dropLast() + (isEmpty ? [] : [UInt8(ascii: ",")]) + rest
    }

    /// Source: RFC 8259, section 2.
    private static let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
}
