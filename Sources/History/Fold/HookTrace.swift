package import Chat

/// What an event has to do with a decision of a synchronous hook.
package enum HookTrace: Sendable {
    /// It tells of the decision.
    case decided(DecisionRecord)
    /// It tells of a message that a hook has rewritten: the mark of that decision.
    case rewritten(mark: String)
    /// It tells of a message that waits at the provider until it is let through.
    case pending(messageID: String)
    /// It tells of a message that was let through because the hook did not answer, or not in time: the marks of a decision
    /// that may have been made all the same.
    case letThrough(marks: [String])
}
