import Chat
import History

extension EventEffectSettings.Bridge {
    /// One effect for each event of the wanted types that came by webhook and may be kept.
    ///
    /// One for what is too old as well, which is written as stale: at the cost of any other, and only out of a queue that
    /// has waited for longer than that.
    func effects(of batch: BatchFold) -> [Effect] {
        batch.events.compactMap { logged in
            let received = logged.received
            guard logged.keepsBody, !received.signature.isEmpty, types?.contains(received.type.rawValue) ?? true else {
                return nil
            }
            return effect(of: received)
        }
    }

    private func effect(of received: ReceivedEvent) -> Effect {
        let id = received.id.description
        var order = NotificationOrder(.event, to: .destination)
        order.eventID = id
        return Effect(
            key: .init(entity: "event/\(id)", version: "1", cause: "bridge", action: destination.description),
            destination: destination,
            lane: received.cid ?? received.mentionedUserIDs.first ?? received.type.rawValue,
            action: order.kind.action,
            payload: order.payload,
            cause: .init(.event, id),
            eventTime: received.time,
            maximumAge: maximumAge
        )
    }
}
