import Chat
package import History
package import MongoDB
package import Outbox
import Provider

/// What becomes of messages that wait at the provider: those that the rules refuse are removed, the others let through.
package struct PendingMessages: EffectSource {
    private let ownUserID: String
    private let outbox: OutboxWriter

    /// - Parameter ownUserID: under whose name messages are removed.
    package init(ownUserID: String, outbox: OutboxWriter) { (self.ownUserID, self.outbox) = (ownUserID, outbox) }

    package func outboxWrites(of batch: BatchFold) -> [MongoUpdate] {
        outbox.writes(batch.events.compactMap { effect(of: $0.received, batch.judgement) })
    }

    private func effect(of event: ReceivedEvent, _ judgement: Judgement) -> Effect? {
        guard case .pending(let id) = event.hook, let cid = event.cid else { return nil }
        let isRefused = judgement.refusedPending.contains(id)
        let call: ProviderCall =
            isRefused
            // The provider refuses to delete it softly.
            ? .deleteMessage(.init(cid: cid, id: id, isHard: true, by: ownUserID))
            : .commitMessage(.init(cid: cid, id: id, by: ownUserID))
        return Effect(
            // One outcome a message, however often it is told of.
            key: Effect.EffectKey(entity: id, version: "pending", cause: "pending", action: "pass"),
            destination: .provider,
            lane: call.lane,
            action: call.name,
            payload: call.json,
            cause: .init(.event, event.id.description),
            eventTime: event.time
        )
    }
}
