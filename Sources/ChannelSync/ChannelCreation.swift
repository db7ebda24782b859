import Outbox

/// What became of the effect that creates a channel: the others build on it.
package enum ChannelCreation: Sendable, Equatable {
    /// Done, on its way, or nobody's business any more.
    case sound
    /// Refused so far, and tried again: what the object says now may be what helps.
    case refused
    /// Given up, cancelled or too old: there may be no channel.
    case failed

    /// - Parameter failures: attempts that the provider refused.
    init(_ state: EffectState, failures: Int64) {
        self = state.isRetriable ? .failed : state.isOpen && failures > 0 ? .refused : .sound
    }
}
