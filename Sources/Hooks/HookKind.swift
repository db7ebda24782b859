import Chat

/// What the provider asks or tells synchronously, each at an address of its own.
package enum HookKind: Sendable, CaseIterable {
    /// May this message be sent?
    case beforeMessageSend
    /// A user has given a command.
    case command
    /// A message waits for being let through.
    case pendingMessage
    /// One that waited is gone.
    case pendingMessageDeleted

    /// As what the event log has it; `nil` where the event that is to come tells all.
    var eventType: EventType? {
        switch self {
        case .beforeMessageSend: nil
        case .command: HookEvent.command
        case .pendingMessage: HookEvent.pending
        case .pendingMessageDeleted: HookEvent.pendingDeleted
        }
    }
}
