package import Chat

/// Carries out the effects of one destination.
///
/// An implementation is told of an effect once at a time, but perhaps more than once: after a crash, or an answer that got
/// lost. It makes a repetition harmless, or says in its documentation that it cannot.
package protocol EffectPerformer: Sendable {
    /// How many effects of this action one call may carry; 1 unless the destination takes several.
    func batchSize(for action: String) -> Int

    /// How long a call has to wait, since a limit of the destination would be reached; `nil` admits and counts it.
    func delay(before effects: [PendingEffect]) -> Duration?

    /// A call that was admitted is not made after all.
    func withdraw(_ effects: [PendingEffect])

    /// Performs effects of one action, as one call.
    ///
    /// - Returns: an outcome for each, in the same order.
    func perform(_ effects: [PendingEffect]) async -> [EffectOutcome]
}

extension EffectPerformer {
    package func batchSize(for action: String) -> Int { 1 }
    package func delay(before effects: [PendingEffect]) -> Duration? { nil }
    package func withdraw(_ effects: [PendingEffect]) {}
}

/// An effect whose turn has come.
package struct PendingEffect: Sendable, Equatable {
    package let key: Effect.EffectKey
    package let destination: Effect.Destination
    package let lane: String
    package let action: String
    /// JSON text.
    package let payload: String
    package let eventTime: Timestamp
    /// Attempts before this one; their results may be unknown.
    package let attempts: Int

    package init(
        key: Effect.EffectKey,
        destination: Effect.Destination,
        lane: String,
        action: String,
        payload: String,
        eventTime: Timestamp,
        attempts: Int
    ) {
        (self.key, self.destination, self.lane, self.action) = (key, destination, lane, action)
        (self.payload, self.eventTime, self.attempts) = (payload, eventTime, attempts)
    }
}

/// What came of one attempt.
package enum EffectOutcome: Sendable, Equatable {
    /// Performed; the destination's answer in short, without content.
    case done(answer: String)
    /// The destination says that it was already as it should be.
    case alreadyDone(answer: String)
    /// The destination gave no answer, or one that says that it is not well: again, after `after` if it named a time.
    case retry(reason: String, after: Duration?)
    /// The destination is well, but takes no more of this action for now.
    case limited(reason: String, after: Duration?)
    /// The destination is well, but lacks what this effect needs; it may come.
    case early(reason: String)
    /// Never: the destination refuses this effect.
    case refused(reason: String)
    /// Our key or settings are wrong, so that every effect would fail: the destination stops until it is mended.
    case misconfigured(reason: String)
    /// The destination was not asked, so this says nothing of it.
    case unsent(Unsent)

    package enum Unsent: Sendable, Equatable {
        /// There is nothing to send any more.
        case needless(answer: String)
        /// It cannot be made up into something to send.
        case impossible(reason: String)
        /// What it takes on our side is out of reach.
        case postponed(reason: String, after: Duration)
    }
}
