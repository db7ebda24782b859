import Blocking
import Chat
import History
import MongoDB
package import Notifications
package import Outbox

/// Performs effects by notifying: composes what a ``NotificationOrder`` asks for as things stand now, and hands it to a
/// channel.
///
/// A repetition has the same id, by which a webhook's receiver and a mail reader know it; for Slack there is none.
package struct NotificationPerformer: EffectPerformer {
    /// What a channel needs to know of its recipient.
    package enum Audience: Sendable {
        /// One person, by address: the person's wishes and share count.
        case mailbox
        /// A service that reaches one person by id: the person's wishes and share count.
        case service
        /// Whoever reads there.
        case room
    }

    private let channel: any NotificationChannel
    private let audience: Audience
    private let desk: NotificationDesk

    package init(_ channel: any NotificationChannel, audience: Audience, desk: NotificationDesk) {
        (self.channel, self.audience, self.desk) = (channel, audience, desk)
    }

    package func perform(_ effects: [PendingEffect]) async -> [EffectOutcome] {
        var outcomes: [EffectOutcome] = []
        for effect in effects { outcomes.append(await perform(effect)) }
        return outcomes
    }

    private func perform(_ effect: PendingEffect) async -> EffectOutcome {
        switch await desk.compose(effect, for: audience) {
        case .send(let notification): EffectOutcome(await channel.deliver(notification))
        case .over(let outcome): outcome
        }
    }
}

extension EffectOutcome {
    init(_ outcome: DeliveryOutcome) {
        switch outcome {
        case .delivered(let answer): self = .done(answer: answer)
        case .retry(let failure, let wait):
            self =
                failure.isLimit
                ? .limited(reason: failure.sentence, after: wait) : .retry(reason: failure.sentence, after: wait)
        case .giveUp(let failure): self = .refused(reason: failure.sentence)
        case .misconfigured(let failure): self = .misconfigured(reason: failure.sentence)
        }
    }
}

extension DeliveryFailure {
    fileprivate var sentence: String {
        let text = code.map { "\($0): \(reason)" } ?? reason
        return mayHaveBeenDelivered ? "\(text); it may have been delivered" : text
    }
}
