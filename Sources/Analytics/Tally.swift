package import Chat

/// Whose counters they are.
package struct TallyKey: Sendable, Hashable {
    package enum Scope: Sendable, Hashable, CaseIterable { case user, listing, channel, seller }

    package var scope: Scope
    package var id: String

    package init(_ scope: Scope, _ id: String) { (self.scope, self.id) = (scope, id) }
}

/// By how much counters change.
///
/// Integers only, so that adding and taking back are exact.
package struct TallyChange: Sendable, Equatable {
    package var messages: Int64 = 0
    package var reactions: Int64 = 0
    package var reads: Int64 = 0
    package var engagement: Int64 = 0
    /// Sum of read latencies.
    package var readMilliseconds: Int64 = 0
    /// Latest times are whole milliseconds, as they are stored.
    package var lastMessageAt: Timestamp?
    package var lastActivity: Timestamp?
    /// Something was taken back, so that the latest times have to be looked up again.
    package var takesBack = false

    package init() {}

    package mutating func add(_ other: TallyChange) {
        messages += other.messages
        reactions += other.reactions
        reads += other.reads
        engagement += other.engagement
        readMilliseconds += other.readMilliseconds
        lastMessageAt.raise(to: other.lastMessageAt)
        lastActivity.raise(to: other.lastActivity)
        takesBack = takesBack || other.takesBack
    }

    /// The change that undoes this one.
    ///
    /// Latest times cannot be undone by arithmetic.
    var reversed: TallyChange {
        var result = TallyChange()
        (result.messages, result.reactions, result.reads) = (-messages, -reactions, -reads)
        (result.engagement, result.readMilliseconds) = (-engagement, -readMilliseconds)
        result.takesBack = lastMessageAt != nil || lastActivity != nil
        return result
    }
}
