import Chat
import History

extension EventEffectSettings.Bridge {
    /// One effect for each event of the wanted types that came by webhook, is young enough and may be kept.
    ///
    /// What is too old is not even written down: the log holds it.
    func effects(of batch: BatchFold, _ maximumAge: Duration, at now: Timestamp) -> [Effect] {
        batch.events.compactMap { logged in
            let received = logged.received
            guard logged.keepsBody, !received.signature.isEmpty, types?.contains(received.type.rawValue) ?? true else {
                return nil
            }
            let effect = effect(of: received, maximumAge)
            return effect.isStale(at: now) ? nil : effect
        }
    }

    private func effect(of received: ReceivedEvent, _ maximumAge: Duration) -> Effect {
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
